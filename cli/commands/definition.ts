import { type Command, Option } from "commander";
import { DST_FOLDS, DST_GAPS, Invalid, type Job, type JobDefinition } from "@jobtrigger/shared/domain";
import { assertWhole } from "@jobtrigger/shared/operations";
import {
  FIELD_NAMES,
  type FieldName,
  isFieldName,
  JOB_FIELDS,
  type JobInput,
  NAME_MAX,
  parseJobInput,
  policyFields,
} from "@jobtrigger/shared/api";
import { choiceFlag, gather, gatherPair, scheduleFlag } from "../flags.ts";
import type { OutputFlags } from "../output/mod.ts";
import type { Session } from "../session.ts";

/** What `jobs create` and `jobs edit` take: the flags of `JOB_FIELDS` by their attributes, and false for `--no-args` and the like. */
export interface DefinitionFlags extends OutputFlags {
  readonly [attribute: string]: unknown;
}

/** Readers of the flags whose value is not the text itself. */
const READ: Partial<Readonly<Record<FieldName, (option: Option) => Option>>> = {
  args: (option) => option.argParser(gather),
  labels: (option) => option.argParser(gather),
  tags: (option) => option.argParser(gather),
  env: (option) => option.argParser(gatherPair),
  schedule: (option) => option.argParser(scheduleFlag),
  gap: (option) => option.argParser(choiceFlag("--dst-gap", DST_GAPS)),
  fold: (option) => option.argParser(choiceFlag("--dst-fold", DST_FOLDS)),
};

/** The values that `--no-args` and the like set. */
const EMPTY: Partial<Readonly<Record<FieldName, unknown>>> = { labels: [], args: [], tags: [], env: {} };

/** Adds the flags of a job's definition. */
export function definitionFlags(command: Command): Command {
  for (const name of FIELD_NAMES) command.addOption(optionOf(name));
  return command.addHelpText(
    "after",
    "\nA duration is a number of seconds, or has units: 90, 5m, 1h30m, 2d." +
      '\nFor numbers, durations, times, --key, --misfire, --overlap and --concurrency-key an empty text ("") stands for the default.',
  );
}

/** Adds the flags that empty a list of a job that has one. */
export function emptyingFlags(command: Command): Command {
  return command
    .option("--no-args", "remove all arguments")
    .option("--no-tags", "remove all tags")
    .option("--no-labels", "remove all labels")
    .option("--no-env", "remove all environment variables");
}

/** Adds the flags for clock changes. */
export function dstFlags(command: Command): Command {
  return command.addOption(optionOf("gap")).addOption(optionOf("fold"));
}

function optionOf(name: FieldName): Option {
  const { flag, choices } = JOB_FIELDS[name];
  const option = new Option(...flag);
  // Shells complete the words. What is typed is read with all other fields, and may be empty.
  if (choices !== null) option.choices(choices.map(([word]) => word)).argParser((text) => text);
  return READ[name]?.(option) ?? option;
}

/** The definition that the flags describe. @throws {Invalid} that names the flags. */
export function newDefinition(flags: DefinitionFlags, session: Session): Promise<JobDefinition> {
  return parse(given(flags), session);
}

/** The definition of `job` with what the flags change. @throws {Invalid} that names the flags, or when they change nothing. */
export function changedDefinition(job: Job, flags: DefinitionFlags, session: Session): Promise<JobDefinition> {
  assertWhole(job);
  const { dst, ...changes } = given(flags);
  if (Object.keys({ ...changes, ...dst }).length === 0) {
    throw new Invalid([{ field: "jobs edit", message: "nothing to change was given; see jobctl jobs edit --help" }]);
  }
  return parse(changedFields(job, { ...changes, dst }), session);
}

/** The definition of another job like `job`, with what the flags change; a key is never shared. @throws {Invalid} that names the flags. */
export function clonedDefinition(job: Job, flags: DefinitionFlags, session: Session): Promise<JobDefinition> {
  assertWhole(job);
  const { name = `Copy of ${job.name}`.slice(0, NAME_MAX), key = "", ...changes } = given(flags);
  return parse(changedFields(job, { name, key, ...changes }), session);
}

function changedFields(job: Job, { dst, ...changes }: ReturnType<typeof given>): JobInput {
  return {
    name: job.name,
    key: job.key,
    labels: job.labels,
    script: job.scriptPath,
    args: job.scriptArgs,
    schedule: job.schedule,
    timezone: job.timezone,
    ...policyFields(job.policies),
    env: job.policies.env,
    ...changes,
    dst: { ...job.policies.dst, ...dst },
  };
}

/** The values of the flags, by field. */
function given(flags: DefinitionFlags): JobInput & { readonly dst: object } {
  const { gap, fold, ...input } = onlyGiven(Object.fromEntries(
    FIELD_NAMES.map((name) => [name, flags[name] === false ? EMPTY[name] : flags[optionOf(name).attributeName()]]),
  ));
  // Without a key there is no limit either.
  const limit = input["concurrency_key"] === "" ? { concurrency_limit: "" } : {};
  return { ...limit, ...input, dst: onlyGiven({ gap, fold }) };
}

function onlyGiven(values: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function parse(input: JobInput, { config }: Session): Promise<JobDefinition> {
  const context = { scriptsDirs: config.scriptsDirs, defaultTimezone: config.displayTimezone };
  return namingFlags(parseJobInput(input, context));
}

/** Calls `work`. Problems name the flag in place of the field. @throws {Invalid} */
export async function namingFlags<Answer>(work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(error.problems.map((problem) => ({ ...problem, field: flagOf(problem.field) })));
  }
}

/** The flag of a field. */
function flagOf(field: string): string {
  return isFieldName(field) ? JOB_FIELDS[field].flag[0].split(" ", 1).join("") : `--${field}`;
}
