import type { Job } from "../../shared/domain/mod.ts";
import type { TestPortal } from "./_portal.ts";
import { addJob } from "./_seed.ts";

/** A run that has ended: minutes before now at which it began, how long it took in seconds, and how it ended. */
export interface PastRun {
  readonly minutesAgo: number;
  readonly tookSeconds: number;
  readonly isFailed?: boolean;
}

/** A few days of a portal: jobs of different rhythms, with the runs they have had, all of them counted. */
export async function seedDays(portal: TestPortal): Promise<{ readonly night: Job }> {
  const job = (name: string, schedule: string, labels = "") =>
    addJob(portal, { name, labels, script: "backup/nightly.sh", schedule, timezone: "Asia/Hong_Kong" });
  const night = await job("Nightly backup", "daily at 02:00", "nightly");
  const frequent = await job("Import orders", "cron */5 * * * *");
  const sync = await job("Sync CRM contacts", "cron 0,30 * * * *", "crm");
  await job("Yearly archive", "cron 0 12 1 1 *");
  const every = (minutes: number, count: number): PastRun[] =>
    Array.from({ length: count }, (_, i) => ({ minutesAgo: 3 + i * minutes, tookSeconds: 20 + i % 7 * 5 }));
  await ran(portal, frequent, every(5, 900));
  await ran(portal, sync, every(30, 100).map((run, i) => ({ ...run, tookSeconds: 100, isFailed: i % 4 === 0 })));
  await ran(portal, night, [{ minutesAgo: 200, tookSeconds: 2400 }, {
    minutesAgo: 1640,
    tookSeconds: 41,
    isFailed: true,
  }]);
  while (await portal.store.statistics.rollUp({ limit: 500 }) > 0);
  return { night };
}

/** Writes runs of a job as if a worker had carried them out. */
async function ran(portal: TestPortal, { id }: Job, runs: readonly PastRun[]): Promise<void> {
  const now = Date.now();
  const rows = runs.toSorted((a, b) => b.minutesAgo - a.minutesAgo).map(
    ({ minutesAgo, tookSeconds, isFailed = false }) => {
      const start = now - minutesAgo * 60_000;
      return [start, start + tookSeconds * 1000, isFailed ? 3 : 0];
    },
  );
  const last = "(SELECT coalesce(max(id), 0) FROM job_dispatch)";
  await portal.sql(`
    WITH run AS (
      SELECT ${last} + key + 1 AS id, value ->> 0 AS start, value ->> 1 AS ended, value ->> 2 AS code
      FROM json_each('${JSON.stringify(rows)}')
    )
    INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, worker_id, claimed_at,
      started_at, completed_at, exit_code, job_revision, correlation_id, created_at)
    SELECT id, id, ${id}, start, 'manual', CASE code WHEN 0 THEN 'COMPLETED' ELSE 'FAILED' END, 0, start - 1500, 'node-1', start,
      start, ended, code, 1, 'c', start - 1500 FROM run`);
  await portal.sql(`
    INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, duration_ms, log_bytes, truncated)
    SELECT id, job_id, completed_at, CASE exit_code WHEN 0 THEN 'SUCCESS' ELSE 'FAILURE' END, completed_at - started_at, 0, 0
    FROM job_dispatch WHERE job_id = ${id}`);
}
