import type { Dispatch } from "@jobtrigger/shared/domain";

/** The sign before the title of a tab, by how a run stands. */
const SIGNS: Readonly<Record<Dispatch["state"]["status"], string>> = {
  PENDING: "…",
  IN_PROGRESS: "▶",
  COMPLETED: "✓",
  FAILED: "✗",
  TIMEOUT: "✗",
  CANCELLED: "■",
};

/** The title of a run's page: `▶ Backup #12 · Job Trigger Portal`. */
export function runTitle({ id, jobName, state }: Dispatch): string {
  return `${SIGNS[state.status]} ${jobName} #${id} · Job Trigger Portal`;
}
