/**
 * The fields of a job, in one table. From it come the portal's form and facts, jobctl's flags and their help, what is read from
 * both and from JSON, and the table in `docs/policies.md`. `policy_input.ts` says where each policy is kept.
 *
 * @module
 */
import {
  DST_FOLDS,
  DST_GAPS,
  type DstPolicy,
  type EpochMs,
  isName,
  MISFIRE_POLICIES,
  type MisfirePolicy,
  NAME_EXPECTED,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  parseJobKey,
} from "../domain/mod.ts";
import { MOST_AT_ONCE } from "../policy/mod.ts";
import { parseTimezone, type Schedule } from "../schedule/mod.ts";
import { choice, duration, type FieldType, instant, shaped, text, whole } from "./field_types.ts";
import { argsSchema, envSchema, labelsField, nameField, scheduleField, scriptPathOf, tagsField } from "./job_values.ts";

/** What each field holds. Null stands for the default. */
export interface FieldValues {
  /** What people call the job. */
  readonly name: string;
  /** Its unique name for programs. */
  readonly key: string;
  /** Words by which people group jobs. */
  readonly labels: readonly string[];
  /** Path of its script. */
  readonly script: string;
  /** The script's arguments. */
  readonly args: readonly string[];
  /** When it is due. */
  readonly schedule: Schedule;
  /** IANA zone of the schedule's wall times. */
  readonly timezone: string;
  /** Time limit of an attempt, in seconds. */
  readonly timeout: number;
  /** The script's environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** What becomes of missed occurrences. */
  readonly misfire: MisfirePolicy["kind"];
  /** How late an occurrence may be and still be on time, in seconds. */
  readonly misfire_grace: number;
  /** Most missed occurrences that `run_all` runs. */
  readonly misfire_limit: number;
  /** Older missed occurrences never run, in seconds. */
  readonly catchup_window: number;
  /** What becomes of an occurrence while earlier runs have not ended. */
  readonly overlap: OverlapPolicy;
  /** Retries of an occurrence. */
  readonly max_retries: number;
  /** Delay before the first retry, in seconds. */
  readonly retry_base: number;
  /** Longest delay before a retry, in seconds. */
  readonly retry_cap: number;
  /** Tags that a worker must have. */
  readonly tags: readonly string[];
  /** Waiting runs with a higher priority are claimed first. */
  readonly priority: number;
  /** Runs of jobs with the same key share its slots. */
  readonly concurrency_key: string;
  /** How many runs with the key may run at once. */
  readonly concurrency_limit: number;
  /** Nothing is due before. */
  readonly starts_at: EpochMs;
  /** Nothing is due after. */
  readonly ends_at: EpochMs;
  /** Largest offset by which starts are moved, in seconds. */
  readonly spread: number;
  /** What becomes of a wall time that clocks skip. */
  readonly gap: DstPolicy["gap"];
  /** Which passes of a repeated wall time count. */
  readonly fold: DstPolicy["fold"];
}

/** The name of a field, in forms and JSON. */
export type FieldName = keyof FieldValues;

/** A field of a job. */
export interface JobField<Value> extends FieldType<Value> {
  /** Its name for people. */
  readonly label: string;
  /** A sentence for whoever fills in the form; `{default}` stands for what an empty field means there. */
  readonly help?: string;
  /** jobctl's flag with its argument, and what the flag means. */
  readonly flag: readonly [flag: string, about: string];
  /** The fact of a job's page that its sentences stand under; null: it has a fact of its own. */
  readonly fact: string | null;
}

const DAY = 86_400;
/** Highest priority, and with a minus the lowest. */
const MAX_PRIORITY = 1000;
/** Most runs that a concurrency key, or a backfill, may let go on at once. */
export const MAX_AT_ONCE = 1000;

