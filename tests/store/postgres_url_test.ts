import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { Invalid, StoreUnavailable } from "../../shared/domain/mod.ts";
import { Connection } from "../../shared/store/postgres/connection.ts";
import { openStore } from "../../shared/store/mod.ts";
import { ownPostgres, query } from "../support/postgres.ts";
import { runTask } from "../support/process.ts";

/** The outcome of a connection with these settings: with TLS, without, or the reason of its refusal. */
async function reach(url: string): Promise<string> {
  const connection = new Connection({ url, max: 1 });
  try {
    const [row] = await connection.all("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    return row?.ssl === true ? "TLS" : "plain";
  } catch (error) {
    assert.ok(error instanceof StoreUnavailable);
    return error.message.replace(/^.*\/postgres: /, "");
  } finally {
    await connection.close();
  }
}

Deno.test("sslmode in a database URL has PostgreSQL's meaning", async (t) => {
  await using server = await ownPostgres({ tls: true });
  const directory = await Deno.makeTempDir();
  const stranger = `${directory}/stranger.pem`;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null"];
  await new Deno.Command("openssl", { args: ["req", "-x509", ...key, "-subj", "/CN=Other", "-out", stranger] })
    .output();
  const root = server.rootCertificate;
  const untrusted = /^unable to verify the first certificate$/;
  const misnamed = /^Hostname\/IP does not match certificate's altnames/;
  const cases: readonly (readonly [host: string, settings: string, expected: RegExp])[] = [
    ["localhost", "", /^plain$/],
    ["localhost", "?sslmode=disable", /^plain$/],
    ["localhost", "?sslmode=prefer", /^TLS$/],
    ["localhost", "?sslmode=require", /^TLS$/],
    ["localhost", "?sslmode=no-verify", /^TLS$/],
    ["127.0.0.1", `?sslmode=require&sslrootcert=${root}`, /^TLS$/],
    ["127.0.0.1", `?sslmode=require&sslrootcert=${stranger}`, untrusted],
    ["127.0.0.1", `?sslmode=verify-ca&sslrootcert=${root}`, /^TLS$/],
    ["127.0.0.1", `?sslmode=verify-ca&sslrootcert=${stranger}`, untrusted],
    ["localhost", `?sslmode=verify-full&sslrootcert=${root}`, /^TLS$/],
    ["127.0.0.1", `?sslmode=verify-full&sslrootcert=${root}`, misnamed],
    ["localhost", "?sslmode=verify-full", untrusted],
    ["127.0.0.1", `?sslrootcert=${root}`, misnamed],
  ];
  for (const [host, settings, expected] of cases) {
    const name = `${host} ${settings.replace(root, "ROOT").replace(stranger, "STRANGER")}`;
    await t.step(name, async () => {
      assert.match(await reach(`postgresql://postgres@${host}:${server.port}/postgres${settings}`), expected);
    });
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a whole store works over TLS, its listener included", async () => {
  await using server = await ownPostgres({ tls: true });
  await using database = await server.createDatabase();
  const store = await openStore(`${database.url}?sslmode=require`, { migrations, pollMs: 3_600_000 });
  try {
    const before = store.changes.version();
    // The first change is that the listener has heard itself.
    await store.changes.after(before, AbortSignal.timeout(60_000));
    assert.ok(store.changes.version() > before);
  } finally {
    await store.close();
  }
});

const WRONG: readonly (readonly [settings: string, message: RegExp])[] = [
  ["sslmode=allow", /^has sslmode=allow; expected one of disable, prefer, require, verify-ca, verify-full, no-verify$/],
  ["sslmode=on", /^has sslmode=on; expected one of/],
  ["sslmode=verify-ca", /^has sslmode=verify-ca without sslrootcert=FILE/],
  ["sslmode=verify-full&sslrootcert=/none.pem", /^has sslrootcert=\/none\.pem, which cannot be read: /],
];

for (const [settings, message] of WRONG) {
  Deno.test(`a database URL with ${settings} is refused before anything connects`, async () => {
    await assert.rejects(openStore(`postgresql://user@127.0.0.1:1/jobs?${settings}`, { migrations }), (error) => {
      assert.ok(error instanceof Invalid);
      assert.match(error.problems[0]?.message ?? "", message);
      return true;
    });
  });
}

Deno.test("a database URL whose password is not encoded is refused without repeating it", async () => {
  for (const url of ["postgresql://user:se#cret@host/jobs", "postgresql://user:se/cret@host/jobs"]) {
    await assert.rejects(openStore(url, { migrations }), (error) => {
      assert.ok(error instanceof Invalid);
      assert.match(error.message, /^DATABASE_URL: is no URL of the form .* %23 /);
      assert.doesNotMatch(error.message, /cret/);
      return true;
    });
  }
});

for (const user of ["postgres@", "postgres@localhost"]) {
  Deno.test(`a URL of the form ${user}/name?host=… reaches a server through its socket`, async () => {
    await using server = await ownPostgres();
    const [directory] = server.rootCertificate.split("/root.pem");
    const url = `postgresql://${user}/postgres?host=${directory}&port=${server.port}`;
    const { code, stderr } = await runTask("jobctl", { args: ["workers", "list"], env: { DATABASE_URL: url } });
    assert.deepEqual([code, stderr], [0, ""]);
  });
}

Deno.test("a password comes from the URL or from PGPASSWORD, and a missing one is an error in one line", async () => {
  await using server = await ownPostgres();
  const superuser = `postgresql://postgres@127.0.0.1:${server.port}/postgres`;
  await query(superuser, "CREATE ROLE jobtrigger LOGIN PASSWORD 'pass word'");
  await query(superuser, "CREATE DATABASE jobs OWNER jobtrigger");
  const [row] = await query(superuser, "SHOW hba_file");
  const rules = String(row?.hba_file);
  await Deno.writeTextFile(
    rules,
    `host all jobtrigger 127.0.0.1/32 scram-sha-256\n${await Deno.readTextFile(rules)}`,
  );
  await server.crash();
  await server.start();
  const list = (user: string, env: Readonly<Record<string, string>> = {}) =>
    runTask("jobctl", {
      args: ["workers", "list"],
      env: { DATABASE_URL: `postgresql://${user}@127.0.0.1:${server.port}/jobs`, ...env },
    });
  assert.equal((await list("jobtrigger:pass%20word")).code, 0);
  assert.equal((await list("jobtrigger", { PGPASSWORD: "pass word" })).code, 0);
  const { code, stderr } = await list("jobtrigger");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^jobctl: Cannot use the database postgresql:\/\/jobtrigger@.*password must be a non-empty string\n$/,
  );
});
