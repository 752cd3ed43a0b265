import type { DispatchId, EpochMs, Job } from "../../domain/mod.ts";
import { toClaimRef } from "../claim_rows.ts";
import { toJob } from "../job_rows.ts";
import { toSettled } from "../ledger_rows.ts";
import { toDispatchIds, toInstant, toNumber } from "../rows.ts";
import { toLost } from "../run_rows.ts";
import {
  type DispatchedRun,
  type DispatchPass,
  type DueDecision,
  type DueJob,
  type DuePass,
  type Healed,
  type HealPass,
  isStillDue,
  type LostAttempt,
  MOST_DISPATCHES,
  type PrunePass,
  rescueMessage,
  type RescuePass,
  type SchedulingStore,
  settledBy,
  type SurplusPass,
  type SurplusPruned,
} from "../store.ts";
import {
  cancelAll,
  type Cancelling,
  CHANNEL,
  END_LEASE,
  INSERT_RETRIES,
  insertFirst,
  LOG_FROM_ROW,
  WAKE_AFTER_END,
} from "./attempts.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { insertEnds, IS_RETRIED, noteFailures } from "./events.ts";
import { heal } from "./heal.ts";
import { enterLedger, type LedgerAddition } from "./ledger.ts";
import { prune, pruneSurplus } from "./retention.ts";
import { instant } from "./values.ts";

// Index: scheduled_jobs_due, its first entry.
const NEXT_DUE = statement(
  "SELECT min(next_run) AS at FROM scheduled_jobs WHERE is_active AND next_run IS NOT NULL AND deleted_at IS NULL",
);

// Jobs that another scheduler holds are passed over. The lock is the weakest that keeps others out, so that the foreign key
// of a dispatch written meanwhile does not wait for it. Index: scheduled_jobs_due.
const DUE = statement(`
  SELECT * FROM scheduled_jobs
  WHERE is_active AND next_run IS NOT NULL AND deleted_at IS NULL AND next_run <= $1
  ORDER BY next_run, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`);

const SET_ASIDE = statement("UPDATE scheduled_jobs SET next_run = NULL WHERE id = ANY($1::bigint[])");

// Counted after the jobs are locked, in a snapshot of its own: whoever adds an attempt to one of them holds that lock.
// Indexes: job_dispatch_waiting_by_job, job_dispatch_running; job_dispatch_occurrence for settled occurrences.
const UNFINISHED = statement(`
  SELECT id,
    (SELECT count(*) FROM job_dispatch WHERE job_id = due.id AND status = 'PENDING' AND backfill_id IS NULL)
    + (SELECT count(*) FROM job_dispatch WHERE job_id = due.id AND status = 'IN_PROGRESS' AND backfill_id IS NULL) AS n,
    (SELECT json_agg((extract(epoch FROM scheduled_for) * 1000)::bigint ORDER BY scheduled_for)::text FROM job_dispatch
      WHERE job_id = due.id AND trigger = 'schedule' AND scheduled_for BETWEEN to_timestamp(due.at / 1000) AND $3
    ) AS settled
  FROM unnest($1::bigint[], $2::float8[]) AS due (id, at)`);

const ADVANCE = statement(`
  UPDATE scheduled_jobs j
  SET next_run = to_timestamp(a.next / 1000),
    last_dispatched_at = coalesce(to_timestamp(a.last / 1000), j.last_dispatched_at)
  FROM unnest($1::bigint[], $2::float8[], $3::float8[]) AS a (id, next, last) WHERE j.id = a.id`);

const NOTIFY = statement(`SELECT pg_notify('${CHANNEL}', 'queue')::text AS notified`);

// Index: job_dispatch_running, all of it: running attempts are few; the earlier attempts of each by their keys. Only a rescue
// ends an attempt as TIMEOUT without a report of its worker.
const LOST = statement(`
  SELECT d.id, d.job_id, d.worker_id, d.scheduled_for, d.correlation_id, d.retry_count, d.lease_epoch AS epoch, j.policies,
    1 + (SELECT count(*) FROM job_dispatch o
      WHERE o.id = d.root_id AND o.id <> d.id AND o.status = 'TIMEOUT' AND o.reported_epoch IS NULL)
    + (SELECT count(*) FROM job_dispatch o
      WHERE o.root_id = d.root_id AND o.retry_count > 0 AND o.status = 'TIMEOUT' AND o.reported_epoch IS NULL) AS losses,
    CASE WHEN d.lease_until <= $1 THEN 'lease' ELSE 'overdue' END AS reason
  FROM job_dispatch d JOIN scheduled_jobs j ON j.id = d.job_id
  WHERE d.status = 'IN_PROGRESS'
    AND (d.lease_until <= $1 OR d.timeout_at + $2::float8 * interval '1 millisecond' <= $1)
  ORDER BY d.lease_until LIMIT $3`);

