import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { epochMs, eventId, Invalid, SERVICE_SILENT_MS, StoreUnavailable } from "../../shared/domain/mod.ts";
import { copyDatabase, CopyFailed, type CopyReport } from "../../shared/store/mod.ts";
import type { Clock } from "../../shared/time/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { withPostgresSource } from "../../shared/store/copy/postgres.ts";
import type { Side } from "../../shared/store/copy/side.ts";
import { withSqliteSource } from "../../shared/store/copy/sqlite.ts";
import { DATABASES, type TestStore } from "../support/store.ts";
import { A, at, claimOne, given, manual } from "./_given.ts";
import { contents, execute, fill, ODD_INSTANTS } from "./_whole.ts";
import { by } from "../support/actor.ts";

type Kind = keyof typeof DATABASES;

const KINDS: readonly Kind[] = ["SQLite", "PostgreSQL"];
const WAYS = KINDS.flatMap((from) => KINDS.map((to): readonly [Kind, Kind] => [from, to]));

/** Long after the tests' workers have spoken for the last time. */
const later: Clock = { ...systemClock, now: () => at(86_400) };

function copy(from: TestStore, to: TestStore, { force = false, clock = later } = {}): Promise<CopyReport> {
  return copyDatabase({ from: from.url, to: to.url, migrations, force, clock });
}

async function rowsOf(url: string, table: string): Promise<number> {
  const [row] = await execute(url, `SELECT count(*) AS n FROM ${table}`);
  return Number(row?.n);
}

/** Runs `work` on a source as a copy does. */
function asSource({ url }: TestStore, work: (source: Side) => Promise<void>): Promise<void> {
  return url.startsWith("sqlite")
    ? withSqliteSource({ path: url.slice("sqlite:///".length), migrations: migrations.sqlite, clock: later }, work)
    : withPostgresSource({ url, migrations: migrations.postgres }, work);
}

/** The message with which `work` is refused. */
async function refusal(work: Promise<unknown>): Promise<Invalid> {
  const error = await work.then(() => null, (error: unknown) => error);
  assert.ok(error instanceof Invalid, `It was not refused: ${error}`);
  return error;
}

for (const [from, to] of WAYS) {
  Deno.test(`copyDatabase() takes everything from ${from} to ${to}`, async () => {
    await using source = await DATABASES[from]();
    await using target = await DATABASES[to]();
    await fill(source);
    const before = await contents(source.store);
    const { tables, isDone } = await copy(source, target);
    assert.equal(isDone, true);
    for (const { table, rows, checksum, isSame } of tables) {
      assert.equal(isSame, true);
      assert.match(checksum, /^[0-9a-f]{32}$/);
      assert.equal(rows, await rowsOf(target.url, table), table);
    }
    for (
      const name of [
        "settings",
        "scheduled_jobs",
        "job_labels",
        "job_revisions",
        "job_dispatch",
        "job_execution_logs",
        "job_log_chunks",
        "worker_registration",
        "occurrence_ledger",
        "run_events",
        "event_consumers",
        "users",
        "sessions",
        "api_tokens",
        "guess_counters",
        "audit_events",
        "audit_chain",
      ]
    ) assert.ok((tables.find(({ table }) => table === name)?.rows ?? 0) > 0, `${name} was empty`);
    assert.deepEqual(await contents(target.store), before);
  });

  Deno.test(`copyDatabase() from ${from} to ${to} lets ids and epochs go on where they were`, async () => {
    await using source = await DATABASES[from]();
    await using target = await DATABASES[to]();
    const job = await given(source.store);
    await source.store.runs.runNow(manual(job));
    const { epoch } = await claimOne(source.store, A, at(1));
    await source.store.events.register("alerts");
    await source.store.runs.cancel((await source.store.runs.runNow(manual(job, { force: true }))).id, by(at(1)));
    const [last] = await source.store.events.read({ after: eventId(0), limit: 10 });
    assert.ok(last !== undefined);
    await source.store.events.commit("alerts", { from: eventId(0), to: last.id });
    assert.equal(await source.store.events.prune({ before: at(0), limit: 10 }), 1);
    // The newest job was deleted; its id must not be used again.
    const [gone] = [await given(source.store, { name: "Gone" })];
    await execute(source.url, `DELETE FROM scheduled_jobs WHERE id = ${gone.id}`);
    await copy(source, target);
    assert.equal((await given(target.store)).id, gone.id + 1);
    await target.store.runs.runNow(manual(job, { force: true, now: at(2) }));
    const next = await target.store.runs.runNow(manual(job, { force: true, now: at(2) }));
    await target.store.runs.cancel(next.id, by(at(2)));
    const position = await target.store.events.register("alerts");
    assert.equal((await target.store.events.read({ after: position, limit: 10 })).length, 1, "the reader missed one");
    const again = await claimOne(target.store, A, at(3));
    assert.ok(again.epoch > epoch, `epoch ${again.epoch} after ${epoch}`);
  });
}

