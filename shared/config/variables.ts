/**
 * Every environment variable of the product, once: its name, default, meaning and check. The documentation's table
 * (`docs/configuration.md`) and the permission lists in `deno.json` are tested against this one.
 *
 * @module
 */
import { z } from "zod";
import { parseTimezone } from "../schedule/mod.ts";
import { parseDatabaseUrl } from "../store/url.ts";

/** The values of all variables, checked. A process reads those it needs. Durations are milliseconds. */
export interface Config {
  readonly databaseUrl: string;
  readonly schedulerPollMs: number;
  readonly dispatchLockMs: number;
  readonly timeoutThresholdMs: number;
  readonly maxRetries: number;
  readonly retentionDays: number;
  readonly workerOfflineMs: number;
  readonly workerPollMs: number;
  readonly workerMaxPollMs: number;
  readonly heartbeatMs: number;
  readonly jobTimeoutMs: number;
  readonly concurrency: number;
  readonly drainMs: number;
  readonly killGraceMs: number;
  readonly logMaxBytes: number;
  readonly scriptsDirs: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly displayTimezone: string;
  readonly logFormat: "auto" | "json" | "text";
  readonly logLevel: "debug" | "info" | "warning" | "error";
}

/** One variable. `fallback` is the text it has when it is not set. */
export interface Variable<Value> {
  readonly name: string;
  /** Another name for it, read when the first is not set: settings of the system this one succeeds. */
  readonly formerName?: string;
  readonly fallback: string;
  /** What it means, in a sentence for the documentation. */
  readonly about: string;
  readonly schema: z.ZodType<Value, string>;
}

const DAY_SECONDS = 86_400;

/** A number of seconds, decimals allowed, as milliseconds. */
function seconds(min: number, max: number): z.ZodType<number, string> {
  return decimal(`a number of seconds from ${min} to ${max}`, min, max).transform((value) => Math.round(value * 1000));
}

function decimal(expected: string, min: number, max: number): z.ZodType<number, string> {
  return z.string().regex(/^\d+(\.\d+)?$/, { error: expected }).transform(Number).refine(
    (value) => value >= min && value <= max,
    { error: expected },
  );
}

function whole(what: string, min: number, max: number): z.ZodType<number, string> {
  const expected = `${what} from ${min} to ${max}`;
  return z.string().regex(/^\d+$/, { error: expected }).transform(Number).refine(
    (value) => value >= min && value <= max,
    { error: expected },
  );
}

