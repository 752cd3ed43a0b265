/**
 * What a PostgreSQL says of itself. Of the sessions of other users it tells who is in `pg_read_all_stats`, and nobody else.
 *
 * @module
 */
import type { DatabaseFacts, RelationSize } from "../../domain/mod.ts";
import { toConsumerLag, toDispatched, toRelationSize, toSnapshot, toVersion } from "../diagnostics_rows.ts";
import type { DiagnosticsStore, Dispatched, DispatchedQuery } from "../diagnostics_store.ts";
import { toNumber } from "../rows.ts";
import { type Connection, statement } from "./connection.ts";
import { instant } from "./values.ts";

const VERSION = statement(`
  SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
    (SELECT max(name) FROM schema_migrations) AS schema, pg_database_size(current_database()) AS bytes`);

// Consumers are few; indexes: the primary keys.
const CONSUMERS = statement(`
  SELECT name, (SELECT at FROM run_events WHERE id > c.position ORDER BY id LIMIT 1) AS at
  FROM event_consumers c ORDER BY name COLLATE "C"`);

// What keeps dead rows from being cleared away: a session, a transaction that was prepared and never finished, a slot that
// nobody reads. The oldest of each, and of these the oldest; one whose age is unknown comes first.
const OLDEST_SNAPSHOT = statement(`
  SELECT * FROM (
    (SELECT concat('process ', pid, ' of user ', usename, ' (', nullif(application_name, ''), ')',
        ' from ', coalesce(host(client_addr), 'this machine'), ', ', state) AS holder,
      concat('SELECT pg_terminate_backend(', pid, ')') AS ending, xact_start AS at
    FROM pg_stat_activity
    WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid() AND datname = current_database()
      AND xact_start IS NOT NULL
    ORDER BY xact_start LIMIT 1)
    UNION ALL
    (SELECT concat('the prepared transaction ', quote_literal(gid), ' of user ', owner),
      concat('ROLLBACK PREPARED ', quote_literal(gid)), prepared
    FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT 1)
    UNION ALL
    (SELECT concat('the replication slot ', slot_name, ', which nobody reads'),
      concat('SELECT pg_drop_replication_slot(', quote_literal(slot_name), ')'), NULL
    FROM pg_replication_slots WHERE NOT active AND xmin IS NOT NULL LIMIT 1)
  ) held ORDER BY at NULLS FIRST LIMIT 1`);

const SIZES = statement(`
  SELECT relname AS name, relkind = 'i' AS is_index,
    CASE relkind WHEN 'i' THEN pg_relation_size(oid) ELSE pg_table_size(oid) END AS bytes
  FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'm', 'i')
  ORDER BY 3 DESC, 1`);

// Index: the primary key.
const DISPATCHED = statement(`
  SELECT trigger, count(*) AS n, max(id) AS last
  FROM (SELECT id, trigger FROM job_dispatch WHERE id > $1 AND created_at <= $2 ORDER BY id LIMIT $3) d
  GROUP BY trigger`);
const LAST_DISPATCH = statement("SELECT coalesce(max(id), 0) AS n FROM job_dispatch");

/** Facts about a PostgreSQL database. */
export class PostgresDiagnostics implements DiagnosticsStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async facts(): Promise<DatabaseFacts> {
    const [row = {}] = await this.#db.all(VERSION);
    const { version, schema, bytes } = toVersion(row);
    const [snapshot] = await this.#db.all(OLDEST_SNAPSHOT);
    return {
      product: `PostgreSQL ${version}`,
      schema,
      bytes,
      disk: null,
      walBytes: null,
      openFiles: [],
      oldestSnapshot: snapshot === undefined ? null : toSnapshot(snapshot),
      consumers: (await this.#db.all(CONSUMERS)).map(toConsumerLag),
    };
  }

  async dispatched({ after, until, limit }: DispatchedQuery): Promise<Dispatched> {
    if (after !== null) return toDispatched(await this.#db.all(DISPATCHED, [after, instant(until), limit]));
    const [row = {}] = await this.#db.all(LAST_DISPATCH);
    return { last: toNumber(row), counts: [] };
  }

  async sizes(): Promise<readonly RelationSize[]> {
    return (await this.#db.all(SIZES)).map(toRelationSize);
  }
}
