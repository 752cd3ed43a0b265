/**
 * History of the Reflex system: the runs that have ended there.
 *
 * Its workers wrote a row of `job_execution_logs` for each run, with the whole output in one text; in later versions there is a row
 * of `job_dispatch` as well, and the time of the log is the time of that row's claim. Both together become one run, each alone
 * becomes one, too. Runs that had not ended stay behind.
 *
 * @module
 */
import { type EpochMs, epochMs, type ExecutionStatus, type PastRun } from "../domain/mod.ts";

/** A row of the old `job_execution_logs`. */
export interface ReflexLog {
  /** Its id there. */
  readonly id: number;
  /** When the run began, or ended. */
  readonly runTime: EpochMs;
  /** `SUCCESS`, `FAILURE`, `ERROR` or `TIMEOUT`; lower case in the oldest versions. */
  readonly status: string;
}

/** A row of the old `job_dispatch`. */
export interface ReflexDispatch {
  /** Its id there. */
  readonly id: number;
  /** When it was due or asked for. */
  readonly createdAt: EpochMs;
  /** When a worker claimed it. */
  readonly claimedAt: EpochMs | null;
  /** When it ended. */
  readonly completedAt: EpochMs | null;
  /** `PENDING`, `IN_PROGRESS`, `COMPLETED`, `FAILED` or `TIMEOUT`. */
  readonly status: string;
  /** The worker that claimed it. */
  readonly workerId: string | null;
  /** The beginning of the output of a run that failed. */
  readonly errorMessage: string | null;
}

/** A run to take over, before its output is read: the outputs of a job may not fit into memory together. */
export interface PlannedRun {
  /** Without output and exit code. */
  readonly run: PastRun;
  /** The row of `job_execution_logs` with its output; null: it has none. */
  readonly logId: number | null;
}

/** What becomes of the rows of one job. */
export interface PlannedRuns {
  /** Runs to take over, oldest first. */
  readonly runs: readonly PlannedRun[];
  /** How many rows had not ended, or ended in a state that no version of the old system wrote. */
  readonly left: number;
}

/** Largest chunk of output, in UTF-16 code units. */
const CHUNK = 16_384;

const ENDS: Readonly<Record<string, PastRun["execution"]>> = {
  SUCCESS: "SUCCESS",
  COMPLETED: "SUCCESS",
  FAILURE: "FAILURE",
  FAILED: "FAILURE",
  ERROR: "ERROR",
  TIMEOUT: "TIMEOUT",
};

const SENTENCES: Readonly<Record<Exclude<ExecutionStatus, "CANCELLED" | "SUCCESS">, string>> = {
  FAILURE: "The script failed",
  ERROR: "The script could not be run",
  TIMEOUT: "The run was out of time, or its worker died",
};

/** The runs of one job. Each log belongs to the dispatch that was claimed at its time, if there is one. */
export function planReflexRuns(
  logs: readonly ReflexLog[],
  dispatches: readonly ReflexDispatch[],
): PlannedRuns {
  const ofClaim = Map.groupBy(
    dispatches.filter(({ claimedAt, completedAt }) => claimedAt !== null && completedAt !== null),
    ({ claimedAt }) => claimedAt,
  );
  const logged = logs.map((log) => runOf(log, ofClaim.get(log.runTime)?.shift() ?? null));
  const unlogged = [...ofClaim.values()].flat().map((dispatch) => runOf(null, dispatch));
  const others = dispatches.filter(({ claimedAt, completedAt }) => claimedAt === null || completedAt === null);
  const ended = others.filter(({ completedAt }) => completedAt !== null).map((dispatch) => runOf(null, dispatch));
  const all = [...logged, ...unlogged, ...ended];
  const runs = all.filter((planned) => planned !== null).toSorted((a, b) => a.run.scheduledFor - b.run.scheduledFor);
  return { runs: apart(runs), left: all.length - runs.length + others.length - ended.length };
}

/** One run, from its log, its dispatch or both; null: it had not ended. */
function runOf(log: ReflexLog | null, dispatch: ReflexDispatch | null): PlannedRun | null {
  const execution = ENDS[(log?.status ?? dispatch?.status ?? "").toUpperCase()];
  const completedAt = dispatch?.completedAt ?? log?.runTime;
  if (execution === undefined || completedAt === undefined) return null;
  const { workerId = null, claimedAt = null } = dispatch ?? {};
  const at = claimedAt === null ? null : epochMs(Math.min(claimedAt, completedAt));
  const run: PastRun = {
    key: log === null ? `reflex-dispatch/${dispatch?.id}` : `reflex-log/${log.id}`,
    scheduledFor: epochMs(Math.min(dispatch?.createdAt ?? completedAt, completedAt)),
    claim: workerId === null || workerId === "" || at === null ? null : { workerId, at },
    completedAt,
    execution,
    exitCode: execution === "SUCCESS" ? 0 : null,
    errorMessage: execution === "SUCCESS" ? null : sentenceOf(execution, null),
    output: [],
  };
  return { run, logId: log?.id ?? null };
}

/** A run with the text that the old worker kept of it. */
export function withReflexOutput(run: PastRun, text: string): PastRun {
  const { output, exitCode } = readOutput(text);
  const { execution } = run;
  if (execution === "SUCCESS") return { ...run, output };
  return { ...run, output, exitCode, errorMessage: sentenceOf(execution, exitCode) };
}

function sentenceOf(execution: Exclude<PastRun["execution"], "SUCCESS">, exitCode: number | null): string {
  return execution === "FAILURE" && exitCode !== null
    ? `The script ended with exit code ${exitCode}`
    : SENTENCES[execution];
}

/** The old worker wrote both streams and the exit code into one text; what has another form is output as it is. */
function readOutput(text: string): Pick<PastRun, "output" | "exitCode"> {
  const match = /^STDOUT:\n([^]*)\n\nSTDERR:\n([^]*?)(?:\n\nExit Code: (-?\d+))?$/.exec(text);
  if (match === null) return { output: chunksOf("stdout", text), exitCode: null };
  const [, stdout = "", stderr = "", code] = match;
  const exitCode = Number(code ?? NaN);
  return {
    output: [...chunksOf("stdout", stdout), ...chunksOf("stderr", stderr)],
    exitCode: Number.isInteger(exitCode) && exitCode >= 0 ? exitCode : null,
  };
}

function chunksOf(stream: "stdout" | "stderr", text: string): PastRun["output"] {
  const clean = text.toWellFormed().replaceAll("\0", "\uFFFD");
  const chunks: { readonly stream: typeof stream; readonly data: string }[] = [];
  for (let from = 0; from < clean.length;) {
    const isSplit = /[\uD800-\uDBFF]/.test(clean.charAt(from + CHUNK - 1));
    const until = from + CHUNK - (isSplit ? 1 : 0);
    chunks.push({ stream, data: clean.slice(from, until) });
    from = until;
  }
  return chunks;
}

/** The same runs, each at a time of its own: two of one millisecond stand one after the other. */
function apart(runs: readonly PlannedRun[]): readonly PlannedRun[] {
  let last = -Infinity;
  return runs.map(({ run, logId }) => {
    last = Math.max(run.scheduledFor, last + 1);
    return { run: { ...run, scheduledFor: epochMs(last) }, logId };
  });
}
