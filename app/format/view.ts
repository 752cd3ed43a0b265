import type { EpochMs } from "@jobtrigger/shared/domain";

/** How the pages look: as the system says, or one of the two always. */
export type Theme = "system" | "light" | "dark";

/** What times are shown against. */
export interface View {
  /** The database's time. */
  readonly now: EpochMs;
  /** IANA zone. */
  readonly zone: string;
}
