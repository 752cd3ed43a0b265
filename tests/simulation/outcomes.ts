/**
 * Checks invariants 3, 5, 7 and 8 of a complete history: compares attempts, retries, output and keys with each other and with
 * the scripts.
 *
 * @module
 */
import { MOST_LOSSES } from "../../shared/policy/mod.ts";
import type { ExecutionResult } from "../../services/worker/execute/mod.ts";
import type { Performance } from "./scripts.ts";
import type { Complaint } from "./transitions.ts";
import type { AttemptRow, ChunkRow, JobRow } from "./witness.ts";

/** A whole history. */
export interface History {
  readonly attempts: readonly AttemptRow[];
  readonly jobs: readonly JobRow[];
  readonly chunks: readonly ChunkRow[];
  readonly scripts: readonly Performance[];
  /** Retries of a job without its own number. */
  readonly maxRetries: number;
}

/** The errors in a history. */
export function outcomeComplaints(history: History): readonly Complaint[] {
  return [
    ...keyComplaints(history),
    ...retryComplaints(history),
    ...reportComplaints(history),
    ...logComplaints(history),
  ];
}

function keyComplaints({ attempts }: History): readonly Complaint[] {
  const keyed = attempts.filter((row) => row.idempotency_key !== null);
  return [...Map.groupBy(keyed, (row) => `${row.job_id} ${row.idempotency_key}`)].flatMap(([key, rows]) =>
    rows.length === 1 ? [] : [`The key ${key} has ${rows.length} runs`]
  );
}

/**
 * The attempts of an occurrence count from 0 without gap. Retries follow as often as granted, until its worker is lost a second
 * time.
 */
function retryComplaints({ attempts, jobs, maxRetries }: History): readonly Complaint[] {
  const jobsById = new Map(jobs.map((job) => [Number(job.id), job]));
  return [...Map.groupBy(attempts, (row) => row.root_id)].flatMap(([root, rows]) => {
    const job = jobsById.get(rows[0]?.job_id ?? 0);
    const granted = job?.policies.retry.max ?? maxRetries;
    const complaints: Complaint[] = [];
    let losses = 0;
    for (const [index, row] of rows.entries()) {
      const isLast = index === rows.length - 1;
      // Only a scheduler that takes an attempt from its worker ends it as TIMEOUT without a report.
      const isLost = row.execution === "TIMEOUT" && row.reported_epoch === null;
      if (isLost) losses += 1;
      const isRetriable = (row.execution === "FAILURE" || row.execution === "TIMEOUT") &&
        row.cancel_requested_at === null && !(isLost && losses >= MOST_LOSSES);
      if (row.retry_count !== index) complaints.push(`Attempt ${index} of run ${root} is numbered ${row.retry_count}`);
      if (!isLast && !isRetriable) complaints.push(`Run ${row.id} was tried again in spite of ${row.execution}`);
      if (isLast && isRetriable && row.retry_count < granted && job?.isDeleted === false) {
        complaints.push(`Run ${row.id} ended as ${row.execution} and was never tried again`);
      }
    }
    if (rows.length > granted + 1) {
      complaints.push(`Run ${root} was tried ${rows.length} times, ${granted + 1} allowed`);
    }
    return complaints;
  });
}

/** Compares a worker's report with what its script did. */
function reportComplaints({ attempts, scripts }: History): readonly Complaint[] {
  const byClaim = new Map(scripts.map((script) => [`${script.dispatchId} ${script.epoch}`, script]));
  return attempts.flatMap((row) => {
    if (row.reported_epoch === null) return [];
    const script = byClaim.get(`${row.id} ${row.reported_epoch}`);
    if (script?.result == null) return [`Run ${row.id} was reported, but its script never ended`];
    const expected = executionOf(script.result);
    return expected === row.execution ? [] : [`Run ${row.id} ended as ${expected}, ${row.execution} was reported`];
  });
}

function executionOf(result: ExecutionResult): string {
  switch (result.kind) {
    case "exited":
      return result.exitCode === 0 ? "SUCCESS" : "FAILURE";
    case "signalled":
      return "FAILURE";
    case "timeout":
      return "TIMEOUT";
    case "stopped":
      return result.reason === "cancel" ? "CANCELLED" : `nothing: it was stopped because of "${result.reason}"`;
    case "error":
      return "ERROR";
  }
}

/**
 * Chunks are numbered from 0 without gap. They hold the output of each claim's script from its beginning, one claim after the
 * other, and all output of the reported one.
 */
function logComplaints({ attempts, chunks, scripts }: History): readonly Complaint[] {
  const byAttempt = Map.groupBy(chunks, ({ dispatchId }) => dispatchId);
  return attempts.flatMap((row) => {
    const own = byAttempt.get(row.id) ?? [];
    const gap = own.findIndex(({ seq }, index) => seq !== index);
    if (gap >= 0) return [`The output of run ${row.id} has a gap or a repeat at chunk ${gap}`];
    // The worker's own remarks are in between.
    let rest = own.filter(({ stream }) => stream !== "system").map(({ data }) => data).join("");
    for (const { said, epoch } of scripts.filter(({ dispatchId }) => dispatchId === row.id)) {
      const stored = said.filter((line) => rest.includes(line)).length;
      const beginning = said.slice(0, stored).join("");
      if (!rest.startsWith(beginning)) return [`The output of run ${row.id}, claim ${epoch}, is out of order: ${rest}`];
      if (epoch === row.reported_epoch && stored < said.length) {
        return [`The output of run ${row.id}, claim ${epoch}, lacks ${said.slice(stored).join("")}`];
      }
      rest = rest.slice(beginning.length);
    }
    return rest === "" ? [] : [`The output of run ${row.id} has what no script said: ${rest}`];
  });
}
