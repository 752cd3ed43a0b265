/**
 * Every environment variable of the product, once: its name, default, meaning and check. The documentation's table
 * (`docs/configuration.md`) and the permission lists in `deno.json` are tested against this one.
 *
 * @module
 */
import { z } from "zod";
import { parseDuration } from "../domain/duration.ts";
import { Invalid } from "../domain/errors.ts";
import { type Role, ROLES } from "../domain/account.ts";
import { parseTags } from "../domain/tags.ts";
import { parseTimezone } from "../schedule/mod.ts";
import { parseDatabaseUrl } from "./database_url.ts";

/** The values of all variables, checked. A process reads those it needs. Durations are milliseconds. */
export interface Config {
  /** DATABASE_URL, as it was given. */
  readonly databaseUrl: string;
  /** SCHEDULER_POLL_INTERVAL. */
  readonly schedulerPollMs: number;
  /** DISPATCH_LOCK_DURATION. */
  readonly dispatchLockMs: number;
  /** JOB_TIMEOUT_THRESHOLD. */
  readonly timeoutThresholdMs: number;
  /** MAX_RETRY_ATTEMPTS. */
  readonly maxRetries: number;
  /** CLEANUP_RETENTION_DAYS, in days. */
  readonly retentionDays: number;
  /** AUDIT_RETENTION_DAYS, in days. */
  readonly auditRetentionDays: number;
  /** WORKER_OFFLINE_THRESHOLD, the length of a lease. */
  readonly workerOfflineMs: number;
  /** WORKER_POLL_INTERVAL. */
  readonly workerPollMs: number;
  /** WORKER_MAX_POLL_INTERVAL. */
  readonly workerMaxPollMs: number;
  /** WORKER_HEARTBEAT_INTERVAL. */
  readonly heartbeatMs: number;
  /** WORKER_JOB_TIMEOUT. */
  readonly jobTimeoutMs: number;
  /** WORKER_CONCURRENCY. */
  readonly concurrency: number;
  /** WORKER_TAGS: sorted, each once. */
  readonly tags: readonly string[];
  /** WORKER_DRAIN_SECONDS. */
  readonly drainMs: number;
  /** WORKER_KILL_GRACE. */
  readonly killGraceMs: number;
  /** Null: the worker's own. */
  readonly scriptUser: string | null;
  /** LOG_MAX_BYTES. */
  readonly logMaxBytes: number;
  /** SCRIPTS_DIR, one path for each directory. */
  readonly scriptsDirs: readonly string[];
  /** WEB_HOST. */
  readonly host: string;
  /** WEB_PORT. */
  readonly port: number;
  /** WEB_PUBLIC_URL, an origin such as `https://jobs.example.com`; null: people open the portal where it listens. */
  readonly publicUrl: string | null;
  /** WEB_TRUSTED_PROXIES: addresses and networks (CIDR). */
  readonly trustedProxies: readonly string[];
  /** WEB_PROXY_USER_HEADER, in lower case; null: no header signs anybody in. */
  readonly proxyUserHeader: string | null;
  /** WEB_PROXY_SECRET, by which a proxy proves that a request came through it; null: none is set. */
  readonly proxySecret: string | null;
  /** WEB_PROXY_USER_ROLE; null: whom the proxy names must have an account. */
  readonly proxyUserRole: Role | null;
  /** WEB_API_REQUESTS, each minute and token. */
  readonly apiPerMinute: number;
  /** WEB_CORS_ORIGINS. */
  readonly corsOrigins: readonly string[];
  /** DISPLAY_TIMEZONE, an IANA zone. */
  readonly displayTimezone: string;
  /** LOG_FORMAT. */
  readonly logFormat: "auto" | "json" | "text";
  /** LOG_LEVEL. */
  readonly logLevel: "debug" | "info" | "warning" | "error";
}

/** What a variable's text must be. */
export interface Form<Value> {
  /** What would be right, as it completes "expected …". */
  readonly expected: string;
  /**
   * Reads the text and checks it.
   * @internal
   */
  readonly schema: z.ZodType<Value, string>;
}

