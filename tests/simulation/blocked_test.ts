import assert from "node:assert/strict";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { postgres } from "../support/postgres.ts";
import { BLOCKED } from "./statements.ts";

/** A catalogue that all databases of a server share, and which nothing needs. */
const SHARED = "pg_shdescription";

const WAITS = "SELECT count(*)::int AS n FROM pg_locks WHERE pid = $1 AND NOT granted";

async function session(url: string): Promise<AsyncDisposable & { readonly client: pg.Client; readonly pid: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const [row] = (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows;
  return { client, pid: row?.pid ?? 0, [Symbol.asyncDispose]: () => client.end() };
}

Deno.test("the simulation counts a session that waits for another of its own, and none that waits for a stranger", async () => {
  const server = await postgres();
  await using ours = await server.createDatabase();
  await using theirs = await server.createDatabase();
  await using admin = await session(ours.url);
  await using waiter = await session(ours.url);
  for (const [{ url }, expected] of [[ours, 1], [theirs, 0]] as const) {
    await using holder = await session(url);
    await holder.client.query(`BEGIN; LOCK TABLE ${SHARED} IN ACCESS EXCLUSIVE MODE`);
    const waiting = waiter.client.query(`SELECT FROM ${SHARED}`);
    const isWaiting = async () => (await admin.client.query<{ n: number }>(WAITS, [waiter.pid])).rows[0]?.n === 1;
    while (!await isWaiting()) continue;
    const [row] = (await admin.client.query<{ n: string }>(BLOCKED)).rows;
    assert.equal(Number(row?.n), expected, `the lock is held in ${url === ours.url ? "the same" : "another"} database`);
    await holder.client.query("COMMIT");
    await waiting;
  }
});
