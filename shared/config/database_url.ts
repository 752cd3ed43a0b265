import { Invalid } from "../domain/errors.ts";

/** Where a database is. */
export type DatabaseTarget =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

/**
 * Reads a database URL, in the forms SQLAlchemy accepts: `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://…`,
 * `postgresql+driver://…` (the driver is dropped), `postgres://…`.
 *
 * @throws {Invalid} naming what was found; a password in it is not repeated.
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  const scheme = /^([a-z]+)(?:\+[a-z0-9_]+)?:\/\//i.exec(url);
  const kind = scheme?.[1]?.toLowerCase();
  const rest = url.slice(scheme?.[0].length ?? 0);
  if (kind === "postgresql" || kind === "postgres") return { kind: "postgres", url: parsePostgres(rest) };
  if (kind !== "sqlite") {
    throw invalid(
      `cannot use ${kind === undefined ? "a text without a scheme" : `the scheme "${kind}"`}; ` +
        "expected sqlite:///relative.db, sqlite:////absolute.db or postgresql://user@host/name",
    );
  }
  const path = rest.startsWith("/") ? decodeURIComponent(rest.slice(1).split("?")[0] ?? "") : "";
  if (path === "" || path === ":memory:") {
    throw invalid(
      `"${url}" names no file that services could share; expected sqlite:///relative.db or sqlite:////absolute.db`,
    );
  }
  return { kind: "sqlite", path };
}

/** `rest` behind its scheme. What a driver says of a URL that it cannot read may repeat the password, so it is tried here. */
function parsePostgres(rest: string): string {
  // A directory of sockets in place of a host: `user@/name?host=/run/postgresql`, which is no URL for want of a host.
  const url = `postgresql://${/[?&]host=/.test(rest) ? rest.replace(/^([^/?#]*@)\//, "$1localhost/") : rest}`;
  if (URL.canParse(url) && new URL(url).hash === "") return url;
  throw invalid(
    "is no URL of the form postgresql://user:password@host:5432/name; " +
      "write characters such as # / ? @ : % in a password as %23 %2F %3F %40 %3A %25",
  );
}

/** Whether a text is a URL of PostgreSQL, in any of those forms. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?(\+[a-z0-9_]+)?:\/\//i.test(text);
}

function invalid(message: string): Invalid {
  return new Invalid([{ field: "DATABASE_URL", message }]);
}