/** One variable. */
export interface Variable<Value> extends Form<Value> {
  /** Its name in the environment. */
  readonly name: string;
  /** Its name in the former system, read when `name` is not set. */
  readonly formerName?: string;
  /** The text it has when it is not set. */
  readonly fallback: string;
  /** What it means, in a sentence or two for the documentation. */
  readonly about: string;
}

const DAY_SECONDS = 86_400;

/** Headers that browsers send by themselves: what stands there was not said by a proxy. */
const SENT_BY_BROWSERS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "host",
  "origin",
  "referer",
  "user-agent",
  "x-forwarded-for",
  "x-forwarded-proto",
]);

/** A duration from `min` to `max` seconds, decimals allowed, as milliseconds. */
function seconds(min: number, max: number): Form<number> {
  return {
    expected: `a number of seconds from ${min} to ${max}, or such as 5m`,
    schema: z.string().transform((value) => parseDuration(value) ?? NaN)
      .refine((value) => value >= min && value <= max).transform((value) => Math.round(value * 1000)),
  };
}

function whole(what: string, min: number, max: number): Form<number> {
  return {
    expected: `${what} from ${min} to ${max}`,
    schema: z.string().regex(/^\d+$/).transform(Number).refine((value) => value >= min && value <= max),
  };
}

/** A text that `check` accepts. Where it throws, its message is a whole sentence and stands alone. */
function checked<Value>(expected: string, check: (value: string) => Value): Form<Value> {
  const schema = z.string().transform((value, context) => {
    try {
      return check(value);
    } catch (error) {
      const message = error instanceof Invalid ? error.problems[0]?.message : undefined;
      context.addIssue({
        code: "custom",
        message: message ?? (error instanceof Error ? error.message : String(error)),
        params: { isSentence: true },
      });
      return z.NEVER;
    }
  });
  return { expected, schema };
}

/** An origin, as browsers write it; none: null. */
function parseOrigin(text: string): string | null {
  if (text === "") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin) return url.origin;
  throw new SyntaxError(`found "${text}", expected an origin such as https://jobs.example.com, without a path`);
}

/** Origins with commas between: scheme, host and port, and no more. */
/** The message names no character of a secret: it would end up in a log. */
function parseSecret(text: string): string | null {
  if (text === "") return null;
  if (/^[!-~]{32,}$/.test(text)) return text;
  throw new SyntaxError(
    `found ${text.length} characters, expected at least 32 printable ones without spaces, such as openssl rand -hex 32 prints`,
  );
}

function origins(): Form<readonly string[]> {
  const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;
  return {
    expected: "origins such as https://tools.example.com, with commas between and nothing after host and port",
    schema: z.string().transform((text) => text.split(",").map((origin) => origin.trim()).filter((one) => one !== ""))
      .refine((found) => found.every(isOrigin)),
  };
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values): Form<Values[number]> {
  return { expected: `one of ${values.join(", ")}`, schema: z.enum(values) as z.ZodType<Values[number], string> };
}

/** Directories in the form of PATH: separated by `:`, on Windows by `;`. */
function directories(): Form<readonly string[]> {
  const separator = globalThis.Deno?.build.os === "windows" ? ";" : ":";
  return {
    expected: `directories separated by "${separator}"`,
    schema: z.string().transform((value) => value.split(separator).filter((part) => part !== "")).refine(
      (list) => list.length > 0,
    ),
  };
}