/** All fields, in the form's order. */
export const JOB_FIELDS: { readonly [Name in FieldName]: JobField<FieldValues[Name]> } = {
  name: { ...nameField, label: "Name", flag: ["--name <text>", "what people call it"], fact: null },
  key: {
    ...text(parseJobKey),
    label: "Key",
    help: "A stable name for files and commands, such as nightly-backup. Empty: none.",
    flag: ["--key <key>", 'a stable name for files and commands, such as nightly-backup; "" for none'],
    fact: null,
  },
  labels: {
    ...labelsField,
    label: "Labels",
    help: "Words by which people group jobs, with commas between.",
    flag: ["--label <label>", "a word by which people group jobs; repeat for more"],
    fact: null,
  },
  script: {
    ...text(scriptPathOf, "a job needs a script"),
    label: "Script",
    help: "A file in the script directories: .sh, .py, .ts, .js or an executable.",
    flag: ["--script <path>", "the script, relative to a script directory"],
    fact: null,
  },
  args: {
    ...shaped(argsSchema),
    label: "Arguments",
    help: "One a line, passed as they are: no shell sees them, quotes and spaces need no care.",
    flag: ["--arg <text>", "an argument of the script; repeat for more"],
    fact: null,
  },
  schedule: {
    ...scheduleField,
    label: "Schedule",
    help: "Such as daily at 09:00, every 5m, or manual.",
    flag: [
      "--schedule <text>",
      '"daily at 9", "weekdays at 9:30 pm", "every 5m", "cron */5 * * * *", "manual", or JSON',
    ],
    fact: null,
  },
  timezone: {
    ...text(parseTimezone),
    label: "Time zone",
    flag: ["--timezone <zone>", "IANA zone of the schedule's times; default: DISPLAY_TIMEZONE"],
    fact: null,
  },
  timeout: {
    ...duration(1, 30 * DAY),
    label: "Time limit",
    help: "Such as 90, 5m or 1h30m; empty: {default}.",
    flag: ["--timeout <duration>", 'time limit; "" for WORKER_JOB_TIMEOUT'],
    fact: "Time limit",
  },
  env: {
    ...shaped(envSchema),
    label: "Environment",
    help: "NAME=value, one a line, on top of what every script gets.",
    flag: ["--env <NAME=value>", "environment variable of the script; repeat for more"],
    fact: null,
  },
  misfire: {
    ...choice(MISFIRE_POLICIES, {
      run_latest: "Only the latest one runs, late",
      run_all: "Each runs late, oldest first",
      skip: "None runs",
    }),
    label: "Times that were missed",
    flag: ["--misfire <policy>", "times missed while no scheduler ran: run_latest (default), run_all or skip"],
    fact: "When it is late",
  },
  misfire_grace: {
    ...duration(1, DAY),
    label: "Missed after",
    help: "Such as 90, 5m or 1h30m; empty: 60 seconds.",
    flag: ["--misfire-grace <duration>", "how late is still on time, 1s to 1d; default 60s"],
    fact: "When it is late",
  },
  misfire_limit: {
    ...whole("runs", 1, MOST_AT_ONCE),
    label: "Most late runs",
    help: "Runs, when each runs late; empty: 100.",
    flag: ["--misfire-limit <n>", "most missed times that run_all makes up for, 1 to 1000; default 100"],
    fact: "When it is late",
  },
  catchup_window: {
    ...duration(1, 12 * 31 * DAY),
    label: "None older than",
    help: "Such as 12h or 2d; empty: however old.",
    flag: ["--catchup-window <duration>", 'missed times older than this are dropped; "" for none'],
    fact: "When it is late",
  },
  overlap: {
    ...choice(OVERLAP_POLICIES, {
      skip: "It does not run",
      queue_one: "It waits; a second one does not run",
      queue_all: "It waits in line, up to 100 of them",
      cancel_running: "The earlier run is cancelled for it",
      allow: "It runs beside it",
    }),
    label: "While an earlier run has not ended",
    flag: [
      "--overlap <policy>",
      "due while an earlier run has not ended: skip (default), queue_one, queue_all, cancel_running or allow",
    ],
    fact: "When it overlaps",
  },
  max_retries: {
    ...whole("retries", 0, 100),
    label: "Retries",
    help: "0 for none; empty: {default}.",
    flag: ["--max-retries <n>", 'retries after a failure or timeout; "" for MAX_RETRY_ATTEMPTS'],
    fact: "Retries",
  },
  retry_base: {
    ...duration(0, DAY),
    label: "First delay",
    help: "Such as 30 or 5m; each further one doubles it. Empty: 10 seconds.",
    flag: [
      "--retry-base <duration>",
      "delay before the first retry, up to 1d, doubled for each further one; default 10s",
    ],
    fact: "Retries",
  },
  retry_cap: {
    ...duration(0, 7 * DAY),
    label: "Longest delay",
    help: "Such as 90, 5m or 1h30m; empty: 1 hour.",
    flag: ["--retry-cap <duration>", "longest delay before a retry, up to 7d; default 1h"],
    fact: "Retries",
  },
  tags: {
    ...tagsField,
    label: "Tags",
    help: "With commas between: only a worker with all of them runs it. Empty: any worker.",
    flag: ["--tag <tag>", "only workers that have it in WORKER_TAGS; repeat for more"],
    fact: "Where it runs",
  },
  priority: {
    ...whole("priority", -MAX_PRIORITY, MAX_PRIORITY),
    label: "Priority",
    help: "−1000 to 1000; of runs that wait, the higher goes first. Empty: 0.",
    flag: ["--priority <n>", "-1000 to 1000, higher first; default 0"],
    fact: "Where it runs",
  },
  concurrency_key: {
    ...text((key) => {
      if (isName(key)) return key;
      throw new RangeError(`found "${key}", expected ${NAME_EXPECTED}`);
    }),
    label: "Shared key",
    help: "Runs of all jobs with the same key share its slots.",
    flag: ["--concurrency-key <key>", "runs of all jobs with this key share its slots"],
    fact: "Where it runs",
  },
  concurrency_limit: {
    ...whole("runs", 1, MAX_AT_ONCE),
    label: "Runs with this key at once",
    help: "More of them wait. Empty: 1.",
    flag: ["--concurrency-limit <n>", "how many of them may run at once, 1 to 1000; default 1"],
    fact: "Where it runs",
  },
  starts_at: {
    ...instant(),
    label: "Not before",
    help: "Such as 2026-12-01 09:00, in the job's zone.",
    flag: ["--starts-at <time>", 'nothing is due before: ISO 8601, or "2026-12-01 09:00" in the job\'s zone'],
    fact: "Validity",
  },
  ends_at: {
    ...instant(),
    label: "Not after",
    help: "Such as 2027-01-31 18:00, in the job's zone.",
    flag: ["--ends-at <time>", "nothing is due after; likewise"],
    fact: "Validity",
  },
  spread: {
    ...duration(0, DAY),
    label: "Spread",
    help:
      "Such as 90 or 5m: the most by which each start is moved, always by as much, so that jobs due at once do not start at once.",
    flag: [
      "--spread <duration>",
      "start up to this much later, by an offset of the job's own, up to 1d; default 0",
    ],
    fact: "Spread",
  },
  gap: {
    ...choice(DST_GAPS, { after: "Run right after the gap", skip: "Skip that day" }),
    label: "A time that is skipped",
    flag: ["--dst-gap <policy>", "times of day that clocks skip: after (run at the end of the gap) or skip"],
    fact: null,
  },
  fold: {
    ...choice(DST_FOLDS, { first: "Run the first time", second: "Run the second time", both: "Run both times" }),
    label: "A time that comes twice",
    flag: ["--dst-fold <policy>", "a time of day that comes twice: first, second or both"],
    fact: null,
  },
};

