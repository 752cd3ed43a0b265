import { z } from "zod";
import { type DispatchId, dispatchId, type EpochMs, epochMs } from "../../domain/mod.ts";
import { toCancelRequests } from "../cancel_rows.ts";
import { chunksOf } from "../output.ts";
import { chunkGap } from "../refusals.ts";
import { toClaimRef } from "../claim_rows.ts";
import { toSignAnswer } from "../worker_rows.ts";
import { type Row, toDispatchIds, toInstant, toNumber } from "../rows.ts";
import type {
  CancelRequest,
  Claim,
  ClaimRef,
  ClaimRequest,
  End,
  Heartbeat,
  HeartbeatAnswer,
  Output,
  QueueStore,
  Start,
} from "../queue_store.ts";
import { CHANNEL, END_LEASE, FREES, INSERT_RETRIES, LOG_FROM_ROW, NEXT_SEQ, RETRIES } from "./attempts.ts";
import { Claims } from "./claims.ts";
import { type Connection, type Statement, statement } from "./connection.ts";
import { endFailures, insertEnds, IS_RETRIED, noteFailures } from "./events.ts";
import { bigints, doubles, instant, text, type Value } from "./values.ts";

// The guard of all statements that name claims. Its form keeps the planner from using job_dispatch_running: to find a few rows by
// their ids, it would read all running attempts, and those that have ended for as long as somebody's snapshot is older.
const RUNS = "d.status || '' = 'IN_PROGRESS'";

// Index: job_dispatch_waiting, all of it.
const NEXT_AVAILABLE = statement(
  "SELECT min(available_at) AS at FROM job_dispatch WHERE status = 'PENDING' AND available_at > $1",
);

// Index: the primary key, as in all that name claims. No index holds the columns that change here, so none is written.
const START = statement(`
  WITH s AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::float8[]) AS s (id, epoch, started, timeout)
  ), started AS (
    UPDATE job_dispatch d SET started_at = to_timestamp(s.started / 1000), timeout_at = to_timestamp(s.timeout / 1000)
    FROM s WHERE d.id = s.id AND d.lease_epoch = s.epoch AND ${RUNS}
    RETURNING d.id
  )
  SELECT s.id FROM s WHERE NOT EXISTS (SELECT 1 FROM started WHERE started.id = s.id)`);

