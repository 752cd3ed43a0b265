/**
 * One claimed attempt, from the claim to its end in the database.
 *
 * The script runs on while the database cannot be reached. Failed writes are repeated until they succeed, the
 * lease is lost or the worker ends. When the lease is lost, the script is killed and nothing more is written.
 *
 * @module
 */
import { type Cancel, cancelSentence, type EpochMs, epochMs, StoreUnavailable } from "@jobtrigger/shared/domain";
import { decideRetry } from "@jobtrigger/shared/policy";
import type { Claim, ClaimRef, End, Outcome, Output } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";
import type { WorkerConfig } from "@jobtrigger/shared/config";
import type { LoopContext } from "../loop.ts";
import { AttemptTrace } from "../tracing.ts";
import type { Batch } from "./batch.ts";
import { type ExecutionResult, notStarted, type OutputChunk, StopControl } from "./execute/mod.ts";
import type { Executor } from "./executor.ts";
import { LogWriter } from "./log_writer.ts";
import { outcomeOf } from "./outcome.ts";
import type { StartNotes } from "./start_notes.ts";

/** Pause between tries to write about an attempt while the database does not answer. */
const WRITE_AGAIN_MS = 1000;

/**
 * The line between the output of a released claim and of the next one; it begins with a line break because the former
 * output may have stopped within a line.
 */
const BEGUN_ANEW = "\n… the worker released this run: from here on it runs again from the beginning …\n";

/** What running an attempt needs. */
export interface AttemptContext extends LoopContext {
  readonly config: WorkerConfig;
  readonly executor: Executor;
  /** The database's time, for scripts. */
  readonly scriptClock: Clock;
}

/** What the log says of a run. */
interface Facts extends Readonly<Record<string, unknown>> {
  readonly run: number;
  readonly job: number;
  readonly correlationId: string;
}

/** Writes about attempts, in batches that all attempts share. */
export interface Reports {
  readonly starts: StartNotes;
  readonly outputs: Batch<Output>;
  readonly ends: Batch<End>;
  readonly releases: Batch<ClaimRef>;
}

/** A claimed attempt that is being run. */
export class Attempt {
  readonly claim: Claim;
  /** Resolves when the attempt needs no more work; rejects only on a defect. */
  readonly ended: Promise<void>;
  /** End of the lease, as far as this worker knows. */
  leaseUntil: number;
  readonly #context: AttemptContext;
  readonly #reports: Reports;
  readonly #onScriptEnd: (durationMs: number) => void;
  readonly #stop = new StopControl();
  /** Made with the first output: many scripts write none. */
  #log: LogWriter | null = null;
  /** Ends the pause between two tries. Made at the first failed write: most attempts have none. */
  #waiting: AbortController | null = null;
  #cancel: Cancel | null = null;
  #isLost = false;
  #isReporting = false;
  #isLastTry = false;

  /** Calls `onScriptEnd` once, when the script has ended and only the report is left to write. */
  constructor(
    claim: Claim,
    { context, reports, onScriptEnd }: {
      readonly context: AttemptContext;
      readonly reports: Reports;
      readonly onScriptEnd: (durationMs: number) => void;
    },
  ) {
    this.claim = claim;
    this.leaseUntil = claim.leaseUntil;
    this.#context = context;
    this.#reports = reports;
    this.#onScriptEnd = onScriptEnd;
    this.ended = this.#run();
  }

  /** Ends the script because the run was cancelled. A second call changes nothing. */
  cancel(cancel: Cancel): void {
    if (this.#cancel === null) {
      const reason = cancelSentence(cancel);
      this.#context.log.info("The script of run {run} of job {job} is stopped: {reason}", { ...this.#facts, reason });
    }
    this.#cancel = cancel;
    this.#stop.stop("cancel");
  }

  /** Ends the script and releases the run; at once, or after the usual grace. */
  release({ atOnce }: { readonly atOnce: boolean }): void {
    this.#stop.stop("drain", atOnce ? { graceMs: 0 } : {});
  }

  /** Another worker has the run: kills the script and writes nothing more. */
  lose(): void {
    this.#stop.stop("lost");
    this.#isLost = true;
    this.#waiting?.abort();
  }

  /**
   * The database does not show the attempt as this worker's. While the end is being reported, the report itself may
   * be the cause, if its answer was lost; then the next try decides.
   */
  onLeaseLost(): void {
    if (!this.#isReporting) this.lose();
  }

  /** The worker ends: it repeats no failed write, and the run stays as it is. */
  tryNoMore(): void {
    this.#isLastTry = true;
    this.#waiting?.abort();
  }

  get #facts(): Facts {
    const { dispatchId: run, jobId: job, correlationId } = this.claim;
    return { run, job, correlationId };
  }

