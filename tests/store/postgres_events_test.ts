import assert from "node:assert/strict";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { type EventId, eventId } from "../../shared/domain/mod.ts";
import { Connection, type Statement } from "../../shared/store/postgres/connection.ts";
import { PostgresEvents } from "../../shared/store/postgres/events.ts";
import type { Value } from "../../shared/store/postgres/values.ts";
import { openPostgresTestStore } from "../support/store.ts";

const INSERT = `
  INSERT INTO run_events (at, job_id, reason, first_at, last_at, count)
  VALUES (now(), 1, 'missed', now(), now(), 1) RETURNING id`;

/** A connection that calls a function just before it reads which transactions write. */
class Watched extends Connection {
  beforeLook: () => Promise<void> = () => Promise.resolve();

  override async all(sql: Statement | string, values: readonly Value[] = []): ReturnType<Connection["all"]> {
    if (typeof sql !== "string" && sql.text.includes("pg_locks")) await this.beforeLook();
    return await super.all(sql, values);
  }
}

/** A session beside the store. */
interface Writer {
  run(sql: string): Promise<void>;
  /** Writes an event in the session's transaction. */
  write(): Promise<EventId>;
}

interface Scene {
  readonly events: PostgresEvents;
  readonly connection: Watched;
  readonly one: Writer;
  readonly other: Writer;
}

function withWriters(name: string, body: (scene: Scene) => Promise<void>): void {
  Deno.test(`the events of PostgreSQL: ${name}`, async () => {
    await using test = await openPostgresTestStore();
    const connection = new Watched({ url: test.url, max: 2 });
    const clients = [new pg.Client(test.url), new pg.Client(test.url)];
    try {
      const [one, other] = await Promise.all(clients.map(async (client): Promise<Writer> => {
        await client.connect();
        return {
          run: async (sql) => void await client.query(sql),
          write: async () => eventId(Number((await client.query(INSERT)).rows[0].id)),
        };
      }));
      assert.ok(one !== undefined && other !== undefined);
      await body({ events: new PostgresEvents(connection), connection, one, other });
    } finally {
      for (const client of clients) await client.end();
      await connection.close();
    }
  });
}

async function read(events: PostgresEvents, after: number, limit = 10): Promise<readonly number[]> {
  return (await events.read({ after: eventId(after), limit })).map(({ id }) => id);
}

withWriters("a later id that is committed first waits for the earlier one", async ({ events, one, other }) => {
  await one.run("BEGIN");
  const first = await one.write();
  const second = await other.write();
  assert.deepEqual(await read(events, 0), [], "the reader would pass the first");
  await one.run("COMMIT");
  assert.deepEqual(await read(events, 0), [first, second]);
});

withWriters("what is committed while a reader looks is not passed", async ({ events, connection, one, other }) => {
  await one.run("BEGIN");
  const first = await one.write();
  const second = await other.write();
  let looks = 0;
  connection.beforeLook = async () => {
    if (++looks === 1) await one.run("COMMIT");
  };
  assert.deepEqual(await read(events, 0), [first, second]);
  assert.equal(looks, 1);
});

withWriters("a reader waits a moment for a transaction that ends meanwhile", async (scene) => {
  const { events, connection, one, other } = scene;
  await one.run("BEGIN");
  const first = await one.write();
  const second = await other.write();
  let looks = 0;
  connection.beforeLook = async () => {
    if (++looks === 3) await one.run("COMMIT");
  };
  assert.deepEqual(await read(events, 0), [first, second]);
});

withWriters("who begins to write while a reader looks holds it up no more", async (scene) => {
  const { events, connection, one, other } = scene;
  await one.run("BEGIN");
  const first = await one.write();
  const second = await other.write();
  let looks = 0;
  connection.beforeLook = async () => {
    looks++;
    if (looks === 2) {
      await other.run("BEGIN");
      await other.write();
    }
    if (looks === 3) await one.run("COMMIT");
  };
  assert.deepEqual(await read(events, 0), [first, second]);
  await other.run("ROLLBACK");
});

withWriters("what is rolled back leaves a gap that holds nobody up", async ({ events, one, other }) => {
  await one.run("BEGIN");
  await one.write();
  const second = await other.write();
  await one.run("ROLLBACK");
  assert.deepEqual(await read(events, 0), [second]);
});

withWriters("a long transaction that writes something else holds nobody up", async ({ events, one, other }) => {
  await one.run("BEGIN");
  await one.run("INSERT INTO settings (name, value) VALUES ('long', '1')");
  await one.run("SELECT * FROM run_events");
  const written = await other.write();
  assert.deepEqual(await read(events, 0), [written]);
  await one.run("ROLLBACK");
});

withWriters("those that appear while a reader looks do not make its answer longer than asked for", async (scene) => {
  const { events, connection, one, other } = scene;
  await one.run("BEGIN");
  const first = await one.write();
  const second = await one.write();
  const third = await other.write();
  connection.beforeLook = () => one.run("COMMIT");
  assert.deepEqual(await read(events, 0, 1), [first]);
  connection.beforeLook = () => Promise.resolve();
  assert.deepEqual(await read(events, first, 10), [second, third]);
});
