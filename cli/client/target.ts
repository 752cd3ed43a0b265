/**
 * What jobctl works with: a database, or a portal. The environment says which; where it is silent, the portal that somebody signed
 * in to; else the default database.
 *
 * | set                                  | jobctl works with                                |
 * | ------------------------------------ | ------------------------------------------------ |
 * | `DATABASE_URL` and `JOBTRIGGER_URL`  | neither: it refuses                              |
 * | `JOBTRIGGER_URL`                     | this portal                                      |
 * | `DATABASE_URL`                       | this database, also while a login is kept        |
 * | neither, after `jobctl login`        | the portal of the login                          |
 * | neither                              | `sqlite:///reflex.db`                            |
 *
 * @module
 */
import { Invalid } from "@jobtrigger/shared/domain";
import { type Env, type JobctlConfig, jobctlConfig, VARIABLES } from "@jobtrigger/shared/config";
import { readLogin } from "./login_file.ts";

/** A portal, and how to speak with it. */
export interface PortalTarget {
  readonly kind: "portal";
  /** Its origin. */
  readonly url: string;
  /** A secret. */
  readonly token: string;
  /** A file with the certificates of trusted authorities; null: the public ones. */
  readonly caFile: string | null;
  /** What named it, for messages. */
  readonly namedBy: string;
  readonly config: JobctlConfig;
}

/** What jobctl works with. */
export type Target = { readonly kind: "database"; readonly config: JobctlConfig } | PortalTarget;

/** Reads what jobctl works with. @throws {Invalid} that names the variable or the file. */
export function targetOf(env: Env): Target {
  const config = jobctlConfig(env);
  const { portalUrl, portalToken } = config;
  const database = databaseVariable(env);
  if (portalUrl !== null && database !== null) {
    const message = `it names a portal, and ${database} names a database; expected one of the two: unset the other`;
    throw new Invalid([{ field: "JOBTRIGGER_URL", message, code: "conflict" }]);
  }
  if (portalUrl === null && portalToken !== null) {
    const message = "is missing, expected the address of the portal that JOBTRIGGER_TOKEN is for";
    throw new Invalid([{ field: "JOBTRIGGER_URL", message, code: "missing" }]);
  }
  if (database !== null) return { kind: "database", config };
  const login = portalToken === null ? readLogin(env) : null;
  if (portalUrl === null) {
    return login === null ? { kind: "database", config } : portalTarget(login, "jobctl login", config);
  }
  const token = portalToken ?? (login?.url === portalUrl ? login.token : null);
  if (token === null) {
    const message = `is missing, expected an API token of ${portalUrl}; or sign in: jobctl login ${portalUrl}`;
    throw new Invalid([{ field: "JOBTRIGGER_TOKEN", message, code: "missing" }]);
  }
  return portalTarget({ url: portalUrl, token }, "JOBTRIGGER_URL", config);
}

/** A portal as a target. @throws {Invalid} when the token would go to another machine without TLS. */
export function portalTarget(
  { url, token }: { readonly url: string; readonly token: string },
  namedBy: string,
  config: JobctlConfig,
): PortalTarget {
  if (new URL(url).protocol === "http:" && !isLoopback(new URL(url).hostname) && config.allowsHttp === "no") {
    const message = `${url} would get the token without TLS, readable for everybody on the way; expected https. ` +
      "If the network is safe: JOBTRIGGER_ALLOW_HTTP=yes";
    throw new Invalid([{ field: namedBy, message }]);
  }
  return { kind: "portal", url, token, caFile: config.caFile, namedBy, config };
}

/** The database that a command works on itself. @throws {Invalid} that names the command, where a portal is configured. */
export function databaseTarget(env: Env, command: string): JobctlConfig {
  const target = targetOf(env);
  if (target.kind === "database") return target.config;
  const message = `it works on the database itself, but ${target.namedBy} names the portal ${target.url}; ` +
    "run it on a machine that reaches the database, with DATABASE_URL";
  throw new Invalid([{ field: command, message }]);
}

/** The name of the variable that names a database; null: none does. */
export function databaseVariable(env: Env): string | null {
  const { name, formerName } = VARIABLES.databaseUrl;
  return [name, formerName].find((one) => one !== undefined && (env(one)?.trim() ?? "") !== "") ?? null;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
