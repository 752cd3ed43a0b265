import { createDefine, type Define } from "fresh";
import type { EpochMs } from "@jobtrigger/shared/domain";
import type { Actor } from "./server/access/actor.ts";
import type { Portal } from "./server/portal.ts";

/** How the pages look: as the system says, or one of the two always. */
export type Theme = "system" | "light" | "dark";

/** Against what times are shown. */
export interface View {
  readonly now: EpochMs;
  /** IANA zone. */
  readonly zone: string;
}

/** What every route finds in `ctx.state`; set by the outermost middleware. */
export interface State {
  portal: Portal;
  /** Names this request in the log and on error pages. */
  requestId: string;
  /** Who sends it; null: nobody who is signed in. */
  actor: Actor | null;
  view: View;
  theme: Theme;
  /** Whether single keys steer the pages. */
  hasKeys: boolean;
}

/** Fresh's helpers for this application's state. */
export const define: Define<State> = createDefine<State>();
