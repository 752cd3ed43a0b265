import {
  type DispatchId,
  dispatchId,
  type EpochMs,
  epochMs,
  type JobId,
  jobId,
  type WorkerId,
  type WorkerStatus,
} from "../../domain/mod.ts";
import { parseTexts } from "../json.ts";
import { type Row, toClaimRef, toDispatchIds, toInstant, toJobForClaim } from "../rows.ts";
import type { Claim, ClaimRef, End, Output, QueueStore, Start } from "../store.ts";
import { CHANNEL, END_LEASE, INSERT_RETRIES, LOG_FROM_ROW, NEXT_SEQ } from "./attempts.ts";
import { type Connection, type Statement, statement } from "./connection.ts";
import { instant, text } from "./values.ts";

// The ids are one array, made once: a limited subquery that is joined may be run again for each row, and then claims more
// than its limit. Indexes: job_dispatch_waiting in its order, then the primary key.
// $1: worker, $2: lease until, $3: now, $4: limit.
function claiming(condition: string): Statement {
  return statement(`
    UPDATE job_dispatch d
    SET status = 'IN_PROGRESS', worker_id = $1, lease_epoch = nextval('lease_epoch'), lease_until = $2::timestamptz,
      claimed_at = $3::timestamptz, job_revision = (SELECT j.revision FROM scheduled_jobs j WHERE j.id = d.job_id)
    WHERE d.id = ANY(ARRAY(
      SELECT id FROM job_dispatch WHERE status = 'PENDING' AND available_at <= $3::timestamptz ${condition}
      LIMIT $4 FOR UPDATE SKIP LOCKED))
    RETURNING d.id, d.lease_epoch, d.job_id, d.job_revision, d.scheduled_for, d.retry_count, d.correlation_id, d.args,
      d.log_seq, d.priority, d.available_at`);
}

const CLAIM = claiming("ORDER BY priority DESC, available_at, id");

// The same from where the last claim ended, so that the scan does not wade through what it has claimed before, which stays
// in the index for as long as anybody's snapshot is older (a backup). $5, $6, $7: the last claimed.
const CLAIM_ON = claiming(
  "AND priority = $5 AND (available_at, id) >= ($6::timestamptz, $7::bigint) ORDER BY available_at, id",
);

// Index: the primary key.
const JOBS = statement("SELECT * FROM scheduled_jobs WHERE id = ANY($1::bigint[])");

// Index: job_dispatch_waiting, all of it: what is left when a worker asks is what waits for its time.
const NEXT_AVAILABLE = statement("SELECT min(available_at) AS at FROM job_dispatch WHERE status = 'PENDING'");

// Index: the primary key, as in all that name claims. No index holds what changes here, so none is written.
const START = statement(`
  WITH s AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::float8[]) AS s (id, epoch, started, timeout)
  ), started AS (
    UPDATE job_dispatch d SET started_at = to_timestamp(s.started / 1000), timeout_at = to_timestamp(s.timeout / 1000)
    FROM s WHERE d.id = s.id AND d.lease_epoch = s.epoch AND d.status = 'IN_PROGRESS'
    RETURNING d.id
  )
  SELECT s.id FROM s WHERE NOT EXISTS (SELECT 1 FROM started WHERE started.id = s.id)`);

// The row lock keeps the lease where it is until the output is written. What is there already was sent before: it stands.
const APPEND = statement(`
  WITH o AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS o (id, epoch, first)
  ), held AS MATERIALIZED (
    SELECT d.id, o.first, ${NEXT_SEQ} AS next
    FROM o JOIN job_dispatch d ON d.id = o.id AND d.lease_epoch = o.epoch AND d.status = 'IN_PROGRESS'
    FOR SHARE OF d
  ), written AS (
    INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data)
    SELECT c.id, c.seq, c.stream, to_timestamp(c.at / 1000), c.data
    FROM unnest($4::bigint[], $5::integer[], $6::text[], $7::float8[], $8::text[]) AS c (id, seq, stream, at, data)
      JOIN held ON held.id = c.id
    WHERE c.seq >= held.next AND NOT EXISTS (SELECT 1 FROM held WHERE held.first > held.next)
    ON CONFLICT DO NOTHING
  )
  SELECT o.id, held.next, o.first FROM o LEFT JOIN held ON held.id = o.id
  WHERE held.id IS NULL OR held.first > held.next`);

