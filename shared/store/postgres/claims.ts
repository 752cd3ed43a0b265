/**
 * Claims in PostgreSQL: which waiting attempts become a worker's.
 *
 * ```text
 *   no run waits in a named queue group ─▶ one statement takes the head of the unnamed group
 *   it took nothing ─▶ look: heads of groups, taken slots ─▶ choose (pure) ─▶ take those that still wait ─▶ look again for the rest
 * ```
 *
 * Looking locks nothing. One guarded statement takes the chosen attempts. It passes over an attempt that another worker took
 * meanwhile. If another worker took a slot meanwhile, the unique index refuses the statement, which then has done nothing. Either
 * way the claim looks again.
 *
 * @module
 */
import { dispatchId, type EpochMs, epochMs, type JobId, jobId, type WorkerId } from "../../domain/mod.ts";
import { type Candidate, type Choice, chooseRuns, inClaimOrder, mayServe } from "../../policy/queue_group.ts";
import { toCandidate, toQueueGroup, toQueueGroupNames, toTakenSlots } from "../need_rows.ts";
import { type JobForClaim, toJobForClaim, withRun } from "../claim_rows.ts";
import type { Claim, ClaimRequest, QueueStore } from "../queue_store.ts";
import { type Connection, type Statement, statement } from "./connection.ts";
import { instant } from "./values.ts";

const HOLD = `
  status = 'IN_PROGRESS', worker_id = $1, lease_epoch = nextval('lease_epoch'), lease_until = $2::timestamptz,
  claimed_at = $3::timestamptz, job_revision = (SELECT j.revision FROM scheduled_jobs j WHERE j.id = d.job_id)`;

// Instants in seconds: writing and reading them as text costs several times as much.
const CLAIMED = `
  d.id, d.lease_epoch, d.job_id, d.job_revision, date_part('epoch', d.scheduled_for), d.retry_count, d.correlation_id,
  d.args, d.log_seq, d.priority, date_part('epoch', d.available_at), d.lane`;

// The ids are one array, made once: a limited subquery that is joined may be run again for each row, and then claims more
// than its limit. Indexes: job_dispatch_waiting in its order, then the primary key.
// $1: worker, $2: lease until, $3: now, $4: limit.
function claiming(condition: string): Statement {
  return statement(`
    UPDATE job_dispatch d SET ${HOLD}
    WHERE d.id = ANY(ARRAY(
      SELECT id FROM job_dispatch WHERE status = 'PENDING' AND lane = '' AND available_at <= $3::timestamptz ${condition}
      LIMIT $4 FOR UPDATE SKIP LOCKED))
    RETURNING ${CLAIMED}`);
}

// Takes nothing while a run waits in a named queue group: the first run is then to be chosen among all groups.
const CLAIM = claiming(`
  AND NOT EXISTS (SELECT 1 FROM job_dispatch WHERE status = 'PENDING' AND lane > '')
  ORDER BY priority DESC, available_at, id`);

// The same from the last claimed run on, so that the scan does not read again what earlier claims took: that stays in the index
// for as long as somebody's snapshot is older (a backup). $5, $6, $7: the last claimed.
const CLAIM_ON = claiming(
  "AND priority = $5 AND (available_at, id) >= ($6::timestamptz, $7::bigint) ORDER BY available_at, id",
);

// The named queue groups in which a run waits, each found by one step in the index from the one before. Index:
// job_dispatch_waiting.
const QUEUE_GROUPS = statement(`
  WITH RECURSIVE groups (lane) AS (
    SELECT min(lane) FROM job_dispatch WHERE status = 'PENDING' AND lane > ''
    UNION ALL
    SELECT (SELECT min(d.lane) FROM job_dispatch d WHERE d.status = 'PENDING' AND d.lane > groups.lane)
    FROM groups WHERE groups.lane IS NOT NULL
  )
  SELECT lane FROM groups WHERE lane IS NOT NULL`);

// The head of each queue group. Index: job_dispatch_waiting, in its order.
const HEADS = statement(`
  SELECT head.* FROM unnest($1::text[]) AS g (lane) CROSS JOIN LATERAL (
    SELECT id, priority, available_at, lane FROM job_dispatch
    WHERE status = 'PENDING' AND lane = g.lane AND available_at <= $2::timestamptz
    ORDER BY priority DESC, available_at, id LIMIT $3) head`);

// The runs of queue groups that their serial order lets start: those with fewer than `width` older unfinished runs of that order.
// Indexes: job_dispatch_waiting for the group; job_dispatch_waiting_by_job, job_dispatch_running for the job.
const SERIAL_HEADS = statement(`
  SELECT head.id, head.priority, head.available_at, head.lane
  FROM unnest($1::text[], $4::integer[]) AS g (lane, width) CROSS JOIN LATERAL (
    SELECT * FROM job_dispatch WHERE status = 'PENDING' AND lane = g.lane ORDER BY root_id LIMIT g.width) head
  WHERE head.available_at <= $2::timestamptz AND (
    SELECT count(*) FROM job_dispatch o
    WHERE o.job_id = head.job_id AND o.status = 'PENDING' AND o.root_id < head.root_id
      AND o.backfill_id IS NOT DISTINCT FROM head.backfill_id
  ) + (
    SELECT count(*) FROM job_dispatch o
    WHERE o.job_id = head.job_id AND o.status = 'IN_PROGRESS' AND o.root_id < head.root_id
      AND o.backfill_id IS NOT DISTINCT FROM head.backfill_id
  ) < g.width
  LIMIT $3`);