Deno.test("copyDatabase() gives the same checksums on a way there and back", async () => {
  await using one = await DATABASES.SQLite();
  await using two = await DATABASES.PostgreSQL();
  await using three = await DATABASES.PostgreSQL();
  await using four = await DATABASES.SQLite();
  await fill(one);
  const reports = [await copy(one, two), await copy(two, three), await copy(three, four)];
  const sums = reports.map(({ tables }) => new Map(tables.map(({ table, checksum }) => [table, checksum])));
  assert.deepEqual(sums[1], sums[0]);
  assert.deepEqual(sums[2], sums[0]);
});

Deno.test("copyDatabase() keeps instants before 1970 and to the end of time to the millisecond", async () => {
  await using source = await DATABASES.SQLite();
  await using target = await DATABASES.PostgreSQL();
  for (const due of [...ODD_INSTANTS, -62_135_596_800_000 - 1, -2e14]) {
    await given(source.store, {}, epochMs(due));
  }
  await copy(source, target);
  const kept = await execute(
    target.url,
    "SELECT (extract(epoch FROM next_run) * 1000)::bigint::text AS ms FROM scheduled_jobs ORDER BY id",
  );
  assert.deepEqual(
    kept.map(({ ms }) => Number(ms)),
    [...ODD_INSTANTS, -62_135_596_800_001, -2e14],
  );
});

