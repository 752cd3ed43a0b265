/**
 * A database with a long history and few live rows, as after months of use, on which plans of queries are judged.
 *
 * @module
 */
import { fillHistory } from "../../tools/history.ts";
import type { TestStore } from "./store.ts";

/** Jobs; the first has half of all runs, the last has none. */
export const JOBS = 400;

/** Attempts. The last of them are live; failures and cancellations lie far back. */
export const RUNS = 30_000;

/** What to fill a database with. */
export interface History {
  /** With the statistics that its planner would have by then. */
  readonly gathered: boolean;
  /** Default: {@linkcode JOBS}. */
  readonly jobs?: number;
  /** Default: {@linkcode RUNS}. */
  readonly runs?: number;
}

/** Fills an empty database; its first run was due in November 2023, and then one each second. */
export function fillWithHistory(
  database: Pick<TestStore, "url" | "sql">,
  { gathered, jobs = JOBS, runs = RUNS }: History,
): Promise<void> {
  return fillHistory(database, { gathered, jobs, runs, beginMs: 1.7e12, stepMs: 1000, chunks: 3, output: "line" });
}