// What the table says this worker holds, by job_dispatch_running, and what of it the worker does not know.
const HEARTBEAT = statement(`
  WITH beat AS (
    UPDATE worker_registration SET last_heartbeat = $2, status = $3 WHERE worker_id = $1 RETURNING 1
  ), held AS (
    SELECT * FROM unnest($5::bigint[], $6::bigint[]) AS held (id, epoch)
  ), renewed AS (
    UPDATE job_dispatch d SET lease_until = $4::timestamptz
    FROM held WHERE d.id = held.id AND d.lease_epoch = held.epoch AND d.status = 'IN_PROGRESS'
    RETURNING d.id
  )
  SELECT 'known' AS what, 0::bigint AS id, 0::bigint AS epoch FROM beat
  UNION ALL
  SELECT 'lost', id, epoch FROM held WHERE NOT EXISTS (SELECT 1 FROM renewed WHERE renewed.id = held.id)
  UNION ALL
  SELECT 'unheard', d.id, d.lease_epoch FROM job_dispatch d
  WHERE d.status = 'IN_PROGRESS' AND d.worker_id = $1
    AND NOT EXISTS (SELECT 1 FROM held WHERE held.id = d.id AND held.epoch = d.lease_epoch)`);

const CANCEL_REQUESTED = statement(`
  SELECT d.id FROM unnest($1::bigint[], $2::bigint[]) AS held (id, epoch) JOIN job_dispatch d
    ON d.id = held.id AND d.lease_epoch = held.epoch AND d.status = 'IN_PROGRESS'
  WHERE d.cancel_requested_at IS NOT NULL`);

// One statement for whole batches: ends, log rows, retries, counts.
const FINISH = statement(`
  WITH e AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::integer[],
        $8::text[], $9::text[], $10::bigint[], $11::bigint[], $12::boolean[], $13::float8[])
      AS e (id, epoch, status, execution, started, ended, exit_code, signal, message, duration, bytes, truncated, retry)
  ), ended AS (
    UPDATE job_dispatch d
    SET status = e.status, completed_at = to_timestamp(e.ended / 1000),
      started_at = coalesce(d.started_at, to_timestamp(e.started / 1000)), exit_code = e.exit_code, signal = e.signal,
      error_message = e.message, reported_epoch = d.lease_epoch, ${END_LEASE}
    FROM e WHERE d.id = e.id AND d.lease_epoch = e.epoch AND d.status = 'IN_PROGRESS'
    RETURNING d.id, d.job_id, d.worker_id, d.root_id, d.scheduled_for, d.retry_count, d.priority, d.args,
      d.correlation_id, d.cancel_requested_at, d.completed_at, d.exit_code, e.execution, e.duration, e.bytes,
      e.truncated, to_timestamp(e.retry / 1000) AS retry_at
  ), logged AS (
    INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, exit_code, duration_ms, log_bytes, truncated)
    SELECT id, job_id, completed_at, execution, exit_code, duration, bytes, truncated FROM ended
  ), retried AS (${INSERT_RETRIES}
  ), counted AS (
    UPDATE worker_registration w SET jobs_processed = w.jobs_processed + c.n
    FROM (SELECT worker_id, count(*) AS n FROM ended GROUP BY worker_id) c WHERE w.worker_id = c.worker_id
  )
  SELECT e.id, NULL AS notified FROM e WHERE NOT EXISTS (SELECT 1 FROM ended WHERE ended.id = e.id)
  UNION ALL
  SELECT NULL, pg_notify('${CHANNEL}', 'queue')::text WHERE EXISTS (SELECT 1 FROM retried)`);

