import type { Outcome } from "@jobtrigger/shared/store";
import type { ExecutionEnd, ExecutionFacts } from "./execute/mod.ts";

type Verdict = Pick<Outcome, "status" | "execution" | "exitCode" | "signal" | "errorMessage">;

/**
 * The outcome of an attempt, from the end of its script. Null: nothing is written, because the run is being released
 * (`drain`) or another worker has it (`lost`).
 */
export function outcomeOf(end: ExecutionEnd & ExecutionFacts, timeoutMs: number): Outcome | null {
  const verdict = verdictOf(end, timeoutMs);
  if (verdict === null) return null;
  const { durationMs, logBytes, truncated, survivors } = end;
  const left = survivors === 0 ? null : `${survivors} of its processes could not be ended`;
  const errorMessage = [verdict.errorMessage, left].filter((part) => part !== null).join("; ") || null;
  return { ...verdict, errorMessage, durationMs, logBytes, truncated };
}

function verdictOf(end: ExecutionEnd, timeoutMs: number): Verdict | null {
  switch (end.kind) {
    case "exited":
      return end.exitCode === 0
        ? { status: "COMPLETED", execution: "SUCCESS", exitCode: 0, signal: null, errorMessage: null }
        : {
          status: "FAILED",
          execution: "FAILURE",
          exitCode: end.exitCode,
          signal: null,
          errorMessage: `The script exited with code ${end.exitCode}`,
        };
    case "signalled":
      return {
        status: "FAILED",
        execution: "FAILURE",
        exitCode: null,
        signal: end.signal,
        errorMessage: `The script was ended by ${end.signal}, which the worker did not send`,
      };
    case "timeout":
      return {
        status: "TIMEOUT",
        execution: "TIMEOUT",
        exitCode: null,
        signal: end.signal,
        errorMessage: `The script ran longer than its limit of ${timeoutMs / 1000} s and was ended with ${end.signal}`,
      };
    case "stopped":
      return end.reason !== "cancel" ? null : {
        status: "CANCELLED",
        execution: "CANCELLED",
        exitCode: null,
        signal: end.signal,
        errorMessage: null,
      };
    case "error":
      return { status: "FAILED", execution: "ERROR", exitCode: null, signal: null, errorMessage: end.message };
  }
}