// The condition again, so that a result or a heartbeat that arrived after the reading wins. Index: the primary key.
const RESCUE = statement(`
  WITH l AS (
    SELECT * FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::float8[]) AS l (id, epoch, message, retry)
  ), ended AS (
    UPDATE job_dispatch d
    SET status = 'TIMEOUT', completed_at = $1::timestamptz, error_message = l.message, ${END_LEASE}
    FROM l
    WHERE d.id = l.id AND d.lease_epoch = l.epoch AND d.status = 'IN_PROGRESS'
      AND (d.lease_until <= $1 OR d.timeout_at + $2::float8 * interval '1 millisecond' <= $1)
    RETURNING d.*, to_timestamp(l.retry / 1000) AS retry_at
  ), logged AS (${LOG_FROM_ROW}
  ), retried AS (${INSERT_RETRIES}
  ), events AS (${insertEnds({ isRetried: IS_RETRIED })}), ${noteFailures({ isRetried: IS_RETRIED })}
  SELECT id, NULL AS notified FROM ended UNION ALL ${WAKE_AFTER_END}`);

// Index: job_dispatch_running, all of it.
const NEXT_RESCUE = statement(`
  SELECT min(least(lease_until, timeout_at + $1::float8 * interval '1 millisecond')) AS at
  FROM job_dispatch WHERE status = 'IN_PROGRESS'`);

const MARK_OFFLINE = statement(`
  UPDATE worker_registration SET status = 'OFFLINE' WHERE status <> 'OFFLINE' AND last_heartbeat <= $1 RETURNING 1`);

/** A due job with the decision about it. */
interface Decided extends DueJob {
  readonly decision: DueDecision;
}

/** What a scheduler does, in PostgreSQL. Calls `announce` when people may see a change. */
export class PostgresScheduling implements SchedulingStore {
  readonly #db: Connection;
  readonly #announce: () => void;

  constructor(db: Connection, announce: () => void) {
    this.#db = db;
    this.#announce = announce;
  }

  async nextDueAt(): Promise<EpochMs | null> {
    const [row] = await this.#db.all(NEXT_DUE);
    return row === undefined ? null : toInstant(row);
  }

