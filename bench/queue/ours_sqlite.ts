import { DatabaseSync } from "node:sqlite";
import type { Contestant } from "./contestant.ts";
import { type Backdoor, ours } from "./ours.ts";

const ADD_DUE_JOBS = `
  INSERT INTO scheduled_jobs (name, script_path, script_args, schedule, timezone, policies, is_active, next_run, revision,
    created_at, updated_at, search_key)
  SELECT name, script_path, script_args, schedule, timezone, policies, 1, :dueAt + (n - 1) * :stepMs, revision, created_at, updated_at,
    search_key
  FROM scheduled_jobs, (
    WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < :count) SELECT n FROM series)
  WHERE id = :id ORDER BY n`;

const UNFINISHED = "SELECT EXISTS (SELECT 1 FROM job_dispatch WHERE completed_at IS NULL) AS n";

/** SQL for which the store on SQLite has no method. */
export function openBackdoor(url: string): Promise<Backdoor> {
  const db = new DatabaseSync(url.replace("sqlite:///", ""), { timeout: 5000 });
  const unfinished = db.prepare(UNFINISHED);
  return Promise.resolve({
    addDueJobs(id, { count, dueAt, stepMs }) {
      db.prepare(ADD_DUE_JOBS).run({ id, count, dueAt, stepMs });
      return Promise.resolve();
    },
    // Yield to the worker, which runs in the same process.
    hasUnfinished: () => new Promise((resolve) => setTimeout(() => resolve(unfinished.get()?.["n"] === 1))),
    fillHistory: () => Promise.reject(new Error("Not measured on SQLite")),
    [Symbol.asyncDispose]() {
      db.close();
      return Promise.resolve();
    },
  });
}

/** This project on SQLite. */
export const oursOnSqlite: Contestant = ours("Job Trigger Portal", openBackdoor);
