/**
 * Reads the tables after each call of the store and checks the invariants of `docs/architecture.md`.
 *
 * @module
 */
import { dispatchId, type EpochMs, type JobId, jobId } from "../../shared/domain/mod.ts";
import type { ClaimRef, Topic } from "../../shared/store/mod.ts";
import { CLOCKS_DIFFER_MS } from "../../shared/store/store.ts";
import type { Call } from "./chaotic_store.ts";
import type { Machine } from "./machine.ts";
import { Occurrences } from "./occurrences.ts";
import { CONSUMER } from "./consumer.ts";
import { failingComplaints } from "./failing.ts";
import { Outbox } from "./outbox.ts";
import { outcomeComplaints } from "./outcomes.ts";
import type { Performance, Scripts } from "./scripts.ts";
import { tallyComplaints } from "./tallies.ts";
import type { Timeline } from "./timeline.ts";
import { type Complaint, complaintsAbout } from "./transitions.ts";
import type { AttemptRow, Witness } from "./witness.ts";

/** How long services without faults may take to notice and act, in milliseconds. */
export interface Patience {
  /** From one pass of a scheduler to the next: from the end of a lease to the rescue. */
  readonly passMs: number;
  /** From the last fault of a scheduler to its next complete pass. */
  readonly rescueMs: number;
  /** From the loss of a lease to the end of the script. */
  readonly loseMs: number;
  readonly timeoutThresholdMs: number;
  readonly maxRetries: number;
}

/** A writing call under way. */
export interface Watch {
  readonly call: Call;
  /** The claims it names that were held at its beginning; null before that. */
  held: readonly ClaimRef[] | null;
}

/** An invariant does not hold. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** The calls that may change jobs. */
const OF_JOBS = /^(jobs\.|scheduling\.(dispatchDue|heal))/;

/**
 * Whether a call came so late that it may have removed what the ledger rightly held after the call's own `now`, whose events remain: a
 * change of a job removes all of that, a healing what is further ahead than clocks differ.
 */
function forgetsLate({ name, now }: Call, executedAt: EpochMs): boolean {
  if (now === null) return false;
  if (name.startsWith("jobs.")) return executedAt > now;
  return name === "scheduling.heal" && executedAt > now + CLOCKS_DIFFER_MS;
}

/** The referee of one simulation. */
export class Referee {
  /** Checks the consumers' events. */
  readonly outbox: Outbox = new Outbox();
  readonly #timeline: Timeline;
  readonly #witness: Witness;
  readonly #scripts: Scripts;
  readonly #patience: Patience;
  readonly #occurrences = new Occurrences();
  readonly #attempts = new Map<number, AttemptRow>();
  readonly #unfinished = new Set<number>();
  /** When claims ended that their worker did not report, by `id epoch`. */
  readonly #takenAt = new Map<string, number>();
  /** When the lease of an attempt was last written. */
  readonly #leasedAt = new Map<number, number>();
  readonly #keys = new Map<string, number>();
  #lastId = 0;
  #lastEpoch = 0;
  /** Whether anything was committed since the jobs were last read. */
  #mayJobsDiffer = true;
  /** Whether a late healing, or a late change of a job, may have removed correct ledger entries. */
  #hasForgottenLate = false;

  constructor(
    { timeline, witness, scripts, patience }: {
      readonly timeline: Timeline;
      readonly witness: Witness;
      readonly scripts: Scripts;
      readonly patience: Patience;
    },
  ) {
    this.#timeline = timeline;
    this.#witness = witness;
    this.#scripts = scripts;
    this.#patience = patience;
  }

