/**
 * From each earlier schema, with data, to today's, a step at a time, while a service of the first version goes on writing: a step
 * adds, and takes nothing away that an older version reads or writes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { dispatchId, jobId } from "../../shared/domain/mod.ts";
import { checkDatabase, type Migration, openStore } from "../../shared/store/mod.ts";
import { Connection } from "../../shared/store/postgres/connection.ts";
import { migrate } from "../../shared/store/postgres/migrate.ts";
import { postgres } from "../support/postgres.ts";
import { openDirectory } from "../support/temporary.ts";
import { A, at, claim, enter } from "./_given.ts";
import { type Kind, type OlderConnection, olderPostgres, OlderService, olderSqlite } from "./_older_service.ts";

/** What a step may write into rows that are there: columns whose old values it takes over into another form. */
const REWRITTEN: Readonly<Record<string, readonly string[]>> = {
  "0002_policies": ["scheduled_jobs.policies"],
  "0003_policies": ["scheduled_jobs.policies"],
};

const databases = {
  async SQLite() {
    const { path, [Symbol.asyncDispose]: dispose } = await openDirectory();
    const url = `sqlite:///${path}/jobs.db`;
    return {
      url,
      connect: () => Promise.resolve(olderSqlite(`${path}/jobs.db`)),
      migrate: async (steps: readonly Migration[]) =>
        await (await openStore(url, { migrations: { ...migrations, sqlite: steps }, onMade: () => {} })).close(),
      [Symbol.asyncDispose]: dispose,
    };
  },
  async PostgreSQL() {
    const database = await (await postgres()).createDatabase();
    const connection = new Connection({ url: database.url, max: 1 });
    return {
      url: database.url,
      connect: () => olderPostgres(database.url),
      migrate: (steps: readonly Migration[]) => migrate(connection, steps),
      async [Symbol.asyncDispose]() {
        await connection.close();
        await database[Symbol.asyncDispose]();
      },
    };
  },
};

/** The statement that names all tables. */
const LOOK: Readonly<Record<Kind, string>> = {
  SQLite: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
  PostgreSQL:
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
};

type Tables = ReadonlyMap<string, readonly Record<string, unknown>[]>;

/** All rows of all tables. */
async function contents(db: OlderConnection, kind: Kind): Promise<Tables> {
  const found = new Map<string, readonly Record<string, unknown>[]>();
  for (const { name } of await db.read(LOOK[kind])) {
    found.set(String(name), await db.read(`SELECT * FROM ${name}`));
  }
  return found;
}

/** The rows of `before` that are not in `after`, compared by the columns that they had. */
function lost(before: Tables, after: Tables, rewritten: readonly string[]): readonly string[] {
  const missing: string[] = [];
  for (const [table, rows] of before) {
    const columns = Object.keys(rows[0] ?? {}).filter((column) => !rewritten.includes(`${table}.${column}`));
    const text = (row: Record<string, unknown>) =>
      JSON.stringify(columns.map((column) => column in row ? row[column] : `no column ${column}`));
    const kept = new Set(after.get(table)?.map(text));
    if (!after.has(table)) missing.push(`table ${table}`);
    for (const row of rows) if (!kept.has(text(row))) missing.push(`${table}: ${text(row)}`);
  }
  return missing;
}

for (const kind of ["SQLite", "PostgreSQL"] as const) {
  Deno.test(`${kind}: each step keeps all rows of every earlier schema, and a service of the first version goes on writing`, async () => {
    await using database = await databases[kind]();
    const steps = kind === "SQLite" ? migrations.sqlite : migrations.postgres;
    // The statements of SQLite's first version are those of its second step, which gave runs their `reported_epoch`.
    const first = kind === "SQLite" ? 2 : 1;
    await database.migrate(steps.slice(0, first));
    await using connection = await database.connect();
    const older = new OlderService(connection, kind);
    await older.begin();
    await older.work(10, { hasEvents: false });
    let id = 10;
    await using looking = await database.connect();
    let before = await contents(looking, kind);
    for (let count = first + 1; count <= steps.length; count++) {
      await database.migrate(steps.slice(0, count));
      const { name = "" } = steps[count - 1] ?? {};
      const gone = lost(before, await contents(looking, kind), REWRITTEN[name] ?? []);
      assert.deepEqual({ name, gone }, { name, gone: [] });
      id += 10;
      await older.work(id, { hasEvents: name >= "0010" });
      before = await contents(looking, kind);
    }

    const store = await openStore(database.url, { migrations });
    try {
      assert.equal((await store.jobs.get(jobId(1)))?.policies.retry.max, 2);
      const { items } = await store.runs.list({ limit: 100 });
      assert.deepEqual(items.map((run) => Number(run.id)).filter((each) => each % 10 === 0).length, id / 10);
      for (const run of items) {
        if (run.state.status === "PENDING") continue;
        assert.equal((await store.logs.read(run.id, { fromSeq: 0, maxBytes: 100 }))[0]?.data, "é line");
      }
      // Today's service takes over what the older one left.
      await enter(store, A, at(1000));
      const claimed = await claim(store, A, at(1000), 50);
      assert.ok(claimed.some(({ dispatchId: held }) => held === dispatchId(id + 1)));
    } finally {
      await store.close();
    }
    const findings = await checkDatabase(database.url, { migrations });
    assert.deepEqual(findings.filter(({ isOk, check }) => !isOk && check !== "mode"), []);
  });
}
