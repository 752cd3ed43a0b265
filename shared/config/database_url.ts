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

/** `rest` with its scheme. It is checked here because a driver's message about a URL that it cannot read may repeat the password. */
function parsePostgres(rest: string): string {
  // libpq takes a directory of sockets as the host: `user@/name?host=/run/postgresql`. That is no URL, because it has no host.
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