// Asked afterwards, in a snapshot that sees the first report when this was the second of two at once.
const REPORTED = statement(`
  SELECT d.id FROM unnest($1::bigint[], $2::bigint[]) AS e (id, epoch) JOIN job_dispatch d
    ON d.id = e.id AND d.reported_epoch = e.epoch`);

// One that was to be cancelled ends here: nobody would stop it any more. The lock comes first, so that both updates see
// the same request.
const GIVE_BACK = statement(`
  WITH held AS MATERIALIZED (
    SELECT d.id, d.cancel_requested_at IS NOT NULL AS is_cancelled
    FROM unnest($1::bigint[], $2::bigint[]) AS r (id, epoch) JOIN job_dispatch d
      ON d.id = r.id AND d.lease_epoch = r.epoch AND d.status = 'IN_PROGRESS'
    FOR UPDATE OF d
  ), waiting AS (
    UPDATE job_dispatch d
    SET status = 'PENDING', available_at = least(d.available_at, $3::timestamptz), worker_id = NULL, claimed_at = NULL,
      started_at = NULL, log_seq = ${NEXT_SEQ}, ${END_LEASE}
    FROM held WHERE d.id = held.id AND NOT held.is_cancelled
    RETURNING 1
  ), ended AS (
    UPDATE job_dispatch d
    SET status = 'CANCELLED', completed_at = $3::timestamptz, error_message = 'Cancelled while it was given back',
      ${END_LEASE}
    FROM held WHERE d.id = held.id AND held.is_cancelled
    RETURNING d.*
  ), logged AS (${LOG_FROM_ROW})
  SELECT pg_notify('${CHANNEL}', 'queue')::text FROM (SELECT 1 FROM waiting LIMIT 1) AS any_waiting`);

/** A claim starts from the front at least this often, for what has come in before the place it would go on from. */
const SWEEP_EVERY_MS = 1000;

/** Most jobs whose definitions are remembered. */
const MAX_JOBS = 10_000;

/** What of a job a claim carries. */
type JobPart = Pick<
  Claim,
  "jobName" | "scriptPath" | "args" | "env" | "timeoutSeconds" | "maxRetries" | "timezone" | "jobRevision"
>;

/** The last attempt that a claim took, in the order of claims. */
interface Mark {
  readonly priority: number;
  readonly availableAt: EpochMs;
  readonly id: DispatchId;
}

/** A row of a claim: what RETURNING names, parsed by the connection. */
interface Claimed extends Mark {
  readonly epoch: number;
  readonly jobId: JobId;
  readonly jobRevision: number;
  readonly scheduledFor: EpochMs;
  readonly retryCount: number;
  readonly correlationId: string;
  readonly args: readonly string[] | null;
  readonly logSeq: number;
}

/** What a worker does, in PostgreSQL. `announce` is told of what people see. */
export class PostgresQueue implements QueueStore {
  readonly #db: Connection;
  readonly #announce: () => void;
  readonly #jobs = new Map<JobId, JobPart>();
  #mark: Mark | null = null;
  #sweptAt = -Infinity;

  constructor(db: Connection, announce: () => void) {
    this.#db = db;
    this.#announce = announce;
  }

