import type { SchedulerConfig } from "@jobtrigger/shared/config";
import type { Presence } from "@jobtrigger/shared/store";
import type { LoopContext } from "../loop.ts";

/** What a scheduler works with. */
export interface SchedulerContext extends LoopContext {
  readonly config: SchedulerConfig;
  readonly presence: Presence;
}
