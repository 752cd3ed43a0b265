import type { Command } from "commander";
import {
  ALERT_CONDITIONS,
  type AlertRuleId,
  alertRuleId,
  CONDITION_KINDS,
  type ConditionKind,
  Invalid,
  MAX_ALERT_RULES,
  NotFound,
  parseDuration,
} from "@jobtrigger/shared/domain";
import { type AlertInput, alertRuleForm, deliveryForm, timeOfDay } from "@jobtrigger/shared/api";
import type { NamedRule } from "@jobtrigger/shared/operations";
import { conditionWords } from "@jobtrigger/shared/policy";
import type { Client } from "../client/client.ts";
import { choiceFlag, durationFlag, gather } from "../flags.ts";
import type { Io } from "../io.ts";
import { type OutputFlags, print, printListing, subject } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { numberOf } from "./_number.ts";

interface RuleFlags extends OutputFlags {
  readonly label?: string;
  readonly job?: string;
  readonly channel?: readonly string[];
  readonly remind?: number;
  readonly quiet?: AlertInput["quiet"];
}

interface EditFlags extends OutputFlags {
  readonly name?: string;
  readonly condition?: ConditionKind;
  readonly limit?: string;
  readonly label?: string;
  readonly job?: string;
  readonly allJobs?: boolean;
  readonly channel?: readonly string[];
  readonly remind?: number | false;
  readonly quiet?: AlertInput["quiet"] | false;
}

/** The flags and arguments that fields of a rule are typed by. */
type FlagNames = Readonly<Record<string, string>>;

const EDIT_FLAGS: FlagNames = {
  name: "--name",
  condition: "--condition",
  limit: "--limit",
  label: "--label",
  job_id: "--job",
  channels: "--channel",
  remind_seconds: "--remind",
  quiet: "--quiet",
};
const ADD_FLAGS: FlagNames = { ...EDIT_FLAGS, name: "<name>", condition: "<condition>", limit: "[limit]" };

/** Adds the commands of `alert-rules …`. */
export function addRuleCommands(rules: Command, io: Io): void {
  addList(rules, io);
  addAddition(rules, io);
  addEdit(rules, io);
  addTest(rules, io);
  addSwitches(rules, io);
  addDeletion(rules, io);
}

function addList(rules: Command, io: Io): void {
  rules.command("list").description("list alert rules")
    .option("--job <job>", "those that cover this job")
    .action(({ job, ...flags }: OutputFlags & { readonly job?: string }) =>
      withSession(io, async ({ client }) => {
        const query = job === undefined ? {} : { jobId: await client.findJob(job, "--job") };
        await printListing(io, { ...flags, all: true, limit: MAX_ALERT_RULES }, client.changes, {
          read: async () => ({ items: await client.listAlertRules(query), next: null }),
          columns: [
            ["ID", ({ rule }) => String(rule.id)],
            ["NAME", ({ rule }) => rule.name, { shrinks: true }],
            ["STATE", ({ rule }) => rule.isEnabled ? "enabled" : "disabled"],
            ["OF", scopeText, { shrinks: true }],
            ["WHEN IT", ({ rule }) => conditionWords(rule.condition), { shrinks: true }],
            ["CHANNELS", ({ channels }) => channels.join(", ") || "-", { shrinks: true }],
            ["REMINDS", ({ rule }) => rule.remindSeconds === null ? "-" : `every ${rule.remindSeconds} s`],
          ],
          form: ({ rule, channels }) => alertRuleForm(rule, channels),
          name: ({ rule }) => String(rule.id),
        });
      })
    );
}