// Index: job_dispatch_places, all of it: it holds the running attempts that have a concurrency key.
const TAKEN_SLOTS = statement("SELECT place_key, place FROM job_dispatch WHERE place IS NOT NULL");

// Index: the primary key.
const TAKE = statement(`
  UPDATE job_dispatch d SET ${HOLD}, place_key = c.key, place = c.slot
  FROM unnest($4::bigint[], $5::text[], $6::integer[]) AS c (id, key, slot)
  WHERE d.id = c.id AND d.id = ANY(ARRAY(
    SELECT id FROM job_dispatch WHERE id = ANY($4::bigint[]) AND status = 'PENDING' FOR UPDATE SKIP LOCKED))
  RETURNING ${CLAIMED}`);

// Index: the primary key.
const JOBS = statement("SELECT * FROM scheduled_jobs WHERE id = ANY($1::bigint[])");

/** A claim starts from the front at least this often, to find runs that came in before the last claimed one. */
const SWEEP_EVERY_MS = 1000;

/** How often a claim looks again when other workers were quicker. Each time, one of them has claimed something. */
const MOST_LOOKS = 20;

/** Most jobs whose definitions are remembered. */
const MAX_JOBS = 10_000;

/** A row of a claim, as `CLAIMED` names its columns. */
interface Claimed extends Pick<Candidate, "id" | "priority" | "availableAt"> {
  readonly epoch: number;
  readonly jobId: JobId;
  readonly jobRevision: number;
  readonly scheduledFor: EpochMs;
  readonly retryCount: number;
  readonly correlationId: string;
  /** A JSON array. */
  readonly args: string | null;
  readonly logSeq: number;
  /** The name of its queue group. */
  readonly lane: string;
}

/** The claims of one process. */
export class Claims {
  readonly #db: Connection;
  readonly #release: QueueStore["release"];
  readonly #jobs = new Map<JobId, JobForClaim>();
  /** The last run that a claim took from the unnamed queue group; the next claim goes on there. Null: it starts from the front. */
  #mark: Claimed | null = null;
  #sweptAt = -Infinity;

  constructor(db: Connection, release: QueueStore["release"]) {
    this.#db = db;
    this.#release = release;
  }

