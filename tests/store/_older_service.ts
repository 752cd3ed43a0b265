/**
 * A service of the first version of the schema, which goes on while a newer one migrates the database under it: it keeps its
 * connection and the statements that it prepared. Its SQL is never brought up to date; it is what was once released.
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import pg from "pg";
import { at } from "./_given.ts";

/** Which database, for the few words that differ. */
export type Kind = "SQLite" | "PostgreSQL";

/** A connection that prepares each statement once. */
export interface OlderConnection extends AsyncDisposable {
  /** Runs a statement that reads whatever columns there are by now. */
  read(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Runs a statement, which is prepared the first time. */
  run(sql: string, values?: readonly (string | number)[]): Promise<readonly Record<string, unknown>[]>;
}

/** Opens one on a SQLite file. */
export function olderSqlite(path: string): OlderConnection {
  const db = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
  const prepared = new Map<string, StatementSync>();
  return {
    run(sql, values = []) {
      const statement = prepared.get(sql) ?? db.prepare(sql.replaceAll(/\$(\d)/g, "?$1"));
      prepared.set(sql, statement);
      return Promise.resolve(statement.all(...values));
    },
    read: (sql) => Promise.resolve(db.prepare(sql).all()),
    [Symbol.asyncDispose]: () => Promise.resolve(db.close()),
  };
}

/** Opens one on a PostgreSQL. */
export async function olderPostgres(url: string): Promise<OlderConnection> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const prepared = new Map<string, string>();
  return {
    async run(sql, values = []) {
      const name = prepared.get(sql) ?? `older_${prepared.size}`;
      prepared.set(sql, name);
      return (await client.query({ name, text: sql, values: [...values] })).rows;
    },
    read: async (sql) => (await client.query(sql)).rows,
    [Symbol.asyncDispose]: () => client.end(),
  };
}

const INSTANT = { SQLite: (value: string) => value, PostgreSQL: (value: string) => `to_timestamp(${value} / 1000.0)` };

/** The first version of the product, at work on a database. */
export class OlderService {
  readonly #db: OlderConnection;
  readonly #kind: Kind;

  constructor(db: OlderConnection, kind: Kind) {
    this.#db = db;
    this.#kind = kind;
  }

  /** Makes job 1, which was paused once, its worker, and what was skipped meanwhile. */
  async begin(): Promise<void> {
    const [yes, now] = [this.#bool(true), this.#at(at(0))];
    await this.#db.run(`
      INSERT INTO scheduled_jobs (id, name, script_path, script_args, schedule, timezone, policies, is_active, next_run, revision,
        created_at, updated_at, search_key)
      VALUES (1, 'It''s "old" 🚀', 'a.sh', '["x"]', '{"kind":"daily","time":"09:00"}', 'Asia/Hong_Kong', '{"priority":3,"maxRetries":2}',
        ${yes}, ${now}, 4, ${now}, ${now}, 'a')`);
    await this.#db.run(`
      INSERT INTO worker_registration (worker_id, hostname, platform, process_id, version, tags, concurrency, started_at,
        last_heartbeat, status)
      VALUES ('old-1', 'host', 'linux', 7, '0.0.1', '[]', 2, ${now}, ${now}, 'IDLE')`);
  }

  /**
   * Runs one occurrence that fails and is tried again: run `id` ends, run `id` + 1 waits. Then one is passed over.
   * `hasEvents`: the database has an outbox, and the service knows it.
   */
  async work(id: number, { hasEvents }: { readonly hasEvents: boolean }): Promise<void> {
    const [now, late] = [this.#instant("$2"), this.#instant("$3")];
    const when = at(id);
    await this.#db.run(
      `INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, job_revision,
        correlation_id, created_at) VALUES ($1, $1, 1, ${now}, 'schedule', 'PENDING', 0, ${now}, 4, 'c', ${now})`,
      [id, when],
    );
    await this.#db.run(
      `UPDATE scheduled_jobs SET next_run = ${this.#instant("$1")}, last_dispatched_at = ${now} WHERE id = 1`,
      [when + 60_000, when],
    );
    await this.#db.run(
      `UPDATE job_dispatch SET status = 'IN_PROGRESS', worker_id = 'old-1', lease_epoch = $1, lease_until = ${late},
        claimed_at = ${now} WHERE id = $1 AND status = 'PENDING' RETURNING id, lease_epoch`,
      [id, when, when + 180_000],
    );
    await this.#db.run(
      `UPDATE job_dispatch SET started_at = ${now}, timeout_at = ${late}
        WHERE id = $1 AND status = 'IN_PROGRESS' AND lease_epoch = $1`,
      [id, when, when + 600_000],
    );
    await this.#db.run(
      `UPDATE worker_registration SET last_heartbeat = ${
        this.#instant("$1")
      }, status = 'BUSY' WHERE worker_id = 'old-1'`,
      [when],
    );
    await this.#db.run(
      `UPDATE job_dispatch SET lease_until = ${now} WHERE id = $1 AND status = 'IN_PROGRESS' AND lease_epoch = $1`,
      [id, when + 200_000],
    );
    await this.#db.run(
      `INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data) VALUES ($1, 0, 'stdout', ${now}, 'é line' )`,
      [id, when],
    );
    const ended = await this.#db.run(
      `UPDATE job_dispatch SET status = 'FAILED', completed_at = ${now}, exit_code = 3, reported_epoch = lease_epoch,
        lease_epoch = NULL, lease_until = NULL, timeout_at = NULL
        WHERE id = $1 AND status = 'IN_PROGRESS' AND lease_epoch = $1 RETURNING id`,
      [id, when + 5],
    );
    if (ended.length !== 1) throw new Error(`Run ${id} was not the older service's to end`);
    await this.#db.run(
      `INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, exit_code, duration_ms, log_bytes, truncated)
        VALUES ($1, 1, ${now}, 'FAILURE', 3, 5, 7, ${this.#bool(false)})`,
      [id, when + 5],
    );
    await this.#db.run(
      `INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, job_revision,
        correlation_id, created_at) VALUES ($1 + 1, $1, 1, ${now}, 'retry', 'PENDING', 1, ${now}, 4, 'c', ${now})`,
      [id, when],
    );
    await this.#db.run(
      `INSERT INTO occurrence_ledger (job_id, reason, first_at, last_at, count)
        VALUES (1, 'overlap', ${this.#instant("$1")}, ${this.#instant("$1")}, 1)`,
      [when + 1],
    );
    if (!hasEvents) return;
    await this.#db.run(
      `INSERT INTO run_events (at, job_id, dispatch_id, root_id, scheduled_for, execution, is_retried)
        VALUES (${now}, 1, $1, $1, ${now}, 'FAILURE', ${this.#bool(true)})`,
      [id, when],
    );
  }

  #instant(parameter: string): string {
    return INSTANT[this.#kind](this.#kind === "SQLite" ? parameter : `${parameter}::bigint`);
  }

  #at(value: number): string {
    return INSTANT[this.#kind](String(value));
  }

  #bool(value: boolean): string {
    return this.#kind === "SQLite" ? String(Number(value)) : String(value);
  }
}