  async #run(): Promise<void> {
    const { claim } = this;
    const { databaseClock, config } = this.#context;
    const facts = this.#facts;
    const timeoutMs = claim.timeoutSeconds === null ? config.jobTimeoutMs : claim.timeoutSeconds * 1000;
    const startedAt = databaseClock.estimate();
    const trace = new AttemptTrace(claim, startedAt);
    // The lease may have expired meanwhile; do not start the script of a run that another worker may have.
    const result = startedAt >= this.leaseUntil ? null : await this.#script(startedAt, timeoutMs, { facts, trace });
    trace.endScript(databaseClock.estimate());
    this.#onScriptEnd(result?.durationMs ?? 0);
    const ended = await this.#report(result, { facts, startedAt, timeoutMs });
    trace.end(databaseClock.estimate(), ended);
  }

  /** Reports what became of the script; answers the end that was written, null where the run was released or lost. */
  async #report(
    result: ExecutionResult | null,
    { facts, startedAt, timeoutMs }: {
      readonly facts: Facts;
      readonly startedAt: EpochMs;
      readonly timeoutMs: number;
    },
  ): Promise<Outcome | null> {
    const { claim } = this;
    const { log } = this.#context;
    if (result === null) return this.#reportLost(facts);
    if (result.kind === "stopped" && result.reason === "drain") {
      if (!await this.#written(() => this.#reports.releases.add(claim))) return this.#reportLost(facts);
      log.info("Released run {run} of job {job}", facts);
      return null;
    }
    const outcome = outcomeOf(result, timeoutMs);
    this.#isReporting = true;
    if (outcome === null || !await this.#written(this.#endOf(outcome, startedAt))) return this.#reportLost(facts);
    log.info("Run {run} of job {job} ended: {status}", {
      ...facts,
      status: outcome.status,
      error: outcome.errorMessage,
    });
    return outcome;
  }

  /** Runs the script. A failure to run is a result too. */
  async #script(
    startedAt: EpochMs,
    timeoutMs: number,
    { facts, trace }: { readonly facts: Facts; readonly trace: AttemptTrace },
  ): Promise<ExecutionResult> {
    const { claim } = this;
    const { dispatchId, epoch, scriptPath, nextLogSeq, damage } = claim;
    const { databaseClock, scriptClock, executor, log } = this.#context;
    if (damage !== null) {
      log.error("Run {run} of job {job} cannot run: {reason}", { ...facts, reason: damage });
      return notStarted(damage, startedAt);
    }
    log.info("Run {run} of job {job} starts: {script}", { ...facts, script: scriptPath });
    this.#reports.starts.begin({ dispatchId, epoch, startedAt, timeoutAt: epochMs(startedAt + timeoutMs) });
    try {
      // An earlier claim wrote output and was released: keep that output and mark where the script starts again.
      if (nextLogSeq > 0) await this.#write({ stream: "system", at: scriptClock.now(), data: BEGUN_ANEW });
      const onOutput = (chunk: OutputChunk) => this.#write(chunk);
      const traceparent = trace.beginScript(scriptPath, startedAt);
      const hooks = { onOutput, clock: scriptClock, stop: this.#stop };
      const result = await executor(claim, { timeoutMs, traceparent, ...hooks });
      if (this.#log !== null) await this.#log.close();
      return result;
    } catch (error) {
      log.error("Run {run} of job {job} failed in the worker itself: {error}", { ...facts, error });
      return notStarted("The worker could not run the script: see its log", databaseClock.estimate());
    } finally {
      this.#reports.starts.end(claim);
    }
  }

  #write(chunk: OutputChunk): void | Promise<void> {
    const { dispatchId, epoch, nextLogSeq } = this.claim;
    this.#log ??= new LogWriter({
      append: (chunks) => this.#written(() => this.#reports.outputs.add({ dispatchId, epoch, chunks })),
      firstSeq: nextLogSeq,
      clock: this.#context.clock,
    });
    return this.#log.write(chunk);
  }

  /** Reports the end. Every try sends the same report, so the database recognises a repeat. */
  #endOf(outcome: Outcome, startedAt: EpochMs): () => Promise<boolean> {
    const { databaseClock, config } = this.#context;
    const { dispatchId, epoch, jobId, scheduledFor, retryCount, retry } = this.claim;
    const endedAt = databaseClock.estimate();
    const { execution } = outcome;
    const retryAt = decideRetry({ jobId, scheduledFor, retryCount, retry, execution, endedAt }, config.maxRetries);
    return () => this.#reports.ends.add({ dispatchId, epoch, outcome, startedAt, endedAt, retryAt });
  }

  /** Repeats a write until the database answers. False: the lease is lost, or the worker ends without an answer. */
  async #written(write: () => Promise<boolean>): Promise<boolean> {
    while (!this.#isLost) {
      try {
        const isOurs = await write();
        if (!isOurs) this.lose();
        return isOurs;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        this.#waiting ??= new AbortController();
        if (!this.#isLastTry) await this.#context.clock.sleep(WRITE_AGAIN_MS, this.#waiting.signal);
        if (this.#isLastTry) this.lose();
      }
    }
    return false;
  }

  #reportLost(facts: Facts): null {
    this.#context.log.warn(
      this.#isLastTry
        ? "The end of run {run} of job {job} could not be written: a scheduler ends the run when its lease is over"
        : "Lost the lease of run {run} of job {job}: its script was ended, nothing was written",
      facts,
    );
    return null;
  }
}
