import type { EpochMs } from "@jobtrigger/shared/domain";

/** How the pages look: as the system says, or one of the two always. */
export type Theme = "system" | "light" | "dark";

/** Whose zone a person reads times in: the portal's, each job's own, UTC, or that of their browser. */
export type ZoneChoice = "portal" | "job" | "utc" | "browser";

/** What times are shown against. */
export interface View {
  /** The database's time. */
  readonly now: EpochMs;
  /** IANA zone. */
  readonly zone: string;
  /** Whose zone that is; `job`: the portal's, until the page knows its job. */
  readonly choice: ZoneChoice;
}

/** The view of what is about one job, whose zone is `timezone`. */
export function viewOfJob(view: View, timezone: string): View {
  return view.choice === "job" ? { ...view, zone: timezone } : view;
}