/** A text that `check` accepts; what `check` throws is the message. */
function text(check: (value: string) => string): z.ZodType<string, string> {
  return z.string().transform((value, context) => {
    try {
      return check(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });
}

function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
): z.ZodType<Values[number], string> {
  return z.enum(values, { error: `one of ${values.join(", ")}` }) as z.ZodType<Values[number], string>;
}

/** Directories in the form of PATH: separated by `:`, on Windows by `;`. */
function directories(): z.ZodType<readonly string[], string> {
  const separator = globalThis.Deno?.build.os === "windows" ? ";" : ":";
  return z.string().transform((value) => value.split(separator).filter((part) => part !== "")).refine(
    (list) => list.length > 0,
    { error: `directories separated by "${separator}"` },
  );
}

/** All variables, in the order of the documentation. */
export const VARIABLES: { readonly [Key in keyof Config]: Variable<Config[Key]> } = {
  databaseUrl: {
    name: "DATABASE_URL",
    formerName: "REFLEX_DB_URL",
    fallback: "sqlite:///reflex.db",
    about: "The database: `sqlite:///relative.db` or `sqlite:////absolute.db`.",
    schema: text((value) => {
      parseDatabaseUrl(value);
      return value;
    }),
  },
  schedulerPollMs: {
    name: "SCHEDULER_POLL_INTERVAL",
    fallback: "10",
    about: "Longest sleep of the scheduler, in seconds. It wakes for due jobs and changes by itself.",
    schema: seconds(0.1, 3600),
  },
  dispatchLockMs: {
    name: "DISPATCH_LOCK_DURATION",
    fallback: "300",
    about:
      "Longest time in seconds that a scheduler may hold due jobs while dispatching them. SQLite needs no such limit.",
    schema: seconds(1, DAY_SECONDS),
  },
  timeoutThresholdMs: {
    name: "JOB_TIMEOUT_THRESHOLD",
    fallback: "600",
    about: "How many seconds past its own time limit a run may go on before it is taken from its worker.",
    schema: seconds(0, 30 * DAY_SECONDS),
  },
  maxRetries: {
    name: "MAX_RETRY_ATTEMPTS",
    fallback: "3",
    about: "Retries of a failed, timed-out or lost run, unless the job says otherwise.",
    schema: whole("a whole number", 0, 100),
  },
  retentionDays: {
    name: "CLEANUP_RETENTION_DAYS",
    fallback: "30",
    about: "Finished runs, their output and ledger entries older than this many days are deleted.",
    schema: whole("a whole number of days", 1, 36_500),
  },
  workerOfflineMs: {
    name: "WORKER_OFFLINE_THRESHOLD",
    fallback: "180",
    about: "Length of a lease in seconds: a worker silent this long is offline, and its runs are rescued.",
    schema: seconds(1, DAY_SECONDS),
  },
  workerPollMs: {
    name: "WORKER_POLL_INTERVAL",
    fallback: "5",
    about: "First fallback poll of an idle worker, in seconds; it doubles up to the next. Changes wake it at once.",
    schema: seconds(0.1, 3600),
  },
  workerMaxPollMs: {
    name: "WORKER_MAX_POLL_INTERVAL",
    fallback: "60",
    about: "Longest fallback poll of an idle worker, in seconds.",
    schema: seconds(0.1, 3600),
  },
  heartbeatMs: {
    name: "WORKER_HEARTBEAT_INTERVAL",
    fallback: "30",
    about: "Time between heartbeats in seconds; each renews the leases. " +
      "When it is not set and WORKER_OFFLINE_THRESHOLD is under 90, a third of that.",
    schema: seconds(0.1, 3600),
  },
  jobTimeoutMs: {
    name: "WORKER_JOB_TIMEOUT",
    fallback: "600",
    about: "Time limit of a script in seconds, unless the job says otherwise.",
    schema: seconds(1, 30 * DAY_SECONDS),
  },
  concurrency: {
    name: "WORKER_CONCURRENCY",
    fallback: "4",
    about: "How many scripts one worker runs at once.",
    schema: whole("a whole number", 1, 1000),
  },
  drainMs: {
    name: "WORKER_DRAIN_SECONDS",
    fallback: "30",
    about:
      "How many seconds a worker that was told to stop lets running scripts go on; then it stops them and gives them back.",
    schema: seconds(0, DAY_SECONDS),
  },
  killGraceMs: {
    name: "WORKER_KILL_GRACE",
    fallback: "10",
    about: "Seconds between asking a script to end (SIGTERM) and ending it (SIGKILL).",
    schema: seconds(0, 3600),
  },
  logMaxBytes: {
    name: "LOG_MAX_BYTES",
    fallback: "10485760",
    about: "How much output of one run is stored: the first half and the last half of this many bytes.",
    schema: whole("a whole number of bytes", 1024, 1_073_741_824),
  },
  scriptsDirs: {
    name: "SCRIPTS_DIR",
    fallback: "app/scripts",
    about: "The directories that scripts may be in, separated like PATH.",
    schema: directories(),
  },
  host: {
    name: "WEB_HOST",
    fallback: "127.0.0.1",
    about: "The address the portal listens on: 127.0.0.1 and no other, until it has signing in.",
    schema: z.string().refine((value) => value === "127.0.0.1", {
      error: "127.0.0.1: the portal has no signing in yet, so it must not be reachable from other machines",
    }),
  },
  port: {
    name: "WEB_PORT",
    fallback: "8000",
    about: "The port the portal listens on; 0 for any free one.",
    schema: whole("a port number", 0, 65_535),
  },
  displayTimezone: {
    name: "DISPLAY_TIMEZONE",
    fallback: "Asia/Hong_Kong",
    about: "The zone in which people read times, and of new jobs.",
    schema: text(parseTimezone),
  },
  logFormat: {
    name: "LOG_FORMAT",
    fallback: "auto",
    about: "`json` (one object a line), `text`, or `auto`: text on a terminal, else JSON.",
    schema: oneOf(["auto", "json", "text"]),
  },
  logLevel: {
    name: "LOG_LEVEL",
    fallback: "info",
    about: "The least severe messages that are written: `debug`, `info`, `warning` or `error`.",
    schema: oneOf(["debug", "info", "warning", "error"]),
  },
};