Deno.test("copyDatabase() copies tables and columns that it does not know", async () => {
  await using source = await DATABASES.SQLite();
  await using target = await DATABASES.PostgreSQL();
  await using back = await DATABASES.SQLite();
  const lite = [
    "ALTER TABLE scheduled_jobs ADD COLUMN group_name TEXT",
    `CREATE TABLE "odd ""table" (
      id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER REFERENCES "odd ""table" (id), flag INTEGER, seen INTEGER,
      tags TEXT, doc TEXT, raw BLOB, ratio REAL, mood TEXT, twice INTEGER GENERATED ALWAYS AS (id * 2)) STRICT`,
  ];
  for (const { url } of [source, back]) for (const sql of lite) await execute(url, sql);
  await execute(target.url, "ALTER TABLE scheduled_jobs ADD COLUMN group_name text");
  await execute(target.url, "CREATE TYPE mood AS ENUM ('glad', 'sad')");
  await execute(
    target.url,
    `CREATE TABLE "odd ""table" (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint REFERENCES "odd ""table" (id), flag boolean,
      seen timestamptz, tags text[], doc jsonb, raw bytea, ratio float8, mood mood,
      twice bigint GENERATED ALWAYS AS (id * 2) STORED)`,
  );
  await execute(
    source.url,
    `INSERT INTO "odd ""table" (id, parent, flag, seen, tags, doc, raw, ratio, mood) VALUES
      (7, NULL, 1, -1, '["a", "b,c", "\\"d\\""]', '{"b": 1.0, "a": {"d": [], "c": null}}', X'00FF', 0.1, 'sad'),
      (9, 7, 0, NULL, '[]', 'null', X'', 1e300, NULL),
      (11, 9, NULL, 0, NULL, NULL, NULL, 3, 'glad')`,
  );
  const job = await given(source.store);
  await execute(source.url, "UPDATE scheduled_jobs SET group_name = 'team'");
  assert.equal((await copy(source, target)).isDone, true);
  assert.deepEqual(
    await execute(
      target.url,
      `SELECT parent::int, flag, tags::text, doc::text, encode(raw, 'hex') AS raw, ratio, mood, twice::int
      FROM "odd ""table" ORDER BY id`,
    ),
    [
      {
        parent: null,
        flag: true,
        tags: `{a,"b,c","\\"d\\""}`,
        doc: `{"a": {"c": null, "d": []}, "b": 1}`,
        raw: "00ff",
        ratio: 0.1,
        mood: "sad",
        twice: 14,
      },
      { parent: 7, flag: false, tags: "{}", doc: "null", raw: "", ratio: 1e300, mood: null, twice: 18 },
      { parent: 9, flag: null, tags: null, doc: null, raw: null, ratio: 3, mood: "glad", twice: 22 },
    ],
  );
  assert.equal((await copy(target, back)).isDone, true);
  assert.deepEqual(
    await execute(
      back.url,
      `SELECT seen, tags, CASE WHEN raw IS NOT NULL THEN hex(raw) END AS raw, twice FROM "odd ""table" ORDER BY id`,
    ),
    [
      { seen: -1, tags: `["a","b,c","\\"d\\""]`, raw: "00FF", twice: 14 },
      { seen: null, tags: "[]", raw: "", twice: 18 },
      { seen: 0, tags: null, raw: null, twice: 22 },
    ],
  );
  assert.deepEqual(await execute(back.url, "SELECT id, group_name FROM scheduled_jobs"), [
    { id: job.id, group_name: "team" },
  ]);
});

Deno.test("copyDatabase() writes a row after the one it refers to, however many lie between", async () => {
  await using source = await DATABASES.SQLite();
  await using target = await DATABASES.PostgreSQL();
  await execute(source.url, "CREATE TABLE chain (id INTEGER PRIMARY KEY, before INTEGER REFERENCES chain (id)) STRICT");
  await execute(target.url, "CREATE TABLE chain (id bigint PRIMARY KEY, before bigint REFERENCES chain (id))");
  await execute(
    source.url,
    `WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 600)
    INSERT INTO chain (id, before) SELECT id, nullif(id - 1, 0) FROM n`,
  );
  assert.equal((await copy(source, target)).isDone, true);
});

for (const to of KINDS) {
  Deno.test(`copyDatabase() refuses a ${to} that holds rows, and says how many in which table`, async () => {
    await using source = await DATABASES.SQLite();
    await using target = await DATABASES[to]();
    await fill(source);
    await given(target.store);
    await given(target.store);
    const { problems } = await refusal(copy(source, target));
    assert.equal(problems[0]?.field, "to");
    assert.match(
      problems[0]?.message ?? "",
      /it is not empty \(rows: audit_chain has 1, audit_events has 2, job_revisions has 2, scheduled_jobs has 2\)/,
    );
    assert.equal(await rowsOf(target.url, "job_dispatch"), 0);
  });

  Deno.test(`copyDatabase() that fails in the middle leaves ${to} empty`, async () => {
    await using source = await DATABASES.SQLite();
    await using target = await DATABASES[to]();
    await fill(source);
    await sabotage(target.url, {
      table: "job_log_chunks",
      sqlite: "BEFORE INSERT ON job_log_chunks WHEN NEW.seq = 400 BEGIN SELECT RAISE(ABORT, 'no room'); END",
      postgres: "IF NEW.seq = 400 THEN RAISE 'no room'; END IF;",
    });
    await assert.rejects(copy(source, target), (error) => {
      assert.ok(error instanceof CopyFailed);
      assert.match(error.message, /^Cannot write job_log_chunks to .*: no room; nothing was kept there$/);
      return true;
    });
    for (const table of ["scheduled_jobs", "job_dispatch", "job_log_chunks"]) {
      assert.equal(await rowsOf(target.url, table), 0, table);
    }
  });

  Deno.test(`copyDatabase() notices a row that ${to} keeps otherwise, and keeps nothing`, async () => {
    await using source = await DATABASES.SQLite();
    await using target = await DATABASES[to]();
    await fill(source);
    await sabotage(target.url, {
      table: "job_execution_logs",
      sqlite: `AFTER INSERT ON job_execution_logs WHEN NEW.status = 'FAILURE' BEGIN
        UPDATE job_execution_logs SET exit_code = 4 WHERE dispatch_id = NEW.dispatch_id; END`,
      postgres: "IF NEW.status = 'FAILURE' THEN NEW.exit_code := 4; END IF;",
    });
    const { isDone, tables } = await copy(source, target);
    assert.equal(isDone, false);
    assert.deepEqual(tables.filter(({ isSame }) => !isSame).map(({ table }) => table), ["job_execution_logs"]);
    assert.equal(await rowsOf(target.url, "scheduled_jobs"), 0);
    assert.equal(await rowsOf(target.url, "job_execution_logs"), 0);
  });
}