  /** The unfinished attempts after the last call. */
  get unfinished(): readonly AttemptRow[] {
    return [...this.#unfinished].flatMap((id) => this.#attempts.get(id) ?? []);
  }

  /** Checks the changes by these calls since the last check. Answers the topics that changed. @throws {Violation} */
  async look(watches: readonly Watch[]): Promise<readonly Topic[]> {
    const topics = new Set<Topic>();
    const complaints: Complaint[] = [];
    for (const watch of watches) watch.held ??= watch.call.refs.filter((ref) => this.#isHeld(ref));
    this.#hasForgottenLate ||= watches.some(({ call }) => forgetsLate(call, this.#timeline.now));
    const hasNews = this.#witness.hasNews();
    this.#mayJobsDiffer ||= hasNews;
    const ofJobs = watches.map(({ call }) => call.name).filter((name) => OF_JOBS.test(name));
    if (ofJobs.length > 0) {
      if (this.#mayJobsDiffer) this.#occurrences.see(await this.#witness.jobs());
      this.#mayJobsDiffer = false;
      if (ofJobs.some((name) => name.startsWith("jobs."))) topics.add("schedule");
    }
    const named = watches.flatMap(({ call }) => call.refs.map(({ dispatchId }) => dispatchId));
    const rows = hasNews
      ? await this.#witness.attempts([...this.#unfinished, ...named], this.#lastId - this.#witness.idsToCome)
      : [];
    if (hasNews && watches.some(({ call }) => call.name === "scheduling.heal")) {
      complaints.push(...this.#forget(rows, watches.map(({ call }) => call)));
    }
    for (const row of rows) {
      const before = this.#attempts.get(row.id) ?? null;
      if (before === row) continue;
      const suspects = watches.map(({ call }) => {
        const beside = watches.map((watch) => watch.call).filter((other) => other !== call);
        const facts = { call, beside, lastEpoch: this.#lastEpoch, limits: this.#patience };
        return { call, complaints: complaintsAbout(before, row, facts) };
      });
      const [culprit] = suspects.toSorted((a, b) => a.complaints.length - b.complaints.length);
      complaints.push(...culprit?.complaints ?? []);
      this.#remember(before, row, culprit?.call.name);
      if (row.status === "PENDING") topics.add("queue");
      if (row.cancel_requested_at !== null && row.status === "IN_PROGRESS") topics.add("cancel");
    }
    this.#lastEpoch = Math.max(this.#lastEpoch, ...rows.map((row) => row.lease_epoch ?? 0));
    judge(complaints);
    return [...topics];
  }

  /**
   * Checks the `answer` to a write about claims, which names those that the worker does not hold. Of these, only its own
   * earlier report may stand. @throws {Violation}
   */
  answered({ call, held }: Watch, answer: unknown): void {
    const lost = lostOf(answer);
    if (lost === null) return;
    judge(call.refs.flatMap((ref) => {
      const { dispatchId, epoch } = ref;
      const isReported = call.name === "queue.finish" && this.#attempts.get(dispatchId)?.reported_epoch === epoch;
      const isOurs = held?.includes(ref) === true || isReported;
      if (lost.includes(dispatchId) !== isOurs) return [];
      return [`${call.name} answered the wrong thing about run ${dispatchId} and epoch ${epoch}`];
    }));
  }

  /** Checks that each answer to a manual run with `key` names the same run. @throws {Violation} */
  manualRun(job: JobId, key: string, id: number): void {
    const name = `${job} ${key}`;
    const first = this.#keys.get(name) ?? id;
    this.#keys.set(name, first);
    judge(first === id ? [] : [`The key ${key} of job ${job} made both run ${first} and run ${id}`]);
  }

  /** Checks the invariants of every moment: no expired claim is held, and no script runs without its claim. @throws {Violation} */
  atRest(schedulers: readonly Machine[]): void {
    const { now, databaseNow } = this.#timeline;
    const { passMs, rescueMs, loseMs } = this.#patience;
    const complaints: Complaint[] = [];
    const isWatched = schedulers.some(({ wellSince }) => wellSince !== null && now - wellSince > rescueMs);
    for (const row of this.unfinished) {
      // The lease of a claim that was delayed for longer than a lease has expired from the start.
      const leaseUntil = (row.lease_until ?? databaseNow) - databaseNow + now;
      const ms = now - Math.max(leaseUntil, this.#leasedAt.get(row.id) ?? 0);
      if (isWatched && ms > passMs) complaints.push(`Run ${row.id} is IN_PROGRESS, its lease ended ${ms} ms ago`);
    }
    for (const { dispatchId, epoch, machine, isStopped } of this.#scripts.running) {
      const takenAt = this.#takenAt.get(`${dispatchId} ${epoch}`);
      if (takenAt === undefined || machine.wellSince === null || isStopped) continue;
      const ms = now - Math.max(takenAt, machine.wellSince);
      if (ms > loseMs) complaints.push(`${machine.name} runs run ${dispatchId}, which it lost ${ms} ms ago`);
    }
    judge(complaints);
  }

  /** Checks the whole history; `wasHealed`: a clock was ahead for a while. @throws {Violation} */
  async atEnd({ wasHealed }: { readonly wasHealed: boolean }): Promise<void> {
    const rows = await this.#witness.attempts([], 0);
    const complaints: Complaint[] = [];
    for (const row of rows) {
      const known = this.#attempts.get(row.id);
      if (known !== row) complaints.push(`Run ${row.id} has changed without a call`);
    }
    const executions = await this.#witness.executions();
    const ended = rows.filter(({ execution }) => execution !== null).length;
    if (executions !== ended) complaints.push(`There are ${executions} rows of executions for ${ended} ended attempts`);
    const dispatched = Map.groupBy(rows.filter(({ trigger }) => trigger === "schedule"), (row) => jobId(row.job_id));
    const times = new Map([...dispatched].map(([id, firsts]) => [id, firsts.map((row) => row.scheduled_for)]));
    const ledger = await this.#witness.ledger();
    complaints.push(...this.#occurrences.complaints(times, ledger));
    const [events, position] = [await this.#witness.events(), await this.#witness.position(CONSUMER)];
    const isCut = wasHealed || this.#hasForgottenLate;
    complaints.push(...this.outbox.complaints({ attempts: rows, ledger, events, position, wasHealed: isCut }));
    complaints.push(...tallyComplaints(await this.#witness.tallies(), events));
    complaints.push(...failingComplaints(await this.#witness.failing(), events));
    const [jobs, chunks] = [await this.#witness.jobs(), await this.#witness.chunks()];
    const { maxRetries } = this.#patience;
    complaints.push(...outcomeComplaints({ attempts: rows, jobs, chunks, scripts: this.#scripts.all, maxRetries }));
    judge(complaints);
  }

  /** Forgets unfinished runs that were deleted. Only healing deletes any: those that waited for a time yet to come. */
  #forget(rows: readonly AttemptRow[], calls: readonly Call[]): readonly Complaint[] {
    const there = new Set(rows.map(({ id }) => id));
    const healedAt = Math.min(
      ...calls.flatMap(({ name, now }) => name === "scheduling.heal" && now !== null ? [now] : []),
    );
    return this.unfinished.filter(({ id }) => !there.has(id)).flatMap((row) => {
      this.#attempts.delete(row.id);
      this.#unfinished.delete(row.id);
      const isAhead = row.status === "PENDING" && row.trigger === "schedule" && row.scheduled_for > healedAt;
      return isAhead ? [] : [`scheduling.heal took away run ${row.id}, which was ${row.status}`];
    });
  }

  #isHeld({ dispatchId, epoch }: ClaimRef): boolean {
    return this.#attempts.get(dispatchId)?.lease_epoch === epoch;
  }

  #remember(before: AttemptRow | null, row: AttemptRow, by: string | undefined): void {
    this.#attempts.set(row.id, row);
    if (row.lease_until !== before?.lease_until) this.#leasedAt.set(row.id, this.#timeline.now);
    this.#lastId = Math.max(this.#lastId, row.id);
    if (row.status === "PENDING" || row.status === "IN_PROGRESS") this.#unfinished.add(row.id);
    else this.#unfinished.delete(row.id);
    const epoch = before?.lease_epoch ?? null;
    if (epoch === null || row.lease_epoch === epoch || by === "queue.finish") return;
    this.#takenAt.set(nameOf({ dispatchId: dispatchId(row.id), epoch }), this.#timeline.now);
  }
}

function nameOf({ dispatchId, epoch }: Pick<Performance, "dispatchId" | "epoch">): string {
  return `${dispatchId} ${epoch}`;
}

/** The claims that an answer names as lost; null: the call is not about claims. */
function lostOf(answer: unknown): readonly unknown[] | null {
  const lost: unknown = typeof answer === "object" && answer !== null && "lost" in answer ? answer.lost : answer;
  return Array.isArray(lost) ? lost : null;
}

function judge(complaints: readonly Complaint[]): void {
  if (complaints.length > 0) throw new Violation(complaints.join("\n"));
}