// The row lock keeps the lease until the output is written. A chunk that is stored already stands.
const APPEND = statement(`
  WITH o AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS o (id, epoch, first)
  ), held AS MATERIALIZED (
    SELECT d.id, o.first, ${NEXT_SEQ} AS next
    FROM o JOIN job_dispatch d ON d.id = o.id AND d.lease_epoch = o.epoch AND ${RUNS}
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

// Renews the claims that the worker names, and answers those it has lost and those whose answer it never got (unanswered). The
// worker's row is written after the attempts, as where ends are counted: two statements that lock the same rows in another order
// would deadlock. Index: job_dispatch_running for the unanswered.
const HEARTBEAT = statement(`
  WITH held AS (
    SELECT * FROM unnest($5::bigint[], $6::bigint[]) AS held (id, epoch)
  ), renewed AS (
    UPDATE job_dispatch d SET lease_until = $4::timestamptz
    FROM held WHERE d.id = held.id AND d.lease_epoch = held.epoch AND ${RUNS}
    RETURNING d.id
  ), beat AS (
    UPDATE worker_registration SET last_heartbeat = $2, status = $3
    WHERE worker_id = $1 AND (SELECT count(*) FROM renewed) >= 0
    RETURNING drain_requested_at
  )
  SELECT 'known' AS what, 0::bigint AS id, 0::bigint AS epoch, drain_requested_at FROM beat
  UNION ALL
  SELECT 'lost', id, epoch, NULL FROM held WHERE NOT EXISTS (SELECT 1 FROM renewed WHERE renewed.id = held.id)
  UNION ALL
  SELECT 'unanswered', d.id, d.lease_epoch, NULL FROM job_dispatch d
  WHERE d.status = 'IN_PROGRESS' AND d.worker_id = $1
    AND NOT EXISTS (SELECT 1 FROM held WHERE held.id = d.id AND held.epoch = d.lease_epoch)`);

const CANCEL_REQUESTED = statement(`
  SELECT d.id, d.cancel_reason, d.cancelled_for
  FROM unnest($1::bigint[], $2::bigint[]) AS held (id, epoch) JOIN job_dispatch d
    ON d.id = held.id AND d.lease_epoch = held.epoch AND ${RUNS}
  WHERE d.cancel_requested_at IS NOT NULL`);

// One statement for whole batches: ends, log rows, events, retries, counts. It answers how many have ended.
function finishing(parts: {
  readonly from: string;
  readonly set: string;
  readonly returning: string;
  readonly log: string;
  readonly event: string;
  readonly failures: string;
  readonly retried: string;
  readonly wakes: string;
}): Statement {
  return statement(`
    WITH ended AS (
      UPDATE job_dispatch d
      SET completed_at = to_timestamp(e.ended / 1000), started_at = coalesce(d.started_at, to_timestamp(e.started / 1000)),
        reported_epoch = d.lease_epoch, ${END_LEASE}, ${parts.set}
      FROM ${parts.from} WHERE d.id = e.id AND d.lease_epoch = e.epoch AND ${RUNS}
      RETURNING d.id, d.job_id, d.root_id, d.scheduled_for, d.worker_id, d.lane, d.completed_at, e.duration,
        e.bytes${parts.returning}
    ), logged AS (
      INSERT INTO job_execution_logs
        (dispatch_id, job_id, run_time, duration_ms, log_bytes, status, exit_code, truncated)
      SELECT id, job_id, completed_at, duration, bytes, ${parts.log} FROM ended
    ), counted AS (
      UPDATE worker_registration w SET jobs_processed = w.jobs_processed + c.n
      FROM (SELECT worker_id, count(*) AS n FROM ended GROUP BY worker_id) c WHERE w.worker_id = c.worker_id
    )${parts.retried}, events AS (${parts.event}), ${parts.failures}
    SELECT count(*) AS n, CASE WHEN ${parts.wakes} THEN pg_notify('${CHANNEL}', 'queue')::text END AS notified FROM ended`);
}

// For a plain success most columns are known, so there is less to send and to read.
const FINISH_SUCCESSES = finishing({
  from: `unnest($1::bigint[], $2::bigint[], $3::float8[], $4::float8[], $5::bigint[], $6::bigint[])
    AS e (id, epoch, started, ended, duration, bytes)`,
  set: "status = 'COMPLETED', exit_code = 0",
  returning: "",
  log: "'SUCCESS', 0, false",
  event: insertEnds({ execution: "'SUCCESS'" }),
  failures: `recovered AS (${endFailures()})`,
  retried: "",
  wakes: FREES,
});

const FINISH = finishing({
  from:
    `unnest($1::bigint[], $2::bigint[], $3::float8[], $4::float8[], $5::bigint[], $6::bigint[], $7::text[], $8::text[],
      $9::integer[], $10::text[], $11::text[], $12::boolean[], $13::float8[])
    AS e (id, epoch, started, ended, duration, bytes, status, execution, exit_code, signal, message, truncated, retry)`,
  set: "status = e.status, exit_code = e.exit_code, signal = e.signal, error_message = e.message",
  returning:
    `, e.execution, d.exit_code, e.truncated, d.retry_count, d.priority, d.is_forced, d.backfill_id, d.at_once, d.args, d.correlation_id, d.cancel_requested_at, to_timestamp(e.retry / 1000) AS retry_at`,
  log: "execution, exit_code, truncated",
  event: insertEnds({ execution: "execution", isRetried: IS_RETRIED }),
  failures: noteFailures({ execution: "execution", isRetried: IS_RETRIED }),
  retried: `, retried AS (${INSERT_RETRIES})`,
  wakes: `${FREES} OR ${RETRIES}`,
});

// Asked afterwards: of two reports at once, the second one's new snapshot sees the first.
const REPORTED = statement(`
  SELECT d.id FROM unnest($1::bigint[], $2::bigint[]) AS e (id, epoch) JOIN job_dispatch d
    ON d.id = e.id AND d.reported_epoch = e.epoch`);

// An attempt that was to be cancelled ends here: nobody would stop it any more. The lock comes first, so that both updates see
// the same request.
const RELEASE = statement(`
  WITH held AS MATERIALIZED (
    SELECT d.id, d.cancel_requested_at IS NOT NULL AS is_cancelled
    FROM unnest($1::bigint[], $2::bigint[]) AS r (id, epoch) JOIN job_dispatch d
      ON d.id = r.id AND d.lease_epoch = r.epoch AND ${RUNS}
    FOR UPDATE OF d
  ), waiting AS (
    UPDATE job_dispatch d
    SET status = 'PENDING', available_at = least(d.available_at, $3::timestamptz), worker_id = NULL, claimed_at = NULL,
      started_at = NULL, log_seq = ${NEXT_SEQ}, ${END_LEASE}
    FROM held WHERE d.id = held.id AND NOT held.is_cancelled
    RETURNING 1
  ), ended AS (
    UPDATE job_dispatch d
    SET status = 'CANCELLED', completed_at = $3::timestamptz, ${END_LEASE}
    FROM held WHERE d.id = held.id AND held.is_cancelled
    RETURNING d.*
  ), logged AS (${LOG_FROM_ROW}), events AS (${insertEnds()})
  SELECT pg_notify('${CHANNEL}', 'queue')::text FROM (SELECT 1 FROM held LIMIT 1) AS anything`);

/** What a worker does, in PostgreSQL. Calls `announce` when people may see a change. */
export class PostgresQueue implements QueueStore {
  readonly #db: Connection;
  readonly #announce: () => void;
  readonly #claims: Claims;

  constructor(db: Connection, announce: () => void) {
    this.#db = db;
    this.#announce = announce;
    this.#claims = new Claims(db, (refs, now) => this.release(refs, now));
  }

  async claim(request: ClaimRequest): Promise<readonly Claim[]> {
    const claims = request.limit < 1 ? [] : await this.#claims.take(request);
    if (claims.length > 0) this.#announce();
    return claims;
  }

  async nextAvailableAt(now: EpochMs): Promise<EpochMs | null> {
    const [row] = await this.#db.all(NEXT_AVAILABLE, [instant(now)]);
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
    const sorted = byId(outputs).map((output) => ({ ...output, chunks: chunksOf(output) }));
    const chunks = sorted.flatMap(({ dispatchId, chunks }) => chunks.map((chunk) => ({ dispatchId, ...chunk })));
    const rows = await this.#db.all(APPEND, [
      ...refsOf(sorted),
      sorted.map(({ chunks }) => chunks[0]?.seq ?? null),
      chunks.map(({ dispatchId }) => dispatchId),
      chunks.map(({ seq }) => seq),
      chunks.map(({ stream }) => stream),
      chunks.map(({ at }) => at),
      chunks.map(({ data }) => text(data)),
    ]);
    const gap = rows.find((row) => row["next"] !== null);
    if (gap !== undefined) throw toChunkGap(gap);
    this.#announce();
    return toDispatchIds(rows);
  }

  async heartbeat(beat: Heartbeat): Promise<HeartbeatAnswer> {
    const { workerId, held, status, leaseMs, now } = beat;
    const until = instant(epochMs(now + leaseMs));
    const rows = await this.#db.urgent(HEARTBEAT, [workerId, instant(now), status, until, ...refsOf(byId(held))]);
    const of = (what: string): readonly Row[] => rows.filter((row) => row["what"] === what);
    const unanswered = of("unanswered").map(toClaimRef);
    if (unanswered.length > 0) await this.#db.urgent(RELEASE, [...refsOf(byId(unanswered)), instant(now)]);
    this.#announce();
    return { lost: toDispatchIds(of("lost")), ...toSignAnswer(of("known")[0]) };
  }

  async cancelRequested(held: readonly ClaimRef[]): Promise<readonly CancelRequest[]> {
    return toCancelRequests(await this.#db.all(CANCEL_REQUESTED, refsOf(held)));
  }

  async finish(ends: readonly End[]): Promise<readonly DispatchId[]> {
    const sorted = byId(ends);
    const successes = sorted.filter(isPlainSuccess);
    const others = sorted.filter((end) => !isPlainSuccess(end));
    const lost: DispatchId[] = [];
    if (successes.length > 0) lost.push(...await this.#finish(successes, FINISH_SUCCESSES, []));
    if (others.length > 0) {
      lost.push(
        ...await this.#finish(others, FINISH, [
          others.map(({ outcome }) => outcome.status),
          others.map(({ outcome }) => outcome.execution),
          others.map(({ outcome }) => outcome.exitCode),
          others.map(({ outcome }) => outcome.signal),
          others.map(({ outcome }) => text(outcome.errorMessage)),
          others.map(({ outcome }) => outcome.truncated),
          others.map(({ retryAt }) => retryAt),
        ]),
      );
    }
    this.#announce();
    return lost;
  }

  async #finish(ends: readonly End[], sql: Statement, values: readonly Value[]): Promise<readonly DispatchId[]> {
    const refs = refsOf(ends);
    const [row] = await this.#db.all(sql, [
      ...refs,
      doubles(ends.map(({ startedAt }) => startedAt)),
      doubles(ends.map(({ endedAt }) => endedAt)),
      bigints(ends.map(({ outcome }) => outcome.durationMs)),
      bigints(ends.map(({ outcome }) => outcome.logBytes)),
      ...values,
    ]);
    if (row !== undefined && toNumber(row) === ends.length) return [];
    const reported = new Set(toDispatchIds(await this.#db.all(REPORTED, refs)));
    return ends.map(({ dispatchId }) => dispatchId).filter((id) => !reported.has(id));
  }

  async release(refs: readonly ClaimRef[], now: EpochMs): Promise<void> {
    if (refs.length === 0) return;
    await this.#db.all(RELEASE, [...refsOf(byId(refs)), instant(now)]);
    this.#announce();
  }
}

/** In one order everywhere, so that two batches that share rows wait for each other and never deadlock. */
function byId<Ref extends ClaimRef>(refs: readonly Ref[]): readonly Ref[] {
  return refs.toSorted((a, b) => a.dispatchId - b.dispatchId);
}

function refsOf(refs: readonly ClaimRef[]): [ids: Uint8Array, epochs: Uint8Array] {
  return [bigints(refs.map(({ dispatchId }) => dispatchId)), bigints(refs.map(({ epoch }) => epoch))];
}

/** Whether an end is a success without a message, a cut or a retry. */
function isPlainSuccess({ outcome, startedAt, retryAt }: End): boolean {
  const { status, execution, exitCode, signal, errorMessage, truncated } = outcome;
  const hasRun = status === "COMPLETED" && execution === "SUCCESS" && exitCode === 0 && startedAt !== null;
  return hasRun && signal === null && errorMessage === null && !truncated && retryAt === null;
}

const gapRow = z.object({ id: z.number(), first: z.number(), next: z.number() });

function toChunkGap(row: Row): RangeError {
  const { id, first, next } = gapRow.parse(row);
  return chunkGap(dispatchId(id), { found: first, next });
}