/** The names of all fields, in the form's order. */
export const FIELD_NAMES: readonly FieldName[] = Object.keys(JOB_FIELDS).filter(isFieldName);

/** Whether a job has such a field. */
export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(JOB_FIELDS, name);
}

/** A part of the form that can be folded: rows of fields. */
export interface FieldGroup {
  /** Its heading. */
  readonly title: string;
  /** What its fields are about, in a sentence. */
  readonly about: string;
  /** What holds while none of its fields is filled in; `{name}` stands for the default of a field. */
  readonly usual: string;
  /** Its fields, as they stand side by side. */
  readonly rows: readonly (readonly FieldName[])[];
}

/** The policies in the form. */
export const FIELD_GROUPS: readonly FieldGroup[] = [
  {
    title: "When it fails",
    about: "retries after a failure, a timeout or the loss of a worker",
    usual: "{max_retries} retries, time limit {timeout}",
    rows: [["max_retries", "timeout"], ["retry_base", "retry_cap"]],
  },
  {
    title: "When an earlier run has not ended",
    about: "what happens while an earlier run goes on",
    usual: "",
    rows: [["overlap"]],
  },
  {
    title: "When a time was missed",
    about: "what becomes of times at which no scheduler was running",
    usual: "",
    rows: [["misfire"], ["misfire_grace", "misfire_limit", "catchup_window"]],
  },
  {
    title: "Where it runs",
    about: "tags, shared key, priority",
    usual: "any worker, no shared key",
    rows: [["tags", "priority"], ["concurrency_key", "concurrency_limit"]],
  },
  {
    title: "From, until, and spread",
    about: "from when, until when, and not all at once",
    usual: "no limits",
    rows: [["starts_at", "ends_at"], ["spread"]],
  },
  {
    title: "When clocks change",
    about:
      "intervals follow elapsed time; repeating patterns run in both passes, and once for hours that a gap swallows",
    usual: "",
    rows: [["gap", "fold"]],
  },
];
