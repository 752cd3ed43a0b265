import type { Command } from "commander";
import { DST_FOLDS, DST_GAPS, Invalid, type Job, type JobDefinition } from "@jobtrigger/shared/domain";
import { type JobInput, parseJobInput, policyFields } from "@jobtrigger/shared/api";
import { choiceFlag, type CommonFlags, gather, gatherPair, scheduleFlag } from "../flags.ts";
import type { Session } from "../session.ts";

/** What `jobs create` and `jobs edit` take; what is not given is undefined. */
export interface DefinitionFlags extends CommonFlags {
  readonly name?: string;
  readonly script?: string;
  readonly arg?: readonly string[];
  /** False for `--no-args`. */
  readonly args?: boolean;
  /** Text, or the JSON form. */
  readonly schedule?: unknown;
  readonly timezone?: string;
  readonly timeout?: string;
  readonly maxRetries?: string;
  readonly retryBase?: string;
  readonly retryCap?: string;
  readonly misfire?: string;
  readonly misfireGrace?: string;
  readonly misfireLimit?: string;
  readonly catchupWindow?: string;
  readonly overlap?: string;
  readonly spread?: string;
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly priority?: string;
  readonly tag?: readonly string[];
  /** False for `--no-tags`. */
  readonly tags?: boolean;
  readonly concurrencyKey?: string;
  readonly concurrencyLimit?: string;
  /** False for `--no-env`. */
  readonly env?: Readonly<Record<string, string>> | false;
  readonly dstGap?: string;
  readonly dstFold?: string;
}

/** Adds the flags that say what a job is. */
export function definitionFlags(command: Command): Command {
  command
    .option("--name <text>", "what people call it")
    .option("--script <path>", "the script, relative to a script directory")
    .option("--arg <text>", "an argument of the script; repeat for more", gather)
    .option(
      "--schedule <text>",
      '"daily at 9", "weekdays at 9:30 pm", "every 5m", "cron */5 * * * *", "manual", or JSON',
      scheduleFlag,
    )
    .option("--timezone <zone>", "IANA zone of the schedule's times; default: DISPLAY_TIMEZONE")
    .option("--timeout <duration>", 'time limit; "" for WORKER_JOB_TIMEOUT')
    .option("--env <NAME=value>", "environment variable of the script; repeat for more", gatherPair);
  return dstFlags(policyFlags(command))
    .addHelpText(
      "after",
      "\nA duration is a number of seconds, or has units: 90, 5m, 1h30m, 2d." +
        '\nFor numbers, durations, times, --misfire, --overlap and --concurrency-key an empty text ("") stands for the default.',
    );
}

/** Adds the flags of policies. The empty text means the default. */
function policyFlags(command: Command): Command {
  return command
    .option("--max-retries <n>", 'retries after a failure or timeout; "" for MAX_RETRY_ATTEMPTS')
    .option(
      "--retry-base <duration>",
      "delay before the first retry, up to 1d, doubled for each further one; default 10s",
    )
    .option("--retry-cap <duration>", "longest delay before a retry, up to 7d; default 1h")
    .option("--misfire <policy>", "times missed while no scheduler ran: run_latest (default), run_all or skip")
    .option("--misfire-grace <duration>", "how late is still on time, 1s to 1d; default 60s")
    .option("--misfire-limit <n>", "most missed times that run_all makes up for, 1 to 1000; default 100")
    .option("--catchup-window <duration>", 'missed times older than this are dropped; "" for none')
    .option(
      "--overlap <policy>",
      "due while an earlier run has not ended: skip (default), queue_one, queue_all, cancel_running or allow",
    )
    .option("--spread <duration>", "start up to this much later, by an offset of the job's own, up to 1d; default 0")
    .option("--starts-at <time>", 'nothing is due before: ISO 8601, or "2026-12-01 09:00" in the job\'s zone')
    .option("--ends-at <time>", "nothing is due after; likewise")
    .option("--priority <n>", "-1000 to 1000, higher first; default 0")
    .option("--tag <tag>", "only workers that have it in WORKER_TAGS; repeat for more", gather)
    .option("--concurrency-key <key>", "runs of all jobs with this key share its places")
    .option("--concurrency-limit <n>", "how many of them may run at once, 1 to 1000; default 1");
}

/** Adds the flags that say what happens where clocks change. */
export function dstFlags(command: Command): Command {
  return command
    .option(
      "--dst-gap <policy>",
      "times of day that clocks skip: after (run at the end of the gap) or skip",
      choiceFlag("--dst-gap", DST_GAPS),
    )
    .option(
      "--dst-fold <policy>",
      "a time of day that comes twice: first, second or both",
      choiceFlag("--dst-fold", DST_FOLDS),
    );
}

/** The definition that the flags describe. @throws {Invalid} that names the flags. */
export function newDefinition(flags: DefinitionFlags, session: Session): Promise<JobDefinition> {
  return parse({ ...given(flags), dst: dstOf(flags) }, session);
}

/** The definition of `job` with what the flags change. @throws {Invalid} that names the flags, or when they change nothing. */
export function changedDefinition(job: Job, flags: DefinitionFlags, session: Session): Promise<JobDefinition> {
  const changes = given(flags);
  const dst = dstOf(flags);
  if (Object.keys(changes).length === 0 && Object.keys(dst).length === 0) {
    throw new Invalid([{ field: "jobs edit", message: "nothing to change was given; see jobctl jobs edit --help" }]);
  }
  return parse({
    name: job.name,
    script: job.scriptPath,
    args: job.scriptArgs,
    schedule: job.schedule,
    timezone: job.timezone,
    ...policyFields(job.policies),
    env: job.policies.env,
    ...changes,
    dst: { ...job.policies.dst, ...dst },
  }, session);
}

function given(flags: DefinitionFlags): JobInput {
  const input: JobInput = {
    name: flags.name,
    script: flags.script,
    args: flags.args === false ? [] : flags.arg,
    schedule: flags.schedule,
    timezone: flags.timezone,
    timeout: flags.timeout,
    max_retries: flags.maxRetries,
    retry_base: flags.retryBase,
    retry_cap: flags.retryCap,
    misfire: flags.misfire,
    misfire_grace: flags.misfireGrace,
    misfire_limit: flags.misfireLimit,
    catchup_window: flags.catchupWindow,
    overlap: flags.overlap,
    spread: flags.spread,
    starts_at: flags.startsAt,
    ends_at: flags.endsAt,
    priority: flags.priority,
    tags: flags.tags === false ? [] : flags.tag,
    concurrency_key: flags.concurrencyKey,
    concurrency_limit: flags.concurrencyLimit ?? (flags.concurrencyKey === "" ? "" : undefined),
    env: flags.env === false ? {} : flags.env,
  };
  return onlyGiven(input);
}

function dstOf({ dstGap, dstFold }: DefinitionFlags): Readonly<Record<string, unknown>> {
  return onlyGiven({ gap: dstGap, fold: dstFold });
}

function onlyGiven(values: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

async function parse(input: JobInput, { config }: Session): Promise<JobDefinition> {
  try {
    return await parseJobInput(input, { scriptsDirs: config.scriptsDirs, defaultTimezone: config.displayTimezone });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(error.problems.map(({ field, message }) => ({ field: flagOf(field), message })));
  }
}

/** What a field of the input is called on the command line. */
function flagOf(field: string): string {
  const singular = field === "args" || field === "tags" ? field.slice(0, -1) : field;
  return `--${singular.replaceAll("_", "-")}`;
}