function addAddition(rules: Command, io: Io): void {
  rules.command("add").description("make an alert rule")
    .argument("<name>", "what you call it")
    .argument("<condition>", `one of ${CONDITION_KINDS.join(", ")}`, choiceFlag("<condition>", CONDITION_KINDS))
    .argument("[limit]", "a number, or a duration such as 2h where the condition counts time")
    .option("--label <label>", "of the jobs with this label")
    .option("--job <job>", "of this job; neither: of all jobs")
    .option("--channel <name>", "where it goes; repeatable", gather)
    .option("--remind <duration>", "how often it reminds while it is open; none: never", durationFlag("--remind"))
    .option("--quiet <hours>", "when nothing is sent, such as 22:00-07:00@Europe/Berlin", quietFlag)
    .action((name: string, condition: ConditionKind, limit: string | undefined, flags: RuleFlags) =>
      withSession(io, async ({ client }) => {
        const { label = null, job, channel: channels = [], remind: remindSeconds = null, quiet = null } = flags;
        const jobId = job === undefined ? null : await client.findJob(job);
        const made = await namingFlags(client.createAlertRule({
          name,
          condition,
          ...(limit !== undefined && { limit: limitOf(condition, limit) }),
          label,
          jobId,
          channels,
          remindSeconds,
          quiet,
        }));
        await sayRule(io, made, "was made", flags);
      })
    );
}

function addEdit(rules: Command, io: Io): void {
  rules.command("edit").description("change what an alert rule says; what no flag names stays as it is")
    .argument("<rule>", "its id")
    .option("--name <name>", "what you call it")
    .option(
      "--condition <condition>",
      `one of ${CONDITION_KINDS.join(", ")}`,
      choiceFlag("--condition", CONDITION_KINDS),
    )
    .option("--limit <limit>", "a number, or a duration such as 2h where the condition counts time")
    .option("--label <label>", "of the jobs with this label")
    .option("--job <job>", "of this job")
    .option("--all-jobs", "of all jobs")
    .option("--channel <name>", "where it goes, in place of the channels that it has; repeatable", gather)
    .option("--remind <duration>", "how often it reminds while it is open", durationFlag("--remind"))
    .option("--no-remind", "never remind")
    .option("--quiet <hours>", "when nothing is sent, such as 22:00-07:00@Europe/Berlin", quietFlag)
    .option("--no-quiet", "no quiet hours")
    .action((text: string, flags: EditFlags) =>
      withSession(io, async ({ client }) => {
        const id = alertRuleId(numberOf("alert rule", text));
        const before = inputOf(await ruleOf(client, id));
        const { name = before.name, condition = before.condition, channel: channels = before.channels } = flags;
        const kind = CONDITION_KINDS.find((one) => one === condition) ?? "failures";
        const { remind = before.remindSeconds, quiet = before.quiet } = flags;
        const input = {
          name,
          condition,
          // A limit counts in the unit of its condition.
          ...(flags.limit !== undefined
            ? { limit: limitOf(kind, flags.limit) }
            : condition === before.condition && before.limit !== undefined && { limit: before.limit }),
          ...await scopeOf(client, flags, before),
          channels,
          remindSeconds: remind === false ? null : remind ?? null,
          quiet: quiet === false ? null : quiet ?? null,
        };
        await sayRule(io, await namingFlags(client.replaceAlertRule(id, { input }), EDIT_FLAGS), "was changed", flags);
      })
    );
}

function addTest(rules: Command, io: Io): void {
  rules.command("test").description("send a text by each enabled channel of a rule; a notifier carries it")
    .argument("<rule>", "its id")
    .action((text: string, flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        const sent = await client.testAlertRule(alertRuleId(numberOf("alert rule", text)));
        const names = sent.map(({ channelName, channelId }) => channelName ?? String(channelId)).join(", ");
        const said = `tests were written to ${names}; jobctl alert-channels deliveries says what became of them`;
        await print(io, flags, {
          form: () => ({ items: sent.map(deliveryForm) }),
          names: sent.map(({ id }) => String(id)),
          text: said,
        });
      })
    );
}