  async dispatchDue(pass: DispatchPass): Promise<DuePass> {
    const { now, limit, lockMs } = pass;
    const nextDueAt = await this.nextDueAt();
    if (nextDueAt === null || nextDueAt > now) return { jobs: 0, runs: [], isDone: true, damaged: [] };
    return await this.#db.transaction(async (tx) => {
      const rows = (await tx.all(DUE, [instant(now), limit])).map(toJob);
      const damaged = rows.flatMap(({ id, damage }) => damage === null ? [] : [{ jobId: id, damage }]);
      const jobs = rows.filter(({ damage }) => damage === null);
      if (damaged.length > 0) await tx.all(SET_ASIDE, [damaged.map(({ jobId }) => jobId)]);
      if (jobs.length === 0) return { jobs: 0, runs: [], isDone: rows.length < limit, damaged };
      const decided = decideAll(jobs, await knownOf(tx, jobs, now), pass.decide);
      await enterLedger(tx, decided.map(additionOf), now);
      const firsts = decided.flatMap(({ job, decision }) => decision.dispatch.map((due) => ({ ...due, job })));
      const runs = await insertFirst(tx, firsts, { trigger: "schedule", now });
      await cancelAll(tx, { jobs: supersededBy(runs, decided), now, withBackfills: false });
      await advance(tx, decided);
      if (runs.length > 0) await tx.all(NOTIFY);
      const isAnyStillDue = decided.some(({ decision }) => isStillDue(decision, now));
      const isDone = rows.length < limit && decided.length === jobs.length && !isAnyStillDue;
      return { jobs: decided.length, runs, isDone, damaged };
    }, { idleMs: lockMs });
  }

  async rescue(pass: RescuePass): Promise<readonly LostAttempt[]> {
    const { now, overdueMs, limit, retryAt } = pass;
    const found = (await this.#db.all(LOST, [instant(now), overdueMs, limit]))
      .map((row) => ({ ref: toClaimRef(row), lost: toLost(row) }))
      .toSorted((a, b) => a.ref.dispatchId - b.ref.dispatchId);
    if (found.length === 0) return [];
    const rows = await this.#db.all(RESCUE, [
      instant(now),
      overdueMs,
      found.map(({ ref }) => ref.dispatchId),
      found.map(({ ref }) => ref.epoch),
      found.map(({ lost }) => rescueMessage(lost, overdueMs)),
      found.map(({ lost }) => retryAt(lost)),
    ]);
    const rescued = new Set<DispatchId>(toDispatchIds(rows.filter(({ id }) => id !== null)));
    if (rescued.size > 0) this.#announce();
    return found.map(({ lost }) => lost).filter(({ dispatchId }) => rescued.has(dispatchId));
  }

  async nextRescueAt(overdueMs: number): Promise<EpochMs | null> {
    const [row] = await this.#db.all(NEXT_RESCUE, [overdueMs]);
    return row === undefined ? null : toInstant(row);
  }

  async markOffline(silentSince: EpochMs): Promise<number> {
    const marked = await this.#db.all(MARK_OFFLINE, [instant(silentSince)]);
    if (marked.length > 0) this.#announce();
    return marked.length;
  }

  async heal(pass: HealPass): Promise<Healed> {
    const healed = await heal(this.#db, pass);
    if (healed.jobs + healed.waiting + healed.running > 0) this.#announce();
    return healed;
  }

  prune(pass: PrunePass): Promise<number> {
    return this.#db.transaction((tx) => prune(tx, pass));
  }

  pruneSurplus(pass: SurplusPass): Promise<SurplusPruned> {
    return this.#db.transaction((tx) => pruneSurplus(tx, pass));
  }
}

/** Facts about a due job beside its row. */
type Known = Pick<DueJob, "unfinished" | "settled">;

async function knownOf(tx: Session, jobs: readonly Job[], now: EpochMs): Promise<ReadonlyMap<unknown, Known>> {
  const rows = await tx.all(UNFINISHED, [jobs.map(({ id }) => id), jobs.map(({ nextRun }) => nextRun), instant(now)]);
  return new Map(rows.map((row) => [row["id"], { unfinished: toNumber(row), settled: toSettled(row) }]));
}

/** Asks about one job after the other, until there are enough dispatches for one transaction. */
function decideAll(
  jobs: readonly Job[],
  known: ReadonlyMap<unknown, Known>,
  decide: (due: DueJob) => DueDecision,
): readonly Decided[] {
  const decided: Decided[] = [];
  let dispatches = 0;
  for (const job of jobs) {
    if (dispatches >= MOST_DISPATCHES) break;
    if (job.nextRun === null) continue;
    const due = { job, dueAt: job.nextRun, ...known.get(job.id) ?? { unfinished: 0, settled: [] } };
    const decision = decide(due);
    dispatches += decision.dispatch.length;
    decided.push({ ...due, decision });
  }
  return decided;
}

/** The jobs whose earlier runs are cancelled, each for the first run that was written of it. */
function supersededBy(runs: readonly DispatchedRun[], decided: readonly Decided[]): Cancelling["jobs"] {
  return decided.filter(({ decision }) => decision.cancelsEarlier).flatMap(({ job: { id: jobId } }) => {
    const forRun = runs.find((run) => run.jobId === jobId)?.id;
    return forRun === undefined ? [] : [{ jobId, cancel: { reason: "overlap", forRun } }];
  });
}

function additionOf({ job, decision, settled }: Decided): LedgerAddition {
  const times = settledBy(decision, settled);
  const { id: jobId, lastDispatchedAt, updatedAt: since } = job;
  return {
    jobId,
    entries: decision.ledger,
    since,
    occurred: lastDispatchedAt === null ? times : [lastDispatchedAt, ...times],
  };
}

async function advance(tx: Session, decided: readonly Decided[]): Promise<void> {
  await tx.all(ADVANCE, [
    decided.map(({ job }) => job.id),
    decided.map(({ decision }) => decision.nextRun),
    decided.map(({ decision, settled }) => settledBy(decision, settled).at(-1) ?? null),
  ]);
}
