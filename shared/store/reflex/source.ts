/**
 * The database of the Reflex system, which is read and never written. Its tables grew over the years, so a column may be missing;
 * every value is read as text, which both kinds of database can give.
 *
 * @module
 */
import { z } from "zod";
import { epochMs } from "../../domain/brand.ts";
import { parseReflexTime, type ReflexDispatch, type ReflexJob, type ReflexLog } from "../../importing/mod.ts";

/** A row, each value as text. */
export type TextRow = Readonly<Record<string, string | null>>;

/** Runs questions: `?` stands for a parameter, a whole number. */
export interface TextSource {
  /** The name of the database in messages. */
  readonly where: string;
  /** The columns of a table; none: there is no such table. */
  columns(table: string): Promise<readonly string[]>;
  /** The rows that `sql` answers. */
  all(sql: string, parameters?: readonly number[]): Promise<readonly TextRow[]>;
}

/** What an import reads. */
export interface ReflexSource {
  /** The name of the database in messages. */
  readonly where: string;
  /** All jobs, by their ids. */
  jobs(): Promise<readonly ReflexJob[]>;
  /** The logs of a job, without their output. */
  logs(jobId: number): Promise<readonly ReflexLog[]>;
  /** The dispatches of a job. */
  dispatches(jobId: number): Promise<readonly ReflexDispatch[]>;
  /** The output of a log. */
  output(logId: number): Promise<string>;
}

const JOB_COLUMNS = [
  "id",
  "name",
  "script_path",
  "interval_seconds",
  "schedule_type",
  "schedule_time",
  "schedule_day",
  "is_active",
  "next_run",
] as const;
const LOG_COLUMNS = ["id", "run_time", "status"] as const;
const DISPATCH_COLUMNS = [
  "id",
  "created_at",
  "claimed_at",
  "completed_at",
  "status",
  "worker_id",
  "error_message",
] as const;

const text = z.string().nullable().transform((value) => value ?? "");
const number = z.string().nullable().transform((value) => value === null || value.trim() === "" ? null : Number(value));
const id = z.string().transform(Number).pipe(z.number().int());
const time = z.string().nullable().transform(parseReflexTime);

const jobRow = z.object({
  id,
  name: text,
  script_path: text,
  interval_seconds: number,
  schedule_type: z.string().nullable(),
  schedule_time: z.string().nullable(),
  schedule_day: number,
  is_active: z.string().nullable().transform((value) => /^(1|t|true)$/i.test(value ?? "true")),
  next_run: time,
}).transform((row): ReflexJob => ({
  id: row.id,
  name: row.name,
  scriptPath: row.script_path,
  intervalSeconds: row.interval_seconds,
  scheduleType: row.schedule_type,
  scheduleTime: row.schedule_time,
  scheduleDay: row.schedule_day,
  isActive: row.is_active,
  nextRun: row.next_run,
}));

const logRow = z.object({ id, run_time: time, status: text }).transform((row): ReflexLog => ({
  id: row.id,
  runTime: row.run_time ?? epochMs(0),
  status: row.status,
}));

const dispatchRow = z.object({
  id,
  created_at: time,
  claimed_at: time,
  completed_at: time,
  status: text,
  worker_id: z.string().nullable(),
  error_message: z.string().nullable(),
}).transform((row): ReflexDispatch => ({
  id: row.id,
  createdAt: row.created_at ?? row.claimed_at ?? row.completed_at ?? epochMs(0),
  claimedAt: row.claimed_at,
  completedAt: row.completed_at,
  status: row.status,
  workerId: row.worker_id,
  errorMessage: row.error_message,
}));

const outputRows = z.array(z.object({ output: text }));

/** Reads jobs and history from the tables of `source`. Null: it has no table of jobs. */
export async function reflexSource(source: TextSource): Promise<ReflexSource | null> {
  const jobs = await source.columns("scheduled_jobs");
  if (!["id", "name", "script_path", "interval_seconds"].every((column) => jobs.includes(column))) return null;
  const logs = await source.columns("job_execution_logs");
  const dispatches = await source.columns("job_dispatch");
  const ofJob = (table: string, there: readonly string[], columns: readonly string[], jobId: number) =>
    there.length === 0
      ? Promise.resolve([])
      : source.all(`SELECT ${selected(there, columns)} FROM ${table} WHERE job_id = ? ORDER BY ${table}.id`, [jobId]);
  return {
    where: source.where,
    async jobs() {
      const rows = await source.all(
        `SELECT ${selected(jobs, JOB_COLUMNS)} FROM scheduled_jobs ORDER BY scheduled_jobs.id`,
      );
      return rows.map((row) => jobRow.parse(row));
    },
    async logs(jobId) {
      return (await ofJob("job_execution_logs", logs, LOG_COLUMNS, jobId)).map((row) => logRow.parse(row));
    },
    async dispatches(jobId) {
      return (await ofJob("job_dispatch", dispatches, DISPATCH_COLUMNS, jobId)).map((row) => dispatchRow.parse(row));
    },
    async output(logId) {
      const rows = await source.all(
        `SELECT ${selected(logs, ["log_output"])} FROM job_execution_logs WHERE id = ?`,
        [logId],
      );
      return outputRows.parse(rows.map(({ log_output }) => ({ output: log_output })))[0]?.output ?? "";
    },
  };
}

/** The columns as text; NULL for those that are not there. */
function selected(there: readonly string[], columns: readonly string[]): string {
  return columns.map((name) => there.includes(name) ? `CAST(${name} AS TEXT) AS ${name}` : `NULL AS ${name}`).join(
    ", ",
  );
}