  async claim(
    request: {
      readonly workerId: WorkerId;
      readonly limit: number;
      readonly leaseMs: number;
      readonly now: EpochMs;
    },
  ): Promise<readonly Claim[]> {
    const { workerId, limit, leaseMs, now } = request;
    if (limit < 1) return [];
    const until = epochMs(now + leaseMs);
    const values = [workerId, instant(until), instant(now), limit];
    const mark = now - this.#sweptAt < SWEEP_EVERY_MS && now >= this.#sweptAt ? this.#mark : null;
    if (mark === null) this.#sweptAt = now;
    const rows = mark === null
      ? await this.#db.arrays(CLAIM, values)
      : await this.#db.arrays(CLAIM_ON, [...values, mark.priority, instant(mark.availableAt), mark.id]);
    const claimed = rows.map(toClaimed).sort(inOrder);
    // Short of the limit: there is nothing more from the mark on, so the next look is at all.
    this.#mark = claimed.length < limit ? null : claimed.at(-1) ?? null;
    if (claimed.length === 0) return mark === null ? [] : await this.claim(request);
    this.#announce();
    await this.#learn(claimed);
    return claimed.map((row) => this.#toClaim(row, until));
  }

  async nextAvailableAt(): Promise<EpochMs | null> {
    const [row] = await this.#db.all(NEXT_AVAILABLE);
    return row === undefined ? null : toInstant(row);
  }

  async markStarted(starts: readonly Start[]): Promise<readonly DispatchId[]> {
    const sorted = byId(starts);
    const rows = await this.#db.all(START, [
      ...refsOf(sorted),
      sorted.map(({ startedAt }) => startedAt),
      sorted.map(({ timeoutAt }) => timeoutAt),
    ]);
    this.#announce();
    return toDispatchIds(rows);
  }

  async appendLogs(outputs: readonly Output[]): Promise<readonly DispatchId[]> {
    const sorted = byId(outputs.filter(({ chunks }) => chunks.length > 0));
    for (const { dispatchId, chunks } of sorted) assertConsecutive(dispatchId, chunks);
    const chunks = sorted.flatMap(({ dispatchId, chunks }) => chunks.map((chunk) => ({ dispatchId, ...chunk })));
    const rows = await this.#db.all(APPEND, [
      ...refsOf(sorted),
      sorted.map(({ chunks }) => chunks[0]?.seq ?? 0),
      chunks.map(({ dispatchId }) => dispatchId),
      chunks.map(({ seq }) => seq),
      chunks.map(({ stream }) => stream),
      chunks.map(({ at }) => at),
      chunks.map(({ data }) => text(data)),
    ]);
    const gap = rows.find((row) => row["next"] !== null);
    if (gap !== undefined) throw gapAt(gap["id"], gap["first"], gap["next"]);
    this.#announce();
    return toDispatchIds(rows);
  }

  async heartbeat(
    beat: {
      readonly workerId: WorkerId;
      readonly held: readonly ClaimRef[];
      readonly status: Exclude<WorkerStatus, "OFFLINE">;
      readonly leaseMs: number;
      readonly now: EpochMs;
    },
  ): Promise<{ readonly lost: readonly DispatchId[]; readonly known: boolean }> {
    const { workerId, held, status, leaseMs, now } = beat;
    const until = instant(epochMs(now + leaseMs));
    const rows = await this.#db.urgent(HEARTBEAT, [workerId, instant(now), status, until, ...refsOf(byId(held))]);
    const of = (what: string): readonly Row[] => rows.filter((row) => row["what"] === what);
    const unheard = of("unheard").map(toClaimRef);
    if (unheard.length > 0) await this.#db.urgent(GIVE_BACK, [...refsOf(byId(unheard)), instant(now)]);
    this.#announce();
    return { lost: toDispatchIds(of("lost")), known: of("known").length > 0 };
  }

  async cancelRequested(held: readonly ClaimRef[]): Promise<readonly DispatchId[]> {
    return toDispatchIds(await this.#db.all(CANCEL_REQUESTED, refsOf(held)));
  }

  async finish(ends: readonly End[]): Promise<readonly DispatchId[]> {
    const sorted = byId(ends);
    const rows = await this.#db.all(FINISH, [
      ...refsOf(sorted),
      sorted.map(({ outcome }) => outcome.status),
      sorted.map(({ outcome }) => outcome.execution),
      sorted.map(({ startedAt }) => startedAt),
      sorted.map(({ endedAt }) => endedAt),
      sorted.map(({ outcome }) => outcome.exitCode),
      sorted.map(({ outcome }) => outcome.signal),
      sorted.map(({ outcome }) => text(outcome.errorMessage)),
      sorted.map(({ outcome }) => outcome.durationMs),
      sorted.map(({ outcome }) => outcome.logBytes),
      sorted.map(({ outcome }) => outcome.truncated),
      sorted.map(({ retryAt }) => retryAt),
    ]);
    this.#announce();
    const unwritten = new Set(toDispatchIds(rows.filter(({ id }) => id !== null)));
    if (unwritten.size === 0) return [];
    const reported = await this.#db.all(REPORTED, refsOf(sorted.filter((end) => unwritten.has(end.dispatchId))));
    return [...unwritten.difference(new Set(toDispatchIds(reported)))];
  }

  async release(refs: readonly ClaimRef[], now: EpochMs): Promise<void> {
    if (refs.length === 0) return;
    await this.#db.all(GIVE_BACK, [...refsOf(byId(refs)), instant(now)]);
    this.#announce();
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
      const { id, ...job } = toJobForClaim(row);
      this.#jobs.set(id, job);
    }
  }

  #toClaim(row: Claimed, leaseUntil: EpochMs): Claim {
    const { id, epoch, jobId, scheduledFor, retryCount, correlationId, logSeq } = row;
    const job = this.#jobs.get(jobId);
    if (job === undefined) throw new Error(`Run ${id} is of job ${jobId}, which is not there`);
    return {
      ...job,
      dispatchId: id,
      epoch,
      leaseUntil,
      jobId,
      args: row.args ?? job.args,
      scheduledFor,
      retryCount,
      correlationId,
      nextLogSeq: logSeq,
    };
  }
}