Deno.test("copyDatabase() whose connection breaks in the middle leaves PostgreSQL empty, and can be tried again", async () => {
  await using source = await DATABASES.SQLite();
  await using target = await DATABASES.PostgreSQL();
  await fill(source);
  await sabotage(target.url, {
    table: "job_log_chunks",
    sqlite: "",
    postgres: "IF NEW.seq = 400 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;",
  });
  await assert.rejects(copy(source, target), StoreUnavailable);
  for (const table of ["scheduled_jobs", "job_dispatch", "job_log_chunks"]) {
    assert.equal(await rowsOf(target.url, table), 0, table);
  }
  await execute(target.url, "DROP FUNCTION sabotage CASCADE");
  assert.equal((await copy(source, target)).isDone, true);
});

for (const from of KINDS) {
  Deno.test(`copyDatabase() refuses a ${from} on which workers run, and says which`, async () => {
    await using source = await DATABASES[from]();
    await using target = await DATABASES.SQLite();
    await fill(source);
    const now = await source.store.now();
    await execute(
      source.url,
      from === "SQLite"
        ? `UPDATE worker_registration SET last_heartbeat = ${now - 30_000}`
        : "UPDATE worker_registration SET last_heartbeat = clock_timestamp() - interval '30 s'",
    );
    const clock = { ...systemClock, now: () => now };
    const { problems } = await refusal(copy(source, target, { clock }));
    assert.equal(problems[0]?.field, "from");
    // The other worker has retired.
    assert.match(problems[0]?.message ?? "", /services are running on it: worker-a \(heartbeat 3\d s ago\); stop them/);
    assert.equal((await copy(source, target, { clock, force: true })).isDone, true);
  });

  Deno.test(`copyDatabase() refuses a ${from} on which a scheduler runs, and copies after one that died`, async () => {
    await using source = await DATABASES[from]();
    await using target = await DATABASES.SQLite();
    const now = await source.store.now();
    const scheduler = { serviceId: "here-1", kind: "scheduler", hostname: "here", processId: 1, version: "1" } as const;
    await source.store.services.report(scheduler, epochMs(now - 20_000));
    const clock = { ...systemClock, now: () => now };
    const { problems } = await refusal(copy(source, target, { clock }));
    assert.match(problems[0]?.message ?? "", /services are running on it: here-1 \(last pass 2\d s ago\); stop them/);
    await source.store.services.report(scheduler, epochMs(now - SERVICE_SILENT_MS - 60_000));
    assert.equal((await copy(source, target, { clock })).isDone, true);
  });

  Deno.test(`copyDatabase() copies ${from} as it was at the beginning of the copy`, async () => {
    await using test = await DATABASES[from]();
    await fill(test);
    await asSource(test, async (source) => {
      const table = (await source.tables()).find(({ name }) => name === "scheduled_jobs");
      assert.ok(table !== undefined);
      const before = await source.count("scheduled_jobs");
      await given(test.store);
      assert.equal(await source.count("scheduled_jobs"), before);
      let read = 0;
      for await (const rows of source.read(table)) read += rows.length;
      assert.equal(read, before);
    });
  });

  Deno.test(`copyDatabase() reads ${from} in batches of bounded size`, async () => {
    await using test = await DATABASES[from]();
    await fill(test);
    await asSource(test, async (source) => {
      const table = (await source.tables()).find(({ name }) => name === "job_log_chunks");
      assert.ok(table !== undefined);
      const sizes: number[] = [];
      for await (const rows of source.read(table)) sizes.push(rows.length);
      assert.deepEqual(sizes, [250, 250, 103]);
    });
  });

  Deno.test(`copyDatabase() refuses a ${from} that is not up to date, and one that holds nothing of ours`, async () => {
    await using source = await DATABASES[from]();
    await using target = await DATABASES.SQLite();
    const added = { sqlite: [...migrations.sqlite], postgres: [...migrations.postgres] };
    const next = { name: "9999_next", sql: "" };
    (from === "SQLite" ? added.sqlite : added.postgres).push(next);
    const old = await refusal(
      copyDatabase({ from: source.url, to: target.url, migrations: added, force: false, clock: later }),
    );
    assert.match(old.problems[0]?.message ?? "", /it is not up to date \(step 9999_next is missing\)/);
    await execute(source.url, "DELETE FROM schema_migrations");
    const empty = await refusal(copy(source, target));
    assert.equal(empty.problems[0]?.field, "from");
    assert.match(empty.problems[0]?.message ?? "", /holds no data of this program/);
  });
}

