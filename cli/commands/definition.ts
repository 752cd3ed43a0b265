import type { Command } from "commander";
import { Invalid, type Job, type JobDefinition } from "@jobtrigger/shared/domain";
import { type JobInput, parseJobInput, policyFields } from "@jobtrigger/shared/jobs";
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
    .option("--schedule <text>", '"daily at 09:00", "every 5m", "cron */5 * * * *", "manual", or JSON', scheduleFlag)
    .option("--timezone <zone>", "IANA zone of the schedule's times; default: DISPLAY_TIMEZONE")
    .option("--timeout <seconds>", 'time limit; "" for WORKER_JOB_TIMEOUT')
    .option("--max-retries <n>", 'retries; "" for MAX_RETRY_ATTEMPTS')
    .option("--env <NAME=value>", "environment variable of the script; repeat for more", gatherPair);
  return dstFlags(command);
}

/** Adds the flags that say what happens where clocks change. */
export function dstFlags(command: Command): Command {
  return command
    .option("--dst-gap <policy>", "a time that clocks skip: after or skip", choiceFlag("--dst-gap", ["after", "skip"]))
    .option(
      "--dst-fold <policy>",
      "a time that comes twice: first, second or both",
      choiceFlag("--dst-fold", ["first", "second", "both"]),
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
  return field === "args" ? "--arg" : `--${field.replaceAll("_", "-")}`;
}
