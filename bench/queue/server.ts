import { ownPostgres, postgres, type PostgresServer, query } from "../../tests/support/postgres.ts";

/** The server that all contestants use. */
export interface BenchServer extends PostgresServer, AsyncDisposable {
  /** Its version and the settings of durability, as the report shows them. */
  readonly description: string;
}

/** What PostgreSQL does by default, and a server for tests does not. */
const DURABLE = ["fsync=on", "full_page_writes=on"];

const SETTINGS = ["fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size", "autovacuum"];

/**
 * The server that TEST_DATABASE_URL names, else one from npm packages with its default settings.
 *
 * @throws {Error} when its commits are not durable: such figures cannot be compared.
 */
export async function benchServer(): Promise<BenchServer> {
  const own = Deno.env.get("TEST_DATABASE_URL") === undefined ? await ownPostgres({ settings: DURABLE }) : null;
  const server = own ?? await postgres();
  const settings = await settingsOf(server);
  for (const name of ["fsync", "synchronous_commit"]) {
    if (settings.get(name) !== "on") throw new Error(`The server has ${name} = ${settings.get(name)}; expected "on"`);
  }
  const shown = SETTINGS.map((name) => `${name} ${settings.get(name)}`).join(", ");
  return {
    ...server,
    description: `PostgreSQL ${settings.get("server_version")}, ${shown}`,
    async [Symbol.asyncDispose]() {
      await own?.[Symbol.asyncDispose]();
    },
  };
}

async function settingsOf(server: PostgresServer): Promise<ReadonlyMap<string, string>> {
  await using database = await server.createDatabase();
  const rows = await query(database.url, "SELECT name, current_setting(name) AS value FROM pg_settings");
  return new Map(rows.map(({ name, value }) => [String(name), String(value)]));
}
