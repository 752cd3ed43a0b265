import type { EpochMs, JobId } from "../../domain/mod.ts";
import {
  type DamagedJob,
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
import { cancelAll, endUnreported, insertFirst } from "./attempts.ts";
import type { Connection } from "./connection.ts";
import { heal } from "./heal.ts";
import { enterLedger } from "./ledger.ts";
import { prune, pruneSurplus } from "./retention.ts";
import { toJob } from "../job_rows.ts";
import { toSettled } from "../ledger_rows.ts";
import { toInstant, toNumber } from "../rows.ts";
import { toLost } from "../run_rows.ts";

// Index: scheduled_jobs_due, its first entry.
const NEXT_DUE = `
  SELECT min(next_run) AS at FROM scheduled_jobs WHERE is_active = 1 AND next_run IS NOT NULL AND deleted_at IS NULL`;

// Indexes: scheduled_jobs_due; job_dispatch_unfinished for the count, job_dispatch_occurrence for settled occurrences.
const DUE = `
  SELECT *, (
    SELECT count(*) FROM job_dispatch WHERE job_id = scheduled_jobs.id AND completed_at IS NULL AND backfill_id IS NULL
  ) AS n, (
    SELECT json_group_array(scheduled_for ORDER BY scheduled_for) FROM job_dispatch
    WHERE job_id = scheduled_jobs.id AND trigger = 'schedule' AND scheduled_for BETWEEN scheduled_jobs.next_run AND :now
  ) AS settled
  FROM scheduled_jobs
  WHERE is_active = 1 AND next_run IS NOT NULL AND deleted_at IS NULL AND next_run <= :now
    AND id NOT IN (SELECT value FROM json_each(:settled))
  ORDER BY next_run, id LIMIT :limit`;

const ADVANCE = `
  UPDATE scheduled_jobs SET next_run = :nextRun, last_dispatched_at = coalesce(:lastDispatchedAt, last_dispatched_at)
  WHERE id = :id`;

// Indexes: job_dispatch_running, all of it: running attempts are few; job_dispatch_attempt for the earlier attempts. Only a
// rescue ends an attempt as TIMEOUT without a report of its worker.
const LOST = `
  SELECT d.id, d.job_id, d.worker_id, d.scheduled_for, d.correlation_id, d.retry_count, d.lease_epoch AS n, j.policies,
    1 + (SELECT count(*) FROM job_dispatch o
      WHERE o.root_id = d.root_id AND o.status = 'TIMEOUT' AND o.reported_epoch IS NULL) AS losses,
    CASE WHEN d.lease_until <= :now THEN 'lease' ELSE 'overdue' END AS reason
  FROM job_dispatch d CROSS JOIN scheduled_jobs j ON j.id = d.job_id
  WHERE d.status = 'IN_PROGRESS' AND (d.lease_until <= :now OR d.timeout_at + :overdueMs <= :now)
  ORDER BY d.lease_until LIMIT :limit`;

// Index: job_dispatch_running, all of it.
const NEXT_RESCUE = `
  SELECT min(min(lease_until, coalesce(timeout_at + :overdueMs, lease_until))) AS at
  FROM job_dispatch WHERE status = 'IN_PROGRESS'`;

const SET_ASIDE = "UPDATE scheduled_jobs SET next_run = NULL WHERE id = :id";

const SILENT = "SELECT count(*) AS n FROM worker_registration WHERE status <> 'OFFLINE' AND last_heartbeat <= :since";
const MARK_OFFLINE = `
  UPDATE worker_registration SET status = 'OFFLINE' WHERE status <> 'OFFLINE' AND last_heartbeat <= :since`;

/** Most jobs that one transaction settles, so that it holds the lock for some milliseconds only. */
const DUE_AT_ONCE = 50;

/** The work of a pass so far. */
interface Settled {
  readonly jobs: readonly JobId[];
  /** Dispatches that were decided on, those that existed already included. */
  readonly decided: number;
  /** The dispatches that were written. */
  readonly runs: readonly DispatchedRun[];
  readonly isAnyStillDue: boolean;
  /** Whether no other job is due. */
  readonly isLast: boolean;
  readonly damaged: readonly DamagedJob[];
}

/** What a scheduler does, in SQLite. Every pass looks first and takes the write lock only when there is something to do. */
export class SqliteScheduling implements SchedulingStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  nextDueAt(): Promise<EpochMs | null> {
    return this.#db.read(() => toInstant(this.#db.one(NEXT_DUE)));
  }

  async dispatchDue(pass: DispatchPass): Promise<DuePass> {
    const { now, limit } = pass;
    const nextDueAt = await this.nextDueAt();
    if (nextDueAt === null || nextDueAt > now) return { jobs: 0, runs: [], isDone: true, damaged: [] };
    let settled: Settled = { jobs: [], decided: 0, runs: [], isAnyStillDue: false, isLast: false, damaged: [] };
    while (!settled.isLast && settled.jobs.length < limit && settled.decided < MOST_DISPATCHES) {
      const before = settled;
      settled = await this.#db.write(() => this.#settleSome(pass, before));
    }
    const { jobs, runs, isAnyStillDue, isLast, damaged } = settled;
    return { jobs: jobs.length, runs, isDone: isLast && !isAnyStillDue, damaged };
  }

  async rescue(pass: RescuePass): Promise<readonly LostAttempt[]> {
    const { now, overdueMs, limit, retryAt } = pass;
    const nextRescueAt = await this.nextRescueAt(overdueMs);
    if (nextRescueAt === null || nextRescueAt > now) return [];
    return this.#db.write(() => {
      const rescued: LostAttempt[] = [];
      for (const row of this.#db.all(LOST, { now, overdueMs, limit })) {
        const lost = toLost(row);
        endUnreported(this.#db, { dispatchId: lost.dispatchId, epoch: toNumber(row) }, {
          status: "TIMEOUT",
          errorMessage: rescueMessage(lost, overdueMs),
          retryAt: retryAt(lost),
          now,
        });
        rescued.push(lost);
      }
      return rescued;
    });
  }

  nextRescueAt(overdueMs: number): Promise<EpochMs | null> {
    return this.#db.read(() => toInstant(this.#db.one(NEXT_RESCUE, { overdueMs })));
  }

  async markOffline(silentSince: EpochMs): Promise<number> {
    const silent = await this.#db.read(() => toNumber(this.#db.one(SILENT, { since: silentSince })));
    return silent === 0 ? 0 : await this.#db.write(() => this.#db.run(MARK_OFFLINE, { since: silentSince }));
  }

  heal(pass: HealPass): Promise<Healed> {
    return heal(this.#db, pass);
  }

  prune(pass: PrunePass): Promise<number> {
    return prune(this.#db, pass);
  }

  pruneSurplus(pass: SurplusPass): Promise<SurplusPruned> {
    return pruneSurplus(this.#db, pass);
  }

  /** Settles the next jobs of a pass in one transaction. Answers what the pass has done by then. */
  #settleSome({ now, limit, decide }: DispatchPass, before: Settled): Settled {
    const most = Math.min(limit - before.jobs.length, DUE_AT_ONCE);
    const rows = this.#db.all(DUE, { now, limit: most, settled: JSON.stringify(before.jobs) });
    let { decided, isAnyStillDue } = before;
    const runs: DispatchedRun[] = [];
    const jobs: JobId[] = [];
    const damaged: DamagedJob[] = [];
    for (const row of rows) {
      if (decided >= MOST_DISPATCHES) break;
      const job = toJob(row);
      if (job.damage !== null) {
        this.#db.run(SET_ASIDE, { id: job.id });
        damaged.push({ jobId: job.id, damage: job.damage });
        continue;
      }
      if (job.nextRun === null) continue;
      const due = { job, dueAt: job.nextRun, unfinished: toNumber(row), settled: toSettled(row) };
      const decision = decide(due);
      runs.push(...this.#carryOut(due, decision, now));
      decided += decision.dispatch.length;
      jobs.push(job.id);
      isAnyStillDue ||= isStillDue(decision, now);
    }
    const isLast = rows.length < most && jobs.length + damaged.length === rows.length;
    const all = {
      jobs: [...before.jobs, ...jobs],
      runs: [...before.runs, ...runs],
      damaged: [...before.damaged, ...damaged],
    };
    return { ...all, decided, isAnyStillDue, isLast };
  }

  #carryOut({ job, settled }: DueJob, decision: DueDecision, now: EpochMs): readonly DispatchedRun[] {
    const runs: DispatchedRun[] = [];
    for (const due of decision.dispatch) {
      const correlationId = crypto.randomUUID();
      const id = insertFirst(this.#db, job, { ...due, trigger: "schedule", correlationId, now });
      if (id !== null) runs.push({ id, jobId: job.id, scheduledFor: due.scheduledFor, correlationId });
    }
    const forRun = runs[0]?.id;
    if (decision.cancelsEarlier && forRun !== undefined) {
      cancelAll(this.#db, job.id, { cancel: { reason: "overlap", forRun }, now, withBackfills: false });
    }
    const times = settledBy(decision, settled);
    const occurred = job.lastDispatchedAt === null ? times : [job.lastDispatchedAt, ...times];
    const known = { since: job.updatedAt, occurred, now };
    for (const entry of decision.ledger) enterLedger(this.#db, { ...entry, jobId: job.id }, known);
    this.#db.run(ADVANCE, { id: job.id, nextRun: decision.nextRun, lastDispatchedAt: times.at(-1) ?? null });
    return runs;
  }
}
