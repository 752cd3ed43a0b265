/**
 * What a SQLite file says of itself.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import type { DatabaseFacts, RelationSize } from "../../domain/mod.ts";
import { toConsumerLag, toDispatched, toRelationSize, toVersion } from "../diagnostics_rows.ts";
import type { DiagnosticsStore, Dispatched, DispatchedQuery } from "../diagnostics_store.ts";
import { toNumber } from "../rows.ts";
import type { Connection } from "./connection.ts";
import { companionsOf, statOf } from "./files.ts";

const VERSION = `
  SELECT sqlite_version() AS version, (SELECT max(name) FROM schema_migrations) AS schema,
    (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) AS bytes`;

// Consumers are few; indexes: the primary keys.
const CONSUMERS = `
  SELECT name, (SELECT at FROM run_events WHERE id > c.position ORDER BY id LIMIT 1) AS at
  FROM event_consumers c ORDER BY name`;

// Reads the whole file. A table WITHOUT ROWID is an index whose name is the table's.
const SIZES = `
  SELECT s.name, coalesce(m.type = 'index', 0) AS is_index, s.pgsize AS bytes
  FROM dbstat s LEFT JOIN sqlite_schema m ON m.name = s.name WHERE s.aggregate = TRUE ORDER BY s.pgsize DESC, s.name`;

// Index: the primary key.
const DISPATCHED = `
  SELECT trigger, count(*) AS n, max(id) AS last
  FROM (SELECT id, trigger FROM job_dispatch WHERE id > :after AND created_at <= :until ORDER BY id LIMIT :limit)
  GROUP BY trigger`;
const LAST_DISPATCH = "SELECT coalesce(max(id), 0) AS n FROM job_dispatch";

/** Everybody but the owner and the group. */
const OTHERS = 0o007;

/** Facts about a SQLite file. */
export class SqliteDiagnostics implements DiagnosticsStore {
  readonly #db: Connection;
  readonly #path: string;

  constructor(db: Connection, path: string) {
    this.#db = db;
    this.#path = path;
  }

  facts(): Promise<DatabaseFacts> {
    return this.#db.read(() => {
      const { version, schema, bytes } = toVersion(this.#db.one(VERSION));
      const { wal, shm } = companionsOf(this.#path);
      return {
        product: `SQLite ${version}`,
        schema,
        bytes,
        disk: diskOf(this.#path),
        walBytes: statOf(wal)?.size ?? 0,
        openFiles: [this.#path, wal, shm].flatMap(openFile),
        // A reader that does not end keeps the -wal from being used anew: `walBytes` shows it.
        oldestSnapshot: null,
        consumers: this.#db.all(CONSUMERS).map(toConsumerLag),
      };
    });
  }

  dispatched({ after, until, limit }: DispatchedQuery): Promise<Dispatched> {
    return this.#db.read(() => {
      if (after === null) return { last: toNumber(this.#db.one(LAST_DISPATCH)), counts: [] };
      return toDispatched(this.#db.all(DISPATCHED, { after, until, limit }));
    });
  }

  sizes(): Promise<readonly RelationSize[]> {
    return this.#db.read(() => this.#db.all(SIZES).map(toRelationSize));
  }
}

/** The disk of a file. It takes the permission `statfs`; null where the process lacks it or the system does not say. */
function diskOf(path: string): DatabaseFacts["disk"] {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return null;
  }
}

function openFile(path: string): DatabaseFacts["openFiles"] {
  const mode = Deno.build.os === "windows" ? 0 : statOf(path)?.mode ?? 0;
  return (mode & OTHERS) === 0 ? [] : [{ path, mode: (mode & 0o777).toString(8).padStart(4, "0") }];
}