  /** Takes what is asked for, as far as it is there: highest priority first, then longest available. */
  async take(request: ClaimRequest): Promise<readonly Claim[]> {
    const claimed: Claimed[] = [];
    try {
      for await (const some of this.#takeParts(request)) claimed.push(...some);
    } catch (error) {
      // Committed claims belong to this worker, so it must learn of them. The next claim meets the error again, unless it has passed.
      if (claimed.length === 0) throw error;
    }
    if (claimed.length === 0) return [];
    try {
      await this.#learn(claimed);
      const until = epochMs(request.now + request.leaseMs);
      return claimed.toSorted(inClaimOrder).map((row) => this.#toClaim(row, until));
    } catch (error) {
      // No claim can be answered without its job. If the database does not answer now, the next heartbeat releases them.
      const refs = claimed.map(({ id, epoch }) => ({ dispatchId: id, epoch }));
      await this.#release(refs, request.now).catch(() => {});
      throw error;
    }
  }

  /** Claims part by part; each part is committed when it comes. */
  async *#takeParts(request: ClaimRequest): AsyncGenerator<readonly Claimed[]> {
    const claimed = await this.#goOn(request);
    yield claimed;
    const limit = request.limit - claimed.length;
    if (limit > 0) yield* this.#sweep({ ...request, limit });
  }

  /** Goes on in the unnamed queue group after the last claimed run. If fewer than the limit are found, the claim sweeps. */
  async #goOn(request: ClaimRequest): Promise<readonly Claimed[]> {
    const { now, limit } = request;
    const mark = this.#mark;
    if (mark === null || now < this.#sweptAt || now - this.#sweptAt >= SWEEP_EVERY_MS) return [];
    const claimed = await this.#claim(CLAIM_ON, [
      ...holding(request),
      limit,
      mark.priority,
      instant(mark.availableAt),
      mark.id,
    ]);
    this.#mark = markAfter(claimed, limit);
    return claimed;
  }

  async *#sweep(request: ClaimRequest): AsyncGenerator<readonly Claimed[]> {
    this.#sweptAt = request.now;
    const claimed = await this.#claim(CLAIM, [...holding(request), request.limit]);
    this.#mark = markAfter(claimed, request.limit);
    yield claimed;
    if (claimed.length > 0) return;
    const groups = toQueueGroupNames(await this.#db.all(QUEUE_GROUPS)).filter((name) =>
      mayServe(toQueueGroup(name), request.tags)
    );
    yield* this.#choose(request, groups);
  }

  /** Looks, chooses and takes until nothing is left to choose, or the limit is reached. */
  async *#choose(request: ClaimRequest, groups: readonly string[]): AsyncGenerator<readonly Claimed[]> {
    let limit = request.limit;
    for (let looks = 0; looks < MOST_LOOKS && limit > 0; looks++) {
      const chosen = await this.#look({ ...request, limit }, groups);
      if (chosen.length === 0) break;
      const taken = await this.#db.arraysUnlessTaken(TAKE, [
        ...holding(request),
        chosen.map(({ id }) => id),
        chosen.map(({ key }) => key),
        chosen.map(({ slot }) => slot),
      ]);
      yield (taken ?? []).map(toClaimed);
      if (taken?.length === chosen.length) break;
      limit -= taken?.length ?? 0;
    }
  }

  async #look({ now, limit }: ClaimRequest, names: readonly string[]): Promise<readonly Choice[]> {
    const groups = names.map((name) => ({ name, width: toQueueGroup(name).serial?.width ?? null }));
    const free = ["", ...groups.filter(({ width }) => width === null).map(({ name }) => name)];
    const serial = groups.filter(({ width }) => width !== null);
    const rows = await this.#db.all(HEADS, [free, instant(now), limit]);
    const inOrder = serial.length === 0 ? [] : await this.#db.all(SERIAL_HEADS, [
      serial.map(({ name }) => name),
      instant(now),
      limit,
      serial.map(({ width }) => width),
    ]);
    const candidates = [...rows, ...inOrder].map(toCandidate);
    const hasKeys = candidates.some(({ needs }) => needs.concurrency !== null);
    return chooseRuns(candidates, {
      taken: hasKeys ? toTakenSlots(await this.#db.all(TAKEN_SLOTS)) : new Map(),
      limit,
    });
  }

  async #claim(sql: Statement, values: Parameters<Connection["arrays"]>[1]): Promise<readonly Claimed[]> {
    return (await this.#db.arrays(sql, values)).map(toClaimed);
  }

  /** Reads the jobs of `claimed` that are not known in the revision claimed. */
  async #learn(claimed: readonly Claimed[]): Promise<void> {
    const unknown = new Set(
      claimed.filter(({ jobId, jobRevision }) => (this.#jobs.get(jobId)?.jobRevision ?? 0) < jobRevision)
        .map(({ jobId }) => jobId),
    );
    if (unknown.size === 0) return;
    if (this.#jobs.size + unknown.size > MAX_JOBS) this.#jobs.clear();
    const missing = new Set([...unknown, ...claimed.map(({ jobId }) => jobId).filter((id) => !this.#jobs.has(id))]);
    for (const row of await this.#db.all(JOBS, [[...missing]])) {
      const job = toJobForClaim(row);
      this.#jobs.set(job.jobId, job);
    }
  }

  #toClaim(row: Claimed, leaseUntil: EpochMs): Claim {
    const { id, epoch, jobId, scheduledFor, retryCount, correlationId, logSeq } = row;
    const job = this.#jobs.get(jobId);
    if (job === undefined) throw new Error(`Run ${id} is of job ${jobId}, which is not there`);
    return {
      ...withRun(job, row),
      dispatchId: id,
      epoch,
      leaseUntil,
      scheduledFor,
      retryCount,
      correlationId,
      nextLogSeq: logSeq,
    };
  }
}

function holding({ workerId, leaseMs, now }: ClaimRequest): readonly [WorkerId, string, string] {
  return [workerId, instant(epochMs(now + leaseMs)), instant(now)];
}

/** If fewer than the limit were claimed, nothing is left from the mark on, so the next claim sweeps. */
function markAfter(claimed: readonly Claimed[], limit: number): Claimed | null {
  return claimed.length < limit ? null : claimed.reduce((last, row) => inClaimOrder(last, row) < 0 ? row : last);
}

/** A row of a claim. This is the hottest path, so each column is checked by hand. */
function toClaimed(row: readonly unknown[]): Claimed {
  const [
    id,
    epoch,
    job,
    jobRevision,
    scheduledFor,
    retryCount,
    correlationId,
    args,
    logSeq,
    priority,
    availableAt,
    lane,
  ] = row;
  if (
    typeof id !== "number" || typeof epoch !== "number" || typeof job !== "number" ||
    typeof jobRevision !== "number" || typeof scheduledFor !== "number" || typeof retryCount !== "number" ||
    typeof correlationId !== "string" || typeof logSeq !== "number" || typeof priority !== "number" ||
    typeof availableAt !== "number" || typeof lane !== "string"
  ) throw new TypeError(`A claim answered ${JSON.stringify(row)}`);
  return {
    id: dispatchId(id),
    epoch,
    jobId: jobId(job),
    jobRevision,
    scheduledFor: epochMs(Math.round(scheduledFor * 1000)),
    retryCount,
    correlationId,
    args: typeof args === "string" ? args : null,
    logSeq,
    priority,
    availableAt: epochMs(Math.round(availableAt * 1000)),
    lane,
  };
}