/** All variables, in the order of the documentation. */
export const VARIABLES: { readonly [Key in keyof Config]: Variable<Config[Key]> } = {
  databaseUrl: {
    name: "DATABASE_URL",
    formerName: "REFLEX_DB_URL",
    fallback: "sqlite:///reflex.db",
    about: "Where everything is kept. All processes of one portal name the same database.",
    ...checked(
      "`sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user@host:5432/name`",
      (value) => {
        parseDatabaseUrl(value);
        return value;
      },
    ),
  },
  schedulerPollMs: {
    name: "SCHEDULER_POLL_INTERVAL",
    fallback: "10",
    about: "Longest sleep of the scheduler. It wakes for due jobs and changes by itself.",
    ...seconds(0.1, 3600),
  },
  dispatchLockMs: {
    name: "DISPATCH_LOCK_DURATION",
    fallback: "300",
    about: "Longest time that a scheduler may hold due jobs while dispatching them. SQLite needs no such limit.",
    ...seconds(1, DAY_SECONDS),
  },
  timeoutThresholdMs: {
    name: "JOB_TIMEOUT_THRESHOLD",
    fallback: "600",
    about: "How far past its own time limit a run may go on before it is taken from its worker.",
    ...seconds(0, 30 * DAY_SECONDS),
  },
  maxRetries: {
    name: "MAX_RETRY_ATTEMPTS",
    fallback: "3",
    about: "Retries of a failed, timed-out or lost run, unless the job says otherwise.",
    ...whole("a whole number", 0, 100),
  },
  retentionDays: {
    name: "CLEANUP_RETENTION_DAYS",
    fallback: "30",
    about:
      "Finished runs, their output, ledger entries, events, and API tokens that ended longer ago than this are deleted. Each job's last run and last failure stay.",
    ...whole("a whole number of days", 1, 36_500),
  },
  auditRetentionDays: {
    name: "AUDIT_RETENTION_DAYS",
    fallback: "400",
    about: "Events of the audit list that are older than this are deleted.",
    ...whole("a whole number of days", 1, 36_500),
  },
  workerOfflineMs: {
    name: "WORKER_OFFLINE_THRESHOLD",
    fallback: "180",
    about: "Length of a lease: a worker silent this long is offline, and its runs are rescued.",
    ...seconds(1, DAY_SECONDS),
  },
  workerPollMs: {
    name: "WORKER_POLL_INTERVAL",
    fallback: "5",
    about: "First fallback poll of an idle worker; it doubles up to the next. Changes wake it at once.",
    ...seconds(0.1, 3600),
  },
  workerMaxPollMs: {
    name: "WORKER_MAX_POLL_INTERVAL",
    fallback: "60",
    about: "Longest fallback poll of an idle worker. When it is not set, at least the first.",
    ...seconds(0.1, 3600),
  },
  heartbeatMs: {
    name: "WORKER_HEARTBEAT_INTERVAL",
    fallback: "30",
    about: "Time between heartbeats; each renews the leases. At most half of WORKER_OFFLINE_THRESHOLD; " +
      "when it is not set, at most a third.",
    ...seconds(0.1, 3600),
  },
  jobTimeoutMs: {
    name: "WORKER_JOB_TIMEOUT",
    fallback: "600",
    about: "Time limit of a script, unless the job says otherwise.",
    ...seconds(1, 30 * DAY_SECONDS),
  },
  concurrency: {
    name: "WORKER_CONCURRENCY",
    fallback: "4",
    about: "How many scripts one worker runs at once.",
    ...whole("a whole number", 1, 1000),
  },
  tags: {
    name: "WORKER_TAGS",
    fallback: "",
    about:
      "What this worker has that not all have, such as `gpu,eu-west`: a job that names tags runs only where all are.",
    ...checked("tags separated by commas", parseTags),
  },
  drainMs: {
    name: "WORKER_DRAIN_SECONDS",
    fallback: "30",
    about:
      "How long a worker lets running scripts go on after it is asked to stop. Then it stops them and releases their runs.",
    ...seconds(0, DAY_SECONDS),
  },
  killGraceMs: {
    name: "WORKER_KILL_GRACE",
    fallback: "10",
    about: "Time between asking a script to end (SIGTERM) and ending it (SIGKILL).",
    ...seconds(0, 3600),
  },
  scriptUser: {
    name: "WORKER_SCRIPT_USER",
    fallback: "",
    about: "The user as whom scripts run; none: the worker's own, whose scripts can read all that the worker can. " +
      "Needs a worker of root's, or one with the rights to change its user and to end others' processes.",
    expected: "the name or the number of a user",
    schema: z.string().regex(/^([A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?$/).transform((value) => value === "" ? null : value),
  },
  logMaxBytes: {
    name: "LOG_MAX_BYTES",
    fallback: "10485760",
    about: "How much output of one run is stored: the first half and the last half of this many bytes.",
    ...whole("a whole number of bytes", 1024, 1_073_741_824),
  },
  scriptsDirs: {
    name: "SCRIPTS_DIR",
    fallback: "app/scripts",
    about: "The directories that scripts may be in, separated like PATH.",
    ...directories(),
  },
  host: {
    name: "WEB_HOST",
    fallback: "127.0.0.1",
    about:
      "The address the portal listens on. Any but one of this machine alone (127.0.0.1, ::1) takes an administrator: " +
      "make the first account before.",
    expected: "an IP address of this machine, such as 127.0.0.1; 0.0.0.0 or :: for all of them",
    schema: z.union([z.ipv4(), z.ipv6()]),
  },
  port: {
    name: "WEB_PORT",
    fallback: "8000",
    about: "The port the portal listens on; 0 for any free one.",
    ...whole("a port number", 0, 65_535),
  },
  publicUrl: {
    name: "WEB_PUBLIC_URL",
    fallback: "",
    about:
      "Where people open the portal, when that is not where it listens: behind a proxy. With `https` its cookies are " +
      "for TLS only, and browsers are told to use nothing else.",
    ...checked("an origin such as `https://jobs.example.com`", parseOrigin),
  },
  trustedProxies: {
    name: "WEB_TRUSTED_PROXIES",
    fallback: "",
    about:
      "The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count. From all others these headers say nothing.",
    expected: "addresses and networks separated by commas, such as 127.0.0.1,10.0.0.0/8",
    schema: z.string().transform((value) => value.split(",").map((part) => part.trim()).filter((part) => part !== ""))
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
  },
  proxyUserHeader: {
    name: "WEB_PROXY_USER_HEADER",
    fallback: "",
    about:
      "The header in which a trusted proxy names who is signed in, such as `Remote-User`: that user is signed in here " +
      "too. It takes WEB_PROXY_SECRET. The proxy must take the header from what browsers send. None: no header signs anybody in.",
    expected: "the name of a header that a proxy sets, such as Remote-User",
    schema: z.string().regex(/^([A-Za-z0-9-]{1,100})?$/).transform((value) => value.toLowerCase())
      .refine((value) => !SENT_BY_BROWSERS.has(value)).transform((value) => value === "" ? null : value),
  },
  proxySecret: {
    name: "WEB_PROXY_SECRET",
    fallback: "",
    about:
      "What the proxy sends in `X-Proxy-Secret` beside the header of WEB_PROXY_USER_HEADER: without it that header names " +
      "nobody, because every program on the proxy's machine could send it.",
    ...checked("at least 32 printable characters without spaces, such as `openssl rand -hex 32` prints", parseSecret),
  },
  proxyUserRole: {
    name: "WEB_PROXY_USER_ROLE",
    fallback: "",
    about:
      "The role of a new account for whom a trusted proxy names and the portal does not know. None: they are refused.",
    expected: `one of ${ROLES.join(", ")}`,
    schema: z.enum(["", ...ROLES]).transform((value) => value === "" ? null : value),
  },
  apiPerMinute: {
    name: "WEB_API_REQUESTS",
    fallback: "600",
    about: "Most requests that one API token may send in a minute; one more is answered with 429.",
    ...whole("a number of requests", 1, 1_000_000),
  },
  corsOrigins: {
    name: "WEB_CORS_ORIGINS",
    fallback: "",
    about: "The origins of pages elsewhere that may call the API with a token, with commas between. Empty: none.",
    ...origins(),
  },
  displayTimezone: {
    name: "DISPLAY_TIMEZONE",
    fallback: "Asia/Hong_Kong",
    about: "The zone in which people read times, and of new jobs.",
    ...checked("an IANA time zone", parseTimezone),
  },
  logFormat: {
    name: "LOG_FORMAT",
    fallback: "auto",
    about: "`json` (one object a line), `text`, or `auto`: text on a terminal, else JSON.",
    ...oneOf(["auto", "json", "text"]),
  },
  logLevel: {
    name: "LOG_LEVEL",
    fallback: "info",
    about: "The least severe messages that are written: `debug`, `info`, `warning` or `error`.",
    ...oneOf(["debug", "info", "warning", "error"]),
  },
};