function addSwitches(rules: Command, io: Io): void {
  for (const [verb, isEnabled] of [["disable", false], ["enable", true]] as const) {
    rules.command(verb).description(
      `${verb} an alert rule${isEnabled ? "" : "; its open incidents end without a notice"}`,
    )
      .argument("<rule>", "its id")
      .action((text: string, flags: OutputFlags) =>
        withSession(io, async ({ client }) => {
          const id = alertRuleId(numberOf("alert rule", text));
          const input = inputOf(await ruleOf(client, id));
          await sayRule(io, await client.replaceAlertRule(id, { input, isEnabled }), `is ${verb}d`, flags);
        })
      );
  }
}

function addDeletion(rules: Command, io: Io): void {
  rules.command("delete").description("delete an alert rule; its open incidents end without a notice")
    .argument("<rule>", "its id")
    .action((text: string, flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        const id = alertRuleId(numberOf("alert rule", text));
        await client.deleteAlertRule(id);
        const said = `${subject("alert rule", { id })} was deleted`;
        await print(io, flags, { form: () => ({ id }), names: [String(id)], text: said });
      })
    );
}

function scopeText({ rule: { condition, scope } }: NamedRule): string {
  if (ALERT_CONDITIONS[condition.kind].reach === "system") return "the installation";
  return scope.kind === "all" ? "all jobs" : scope.kind === "label" ? `label ${scope.label}` : `job ${scope.jobId}`;
}

async function sayRule(io: Io, { rule, channels }: NamedRule, what: string, flags: OutputFlags): Promise<void> {
  const { id, name } = rule;
  const text = `${subject("alert rule", { id, name })} ${what}`;
  await print(io, flags, { form: () => alertRuleForm(rule, channels), names: [String(id)], text });
}

/** A rule as it would be typed. */
function inputOf({ rule, channels }: NamedRule): AlertInput {
  const { name, condition, scope, remindSeconds, quiet } = rule;
  return {
    name,
    condition: condition.kind,
    limit: condition.limit,
    label: scope.kind === "label" ? scope.label : null,
    jobId: scope.kind === "job" ? scope.jobId : null,
    channels,
    remindSeconds,
    quiet: quiet === null ? null : { ...quiet, from: timeOfDay(quiet.from), until: timeOfDay(quiet.until) },
  };
}

function limitOf(condition: ConditionKind, text: string): number {
  const limit = ALERT_CONDITIONS[condition].unit === "seconds" ? parseDuration(text) : Number(text);
  if (limit !== null && !Number.isNaN(limit)) return limit;
  throw new Invalid([{ field: "[limit]", message: `found ${JSON.stringify(text)}, expected a number or a duration` }]);
}

function quietFlag(text: string): AlertInput["quiet"] {
  const [, from, until, timezone] = /^([^-@]+)-([^-@]+)@(.+)$/.exec(text) ?? [];
  if (from !== undefined && until !== undefined && timezone !== undefined) return { from, until, timezone };
  const message = `found ${JSON.stringify(text)}, expected hours such as 22:00-07:00@Europe/Berlin`;
  throw new Invalid([{ field: "--quiet", message }]);
}

/** Problems in the names of the flags. @throws {Invalid} */
async function namingFlags<Answer>(answer: Promise<Answer>, names: FlagNames = ADD_FLAGS): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(error.problems.map((problem) => ({ ...problem, field: names[problem.field] ?? problem.field })));
  }
}

/** @throws {NotFound} */
async function ruleOf(client: Client, id: AlertRuleId): Promise<NamedRule> {
  const found = (await client.listAlertRules()).find(({ rule }) => rule.id === id);
  if (found === undefined) throw new NotFound(`There is no alert rule ${id}`);
  return found;
}

/** Which jobs the flags name; none: those before. */
async function scopeOf(
  client: Client,
  { label, job, allJobs = false }: EditFlags,
  before: AlertInput,
): Promise<Pick<AlertInput, "label" | "jobId">> {
  if (label === undefined && job === undefined && !allJobs) {
    return { label: before.label ?? null, jobId: before.jobId ?? null };
  }
  return { label: label ?? null, jobId: job === undefined ? null : await client.findJob(job, "--job") };
}
