import type { FinalStatus, PastRun } from "../domain/mod.ts";

/** The state of the attempt that a run of another system becomes. */
export function finalStatusOf({ execution }: PastRun): FinalStatus {
  switch (execution) {
    case "SUCCESS":
      return "COMPLETED";
    case "FAILURE":
    case "ERROR":
      return "FAILED";
    case "TIMEOUT":
      return "TIMEOUT";
  }
}

/** From the claim to the end, in milliseconds; 0: the claim is not known. */
export function durationOf({ claim, completedAt }: PastRun): number {
  return claim === null ? 0 : Math.max(0, completedAt - claim.at);
}

/** How many bytes the output has. */
export function logBytesOf({ output }: PastRun): number {
  const encoder = new TextEncoder();
  return output.reduce((bytes, { data }) => bytes + encoder.encode(data).length, 0);
}
