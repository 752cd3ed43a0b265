import { Invalid } from "../../domain/errors.ts";
import { whyNot } from "../../domain/system_error.ts";

/** Connections of one process at once, unless the URL says `pool_max=…`. */
const DEFAULT_POOL = 10;
const MAX_POOL = 100;

/** Where PostgreSQL listens, unless something else is said. */
const DEFAULT_PORT = 5432;

/**
 * How many connections a process may have for its work, from `?pool_max=` in the URL. Two more are for heartbeats and for
 * listening.
 *
 * @throws {Invalid} when it is not 1…100.
 */
export function poolSize(url: string): number {
  const given = new URL(url).searchParams.get("pool_max");
  if (given === null) return DEFAULT_POOL;
  const size = Number(given);
  if (/^\d+$/.test(given) && size >= 1 && size <= MAX_POOL) return size;
  throw wrong(`has pool_max=${given}; expected a whole number from 1 to ${MAX_POOL}`);
}

/** What `sslmode` may be: libpq's modes but `allow`, which the driver cannot do, and the driver's own `no-verify`. */
const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"];

/** Files that TLS is made with. */
const SSL_FILES = ["sslrootcert", "sslcert", "sslkey"];

/**
 * `url` as the driver has to read it for `sslmode` to mean what it means to every other client of PostgreSQL
 * (https://www.postgresql.org/docs/current/libpq-ssl.html): left alone, pg 8 takes `require` and `verify-ca` for `verify-full`,
 * which the certificates of most servers do not pass, and any word it does not know as well. `prefer` is `require` here: the
 * driver does not fall back to a connection without TLS.
 *
 * @throws {Invalid} when a mode is not known or lacks its certificate, or a file cannot be read.
 */
export function connectionString(url: string): string {
  const { searchParams } = new URL(url);
  const mode = searchParams.get("sslmode");
  if (mode !== null && !SSL_MODES.includes(mode)) {
    throw wrong(`has sslmode=${mode}; expected one of ${SSL_MODES.join(", ")}`);
  }
  if (mode === "verify-ca" && !searchParams.has("sslrootcert")) {
    throw wrong("has sslmode=verify-ca without sslrootcert=FILE: name the certificate to trust, or use verify-full");
  }
  for (const name of SSL_FILES) {
    const path = searchParams.get(name);
    if (path !== null) assertReadable(name, path);
  }
  const isTakenOtherwise = mode === "prefer" || mode === "require" || mode === "verify-ca";
  return isTakenOtherwise && !searchParams.has("uselibpqcompat") ? `${url}&uselibpqcompat=true` : url;
}

/** The files that connecting with TLS reads, each time anew. */
export function tlsFiles(url: string): readonly string[] {
  const { searchParams } = new URL(url);
  return SSL_FILES.flatMap((name) => searchParams.get(name) ?? []);
}

/** The Unix socket that the driver connects to; null: it connects over the network. */
export function socketPath(url: string): string | null {
  const { hostname, port, searchParams } = new URL(url);
  const host = searchParams.get("host") || decodeURIComponent(hostname) || Deno.env.get("PGHOST") || "";
  if (!host.startsWith("/")) return null;
  return `${host}/.s.PGSQL.${searchParams.get("port") || port || Deno.env.get("PGPORT") || DEFAULT_PORT}`;
}

function assertReadable(name: string, path: string): void {
  try {
    Deno.openSync(path).close();
  } catch (error) {
    throw wrong(`has ${name}=${path}, which cannot be read: ${whyNot(error)}`);
  }
}

function wrong(message: string): Invalid {
  return new Invalid([{ field: "DATABASE_URL", message }]);
}