/** A row of a claim. The hottest path there is, so each column is checked by hand. */
function toClaimed(row: readonly unknown[]): Claimed {
  const [id, epoch, job, jobRevision, scheduledFor, retryCount, correlationId, args, logSeq, priority, availableAt] =
    row;
  if (
    typeof id !== "number" || typeof epoch !== "number" || typeof job !== "number" ||
    typeof jobRevision !== "number" || typeof scheduledFor !== "number" || typeof retryCount !== "number" ||
    typeof correlationId !== "string" || typeof logSeq !== "number" || typeof priority !== "number" ||
    typeof availableAt !== "number"
  ) throw new TypeError(`A claim answered ${JSON.stringify(row)}`);
  return {
    id: dispatchId(id),
    epoch,
    jobId: jobId(job),
    jobRevision,
    scheduledFor: epochMs(scheduledFor),
    retryCount,
    correlationId,
    args: typeof args === "string" ? parseTexts(args) : null,
    logSeq,
    priority,
    availableAt: epochMs(availableAt),
  };
}

function inOrder(a: Claimed, b: Claimed): number {
  return b.priority - a.priority || a.availableAt - b.availableAt || a.id - b.id;
}

/** In one order everywhere, so that two batches that share rows wait for each other and never for ever. */
function byId<Ref extends ClaimRef>(refs: readonly Ref[]): readonly Ref[] {
  return refs.toSorted((a, b) => a.dispatchId - b.dispatchId);
}

function refsOf(refs: readonly ClaimRef[]): [ids: readonly number[], epochs: readonly number[]] {
  return [refs.map(({ dispatchId }) => dispatchId), refs.map(({ epoch }) => epoch)];
}

function assertConsecutive(id: DispatchId, chunks: Output["chunks"]): void {
  chunks.reduce((before, chunk) => {
    if (chunk.seq !== before.seq + 1) throw gapAt(id, chunk.seq, before.seq + 1);
    return chunk;
  });
}

function gapAt(id: unknown, seq: unknown, next: unknown): RangeError {
  return new RangeError(`Cannot append chunk ${seq} to run ${id}: the next is ${next}`);
}
