import { StoreUnavailable } from "@jobtrigger/shared/domain";
import type { Presence } from "@jobtrigger/shared/store";
import type { Supervisor } from "@jobtrigger/shared/systemd";
import type { Portal } from "./portal.ts";

/** How long to wait while the database does not answer, in milliseconds. */
const AGAIN_MS = 1000;

/** Reports the portal's presence until it stops, then removes it. An outage of the database ends nothing; `supervisor` hears each turn. */
export async function keepPresent(
  { databaseClock, clock, stopping }: Pick<Portal, "databaseClock" | "clock" | "stopping">,
  presence: Presence,
  supervisor: Pick<Supervisor, "alive">,
): Promise<void> {
  while (!stopping.aborted) {
    supervisor.alive();
    await clock.sleep(await report(), stopping);
  }
  await presence.retire();

  /** Answers how long to wait until the next report, in milliseconds. */
  async function report(): Promise<number> {
    try {
      const now = await databaseClock.now();
      return await presence.report(now) - now;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return AGAIN_MS;
    }
  }
}