Deno.test("copyDatabase() refuses a source that is not there, and does not make it", async () => {
  await using target = await DATABASES.SQLite();
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-copy-" });
  try {
    const path = `${directory}/none.db`;
    const { problems } = await refusal(
      copyDatabase({ from: `sqlite:///${path}`, to: target.url, migrations, force: false }),
    );
    assert.match(problems[0]?.message ?? "", /holds no data of this program/);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("copyDatabase() refuses sides of which one has a table or a column that the other has not", async () => {
  await using source = await DATABASES.SQLite();
  await using target = await DATABASES.PostgreSQL();
  await execute(source.url, "ALTER TABLE scheduled_jobs ADD COLUMN extra TEXT");
  await assert.rejects(copy(source, target), /columns scheduled_jobs\.extra only in the source/);
  await execute(target.url, "ALTER TABLE scheduled_jobs ADD COLUMN extra bytea");
  await assert.rejects(copy(source, target), /scheduled_jobs\.extra: it is text in the source and bytes in the target/);
  await execute(target.url, "CREATE TABLE notes (id bigint PRIMARY KEY)");
  await assert.rejects(copy(source, target), /tables notes only in the target/);
});

Deno.test("copyDatabase() makes a target that is not there", async () => {
  await using source = await DATABASES.PostgreSQL();
  await fill(source);
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-" });
  const to = `sqlite:///${directory}/new.db`;
  const report = await copyDatabase({ from: source.url, to, migrations, force: false, clock: later });
  assert.equal(report.isDone, true);
  await Deno.remove(directory, { recursive: true });
});

/** Makes a database change rows as they are written. */
async function sabotage(
  url: string,
  { table, sqlite, postgres }: { readonly table: string; readonly sqlite: string; readonly postgres: string },
): Promise<void> {
  if (url.startsWith("sqlite")) return void await execute(url, `CREATE TRIGGER sabotage ${sqlite}`);
  await execute(
    url,
    `CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${postgres} RETURN NEW; END $$`,
  );
  await execute(
    url,
    `CREATE TRIGGER sabotage BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION sabotage()`,
  );
}
