/**
 * Reads the tables for the checks, without the store.
 *
 * @module
 */
import { z } from "zod";
import type { Job, LedgerEntry, LogChunk, RunEvent } from "../../shared/domain/mod.ts";
import { toPosition, toRunEvent } from "../../shared/store/event_rows.ts";
import { toJob } from "../../shared/store/job_rows.ts";
import { toLedgerEntry } from "../../shared/store/ledger_rows.ts";
import { toChunk } from "../../shared/store/log_rows.ts";
import type { Row } from "../../shared/store/rows.ts";
import type { TallyRow } from "./tallies.ts";

/** A row of `job_dispatch`, with the status of its row in `job_execution_logs` and the number of its chunks of output. */
export interface AttemptRow {
  readonly id: number;
  readonly job_id: number;
  readonly root_id: number;
  readonly scheduled_for: number;
  readonly trigger: string;
  readonly status: string;
  readonly retry_count: number;
  readonly idempotency_key: string | null;
  readonly worker_id: string | null;
  readonly lease_epoch: number | null;
  readonly lease_until: number | null;
  readonly started_at: number | null;
  readonly timeout_at: number | null;
  readonly cancel_requested_at: number | null;
  readonly reported_epoch: number | null;
  readonly execution: string | null;
  readonly chunks: number;
}

const attemptRow = z.object({
  id: z.number(),
  job_id: z.number(),
  root_id: z.number(),
  scheduled_for: z.number(),
  trigger: z.string(),
  status: z.string(),
  retry_count: z.number(),
  idempotency_key: z.string().nullable(),
  worker_id: z.string().nullable(),
  lease_epoch: z.number().nullable(),
  lease_until: z.number().nullable(),
  started_at: z.number().nullable(),
  timeout_at: z.number().nullable(),
  cancel_requested_at: z.number().nullable(),
  reported_epoch: z.number().nullable(),
  execution: z.string().nullable(),
  chunks: z.number(),
});

/** The columns of `job_dispatch` that the checks look at. */
const COLUMNS = Object.keys(attemptRow.shape).filter((column) => column !== "execution" && column !== "chunks");

/** A chunk and its attempt. */
export interface ChunkRow extends LogChunk {
  readonly dispatchId: number;
}

const tallyRow = z.object({
  grain: z.enum(["hour", "day"]),
  job_id: z.number(),
  at: z.number(),
  success: z.number(),
  failure: z.number(),
  error: z.number(),
  timeout: z.number(),
  cancelled: z.number(),
  not_run: z.number(),
});

/** A job, deleted or not. */
export interface JobRow extends Job {
  readonly isDeleted: boolean;
}

/** Answers rows as the store's own connection does. */
export type Query = (sql: string, parameters: readonly (string | number)[]) => Promise<readonly Row[]>;

/** Reads what is committed. */
export class Witness {
  /** Whether anything may have been committed since the last call. */
  readonly hasNews: () => boolean;
  /** How many ids below the newest may still appear, because a later one was committed before. */
  readonly idsToCome: number;
  readonly #query: (sql: string, parameters?: readonly (string | number)[]) => Promise<readonly Row[]>;
  readonly #attempts: string;
  /** Each attempt as it was last read: as text, and what that says. */
  readonly #known = new Map<unknown, { readonly text: string; readonly attempt: AttemptRow }>();

  /** `among` is the condition that a column is one of the numbers in a JSON array, the second parameter. */
  constructor(
    query: Query,
    { among, hasNews, idsToCome }: Pick<Witness, "hasNews" | "idsToCome"> & { readonly among: string },
  ) {
    this.hasNews = hasNews;
    this.idsToCome = idsToCome;
    this.#query = (sql, parameters = []) => query(sql, parameters);
    this.#attempts = `
      SELECT ${COLUMNS.map((column) => `d.${column}`).join(", ")}, l.status AS execution,
        (SELECT count(*) FROM job_log_chunks c WHERE c.dispatch_id = d.id) AS chunks
      FROM job_dispatch d LEFT JOIN job_execution_logs l ON l.dispatch_id = d.id
      WHERE d.id > $1 OR d.id ${among} ORDER BY d.id`;
  }

  /** The attempts with these ids, and all with higher ones than `after`; by id. One that has not changed is the same object as before. */
  async attempts(ids: readonly number[], after: number): Promise<readonly AttemptRow[]> {
    const rows = await this.#query(this.#attempts, [after, JSON.stringify(ids)]);
    return rows.map((row) => {
      const [id, text] = [row["id"], JSON.stringify(row)];
      const known = this.#known.get(id);
      if (known?.text === text) return known.attempt;
      const attempt = attemptRow.parse(row);
      this.#known.set(id, { text, attempt });
      return attempt;
    });
  }

  /** All jobs, deleted ones too. */
  async jobs(): Promise<readonly JobRow[]> {
    const rows = await this.#query("SELECT * FROM scheduled_jobs ORDER BY id");
    return rows.map((row) => ({ ...toJob(row), isDeleted: row["deleted_at"] !== null }));
  }

  /** The whole ledger, in the order it was written. */
  async ledger(): Promise<readonly LedgerEntry[]> {
    return (await this.#query("SELECT * FROM occurrence_ledger ORDER BY id")).map(toLedgerEntry);
  }

  /** The whole outbox, in order. */
  async events(): Promise<readonly RunEvent[]> {
    return (await this.#query("SELECT * FROM run_events ORDER BY id")).map(toRunEvent);
  }

  /** How far a consumer of the outbox has come. */
  async position(consumer: string): Promise<number> {
    const [row] = await this.#query(`SELECT position FROM event_consumers WHERE name = '${consumer}'`);
    return toPosition(row);
  }

  /** What is counted of each job and of all. */
  async tallies(): Promise<readonly TallyRow[]> {
    const rows = await this.#query("SELECT * FROM run_statistics WHERE host = '' ORDER BY grain, job_id, at");
    return rows.map((row) => tallyRow.parse(row)).map(({ grain, job_id: jobId, at, ...counts }) => ({
      grain,
      jobId,
      at,
      counts: {
        SUCCESS: counts.success,
        FAILURE: counts.failure,
        ERROR: counts.error,
        TIMEOUT: counts.timeout,
        CANCELLED: counts.cancelled,
        NOT_RUN: counts.not_run,
      },
    }));
  }

  /** The ids of the jobs that fail. */
  async failing(): Promise<readonly number[]> {
    return (await this.#query("SELECT job_id AS id FROM failing_jobs")).map((row) => Number(row["id"]));
  }

  /** All output, by attempt and number. */
  async chunks(): Promise<readonly ChunkRow[]> {
    const rows = await this.#query("SELECT * FROM job_log_chunks ORDER BY dispatch_id, seq");
    return rows.map((row) => ({ ...toChunk(row).chunk, dispatchId: Number(row["dispatch_id"]) }));
  }

  /** The number of executions. */
  async executions(): Promise<number> {
    const [row] = await this.#query("SELECT count(*) AS n FROM job_execution_logs");
    return Number(row?.["n"]);
  }
}
