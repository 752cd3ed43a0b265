/**
 * The questions about alerts that differ by what is asked.
 *
 * @module
 */
import type { AlertScope } from "../domain/mod.ts";
import { type IncidentQuery, SWEEP_STEP, type WatchQuery } from "./alert_store.ts";
import { at, type StepValues } from "./alert_work.ts";

interface Question {
  readonly sql: string;
  readonly values: StepValues;
}

/** Most live rows that one look reads. */
const MOST_LIVE = 10_000;

/** The statement of a list of incidents, which takes `before` and `limit` too. */
export function incidentsQuery({ state, jobId, visible = "all" }: IncidentQuery): Question {
  const labels = visible === "all" ? [] : visible;
  const names = labels.map((_, index) => `:label${index}`);
  // Indexes: incidents_open_by_id, incidents_by_job, the primary key.
  const conditions = [
    "i.id < :before",
    ...(state === undefined ? [] : [`i.closed_at IS ${state === "open" ? "" : "NOT "}NULL`]),
    ...(jobId === undefined ? [] : ["i.job_id = :job"]),
    ...(visible === "all" ? [] : [
      names.length === 0
        ? "1 = 0"
        : `EXISTS (SELECT 1 FROM job_labels l WHERE l.job_id = i.job_id AND l.label IN (${names.join(", ")}))`,
    ]),
  ];
  return {
    sql: `SELECT i.* FROM incidents i WHERE ${conditions.join(" AND ")} ORDER BY i.id DESC LIMIT :limit`,
    values: {
      ...(jobId !== undefined && { job: jobId }),
      ...Object.fromEntries(labels.map((label, index) => [`label${index}`, label])),
    },
  };
}

const SCOPES: Readonly<Record<AlertScope["kind"], string>> = {
  all: "",
  label: "AND EXISTS (SELECT 1 FROM job_labels l WHERE l.job_id = j.id AND l.label = :label)",
  job: "AND j.id = :job",
};

// The live rows are in partial indexes: job_dispatch_running and job_dispatch_waiting. The number of them that is read is limited.
const LIVE: Readonly<Record<"running" | "waiting", string>> = {
  running: `SELECT job_id, started_at AS since FROM job_dispatch
    WHERE status = 'IN_PROGRESS' AND started_at < :before LIMIT ${MOST_LIVE}`,
  waiting: `SELECT job_id, available_at AS since FROM job_dispatch
    WHERE status = 'PENDING' AND available_at < :before LIMIT ${MOST_LIVE}`,
};

// Index: scheduled_jobs_due.
const NOT_DISPATCHED = `
  UNION ALL SELECT id, next_run FROM (
    SELECT id, next_run FROM scheduled_jobs
    WHERE is_active = {true} AND next_run IS NOT NULL AND deleted_at IS NULL AND next_run < :before
    ORDER BY next_run, id LIMIT ${MOST_LIVE}) due`;

/** The statement of a look at jobs. */
export function watchStatement({ what, before, after = 0, scope, limit }: WatchQuery): Question {
  const values = {
    before: at(before),
    limit,
    ...(scope.kind === "label" && { label: scope.label }),
    ...(scope.kind === "job" && { job: scope.jobId }),
  };
  const scoped = SCOPES[scope.kind];
  if (what === "no_success") {
    // Index: the primary keys; a step of the sweep reads as many jobs as it says.
    const sql = `
      SELECT j.id AS job_id, j.name AS job_name, j.labels, coalesce(a.succeeded_at, j.updated_at) AS since
      FROM scheduled_jobs j LEFT JOIN alert_jobs a ON a.job_id = j.id
      WHERE j.id > :after AND j.id <= :until AND j.deleted_at IS NULL AND j.is_active = {true} AND j.updated_at < :before
        AND (a.succeeded_at IS NULL OR a.succeeded_at < :before) ${scoped}
      ORDER BY j.id LIMIT :limit`;
    return { sql, values: { ...values, after, until: after + SWEEP_STEP } };
  }
  const live = what === "running" ? LIVE.running : `SELECT * FROM (${LIVE.waiting}) w ${NOT_DISPATCHED}`;
  const sql = `
    SELECT j.id AS job_id, j.name AS job_name, j.labels, min(v.since) AS since
    FROM (${live}) v JOIN scheduled_jobs j ON j.id = v.job_id
    WHERE j.deleted_at IS NULL ${scoped}
    GROUP BY j.id, j.name, j.labels ORDER BY j.id LIMIT :limit`;
  return { sql, values };
}
