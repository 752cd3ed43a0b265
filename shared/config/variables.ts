/**
 * Every environment variable of the product, once: its name, default, meaning and check. The documentation's table
 * (`docs/configuration.md`) and the permission lists in `deno.json` are tested against this one.
 *
 * @module
 */
import { z } from "zod";
import { parseTags } from "../domain/tags.ts";
import { parseTimezone } from "../schedule/mod.ts";
import type { Config } from "./config.ts";
import { parseDatabaseUrl } from "./database_url.ts";
import { OIDC_VARIABLES } from "./oidc_variables.ts";
import {
  checked,
  DAY_SECONDS,
  type Form,
  oneOf,
  optionalPort,
  optionalWhole,
  seconds,
  type Variables,
  whole,
} from "./variable.ts";
import { JOBCTL_VARIABLES } from "./jobctl_variables.ts";
import { WEB_VARIABLES } from "./web_variables.ts";

/** Directories in the form of PATH: separated by `:`, on Windows by `;`. */
function directories(): Form<readonly string[]> {
  const separator = globalThis.Deno?.build.os === "windows" ? ";" : ":";
  return {
    expected: `directories separated by "${separator}"`,
    schema: () =>
      z.string().transform((value) => value.split(separator).filter((part) => part !== "")).refine(
        (list) => list.length > 0,
      ),
  };
}

/** All variables, in the order of the documentation. */
export const VARIABLES: Variables<Config> = {
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
  schedulerHealthPort: {
    name: "SCHEDULER_HEALTH_PORT",
    fallback: "",
    about: "The port of 127.0.0.1 on which the scheduler answers `/livez` and `/readyz`. None: it listens nowhere.",
    ...optionalPort(),
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
  retentionRunsPerJob: {
    name: "RETENTION_RUNS_PER_JOB",
    fallback: "",
    about:
      "Most finished runs of one job that are kept, each attempt counted. Older ones are deleted, whatever their age, but each job's last failure stays. None: age alone decides.",
    ...optionalWhole("a whole number of runs", 1, 1_000_000),
  },
  auditRetentionDays: {
    name: "AUDIT_RETENTION_DAYS",
    fallback: "400",
    about: "Events of the audit list that are older than this are deleted.",
    ...whole("a whole number of days", 1, 36_500),
  },
  statisticsRetentionDays: {
    name: "STATISTICS_RETENTION_DAYS",
    fallback: "400",
    about:
      "Statistics of days that are older than this are deleted. Those of hours are kept for 8 days, or this if it is less.",
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
  workerHealthPort: {
    name: "WORKER_HEALTH_PORT",
    fallback: "",
    about: "The port of 127.0.0.1 on which the worker answers `/livez` and `/readyz`. None: it listens nowhere.",
    ...optionalPort(),
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
    schema: () =>
      z.string().regex(/^([A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?$/).transform((value) => value === "" ? null : value),
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
  allowedHosts: {
    name: "NOTIFIER_ALLOW_HOSTS",
    fallback: "",
    about:
      "What a notifier may reach inside the network, such as `mail.internal,10.2.0.0/16`; all else inside is refused.",
    expected: "host names, addresses or networks, separated by commas",
    schema: () =>
      z.string().transform((value) =>
        value.split(",").map((part) => part.trim().toLowerCase()).filter((part) => part !== "")
      )
        .refine((list) => list.every((part) => /^[a-z0-9._-]+$|^[0-9a-f:.]+(\/\d{1,3})?$/.test(part))),
  },
  notifierHealthPort: {
    name: "NOTIFIER_HEALTH_PORT",
    fallback: "",
    about: "The port of 127.0.0.1 on which the notifier answers `/livez` and `/readyz`. None: it listens nowhere.",
    ...optionalPort(),
  },
  ...JOBCTL_VARIABLES,
  ...WEB_VARIABLES,
  ...OIDC_VARIABLES,
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
