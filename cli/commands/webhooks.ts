import type { Command } from "commander";
import {
  Invalid,
  MAX_PER_MINUTE,
  MAX_WEBHOOKS,
  NotFound,
  USUAL_PER_MINUTE,
  type Webhook,
  WEBHOOK_KINDS,
  webhookId,
  type WebhookKind,
} from "@jobtrigger/shared/domain";
import { webhookForm, webhookPath } from "@jobtrigger/shared/api";
import type { NewWebhookSecret } from "@jobtrigger/shared/operations";
import type { WebhookRef } from "../client/client.ts";
import { choiceFlag, countFlag, gather } from "../flags.ts";
import type { Io } from "../io.ts";
import { instantText, oneLine, type OutputFlags, print, printListing, subject } from "../output/mod.ts";
import { type Session, withSession } from "../session.ts";
import { jobCommand } from "./job_command.ts";

interface ChangeFlags extends OutputFlags {
  readonly name?: string;
  readonly arg?: readonly string[];
  readonly ownArgs?: boolean;
  readonly perMinute?: number;
}

interface AddFlags extends OutputFlags {
  readonly kind: WebhookKind;
  readonly arg?: readonly string[];
  readonly perMinute: number;
}

const ARG_TEXT = "an argument of its runs: =--quiet as it stands, or /ref string from the JSON body; repeatable";

const PER_MINUTE_TEXT = `most deliveries a minute, up to ${MAX_PER_MINUTE}`;
const perMinuteFlag = countFlag("--per-minute", MAX_PER_MINUTE);

/** Adds `webhooks …`: addresses at which another program starts one job. */
export function addWebhooksCommands(program: Command, io: Io): void {
  const webhooks = program.command("webhooks").description(
    "let another program start one job, with a secret of its own",
  );

  addList(webhooks, io);
  addAddition(webhooks, io);
  addEdit(webhooks, io);
  addSwitches(webhooks, io);
  addRotation(webhooks, io);
  addDeletion(webhooks, io);
}

function commandOnOne(webhooks: Command, name: string, about: string): Command {
  return jobCommand(webhooks, name, about).argument(
    "<webhook>",
    "the webhook's id or exact name, as webhooks list shows them",
  );
}

function addList(webhooks: Command, io: Io): void {
  jobCommand(webhooks, "list", "list the webhooks of a job")
    .action((text: string, flags: OutputFlags) =>
      withSession(io, async ({ client, config }) => {
        const jobId = await client.findJob(text);
        await printListing(io, { ...flags, all: true, limit: MAX_WEBHOOKS }, client.changes, {
          read: async () => ({ items: await client.listWebhooks(jobId), next: null }),
          columns: [
            ["ID", ({ id }) => String(id)],
            ["NAME", ({ name }) => name, { shrinks: true }],
            ["STATE", ({ isEnabled }) => isEnabled ? "enabled" : "disabled"],
            ["KIND", ({ kind }) => kind],
            ["PATH", webhookPath],
            ["ARGUMENTS", ({ args }) => args.length === 0 ? "-" : args.join("; "), { shrinks: true }],
            ["A MINUTE", ({ perMinute }) => String(perMinute)],
            ["LAST USED", ({ lastUsedAt }) =>
              lastUsedAt === null ? "never" : instantText(io, lastUsedAt, config.displayTimezone)],
          ],
          form: webhookForm,
          name: ({ id }) =>
            String(id),
        });
      })
    );
}

function addAddition(webhooks: Command, io: Io): void {
  jobCommand(webhooks, "add", "make a webhook; its secret is printed this once")
    .argument("<name>", "who sends, such as the name of a program")
    .option(
      "--kind <kind>",
      `how the sender proves itself: ${WEBHOOK_KINDS.join(", ")}`,
      choiceFlag("--kind", WEBHOOK_KINDS),
      "token",
    )
    .option("--arg <entry>", `${ARG_TEXT}; none: the job's own`, gather)
    .option("--per-minute <n>", PER_MINUTE_TEXT, perMinuteFlag, USUAL_PER_MINUTE)
    .action((text: string, name: string, { kind, arg = [], perMinute, ...flags }: AddFlags) =>
      withSession(io, async ({ client }) => {
        const jobId = await client.findJob(text);
        const made = await namingFlags(client.createWebhook({ jobId, name, kind, args: arg, perMinute }));
        await saySecret(io, made, "was made", flags);
      })
    );
}

function addEdit(webhooks: Command, io: Io): void {
  commandOnOne(webhooks, "edit", "change a webhook")
    .option("--name <name>", "another name")
    .option("--arg <entry>", `${ARG_TEXT}; in place of those there are`, gather)
    .option("--own-args", "run with the job's own arguments")
    .option("--per-minute <n>", PER_MINUTE_TEXT, perMinuteFlag)
    .action((text: string, id: string, { name, arg, ownArgs = false, perMinute, ...flags }: ChangeFlags) =>
      withSession(io, async (session) => {
        const args = ownArgs ? [] : arg;
        const change = {
          ...(name !== undefined && { name }),
          ...(args !== undefined && { args }),
          ...(perMinute !== undefined && { perMinute }),
        };
        const changed = await namingFlags(session.client.changeWebhook(await refOf(session, text, id), change));
        await say(io, changed, "was changed", flags);
      })
    );
}

function addSwitches(webhooks: Command, io: Io): void {
  for (const [name, isEnabled, about] of SWITCHES) {
    commandOnOne(webhooks, name, about).action((text: string, id: string, flags: OutputFlags) =>
      withSession(io, async (session) => {
        const changed = await session.client.changeWebhook(await refOf(session, text, id), { isEnabled });
        await say(io, changed, `is ${name}d`, flags);
      })
    );
  }
}

function addRotation(webhooks: Command, io: Io): void {
  commandOnOne(
    webhooks,
    "rotate",
    "give a webhook another secret, which is printed this once; the one before ends at once",
  )
    .action((text: string, id: string, flags: OutputFlags) =>
      withSession(io, async (session) => {
        const rotated = await session.client.rotateWebhook(await refOf(session, text, id));
        await saySecret(io, rotated, "has another secret", flags);
      })
    );
}

function addDeletion(webhooks: Command, io: Io): void {
  commandOnOne(webhooks, "delete", "delete a webhook")
    .action((text: string, id: string, flags: OutputFlags) =>
      withSession(io, async (session) => {
        const ref = await refOf(session, text, id);
        await session.client.deleteWebhook(ref);
        await print(io, flags, {
          form: () => ({ id: ref.id }),
          names: [String(ref.id)],
          text: `${subject("webhook", { id: ref.id })} was deleted`,
        });
      })
    );
}

const SWITCHES = [
  ["disable", false, "disable a webhook: its address answers like one that is not there"],
  ["enable", true, "enable a webhook again, with the secret that it had"],
] as const;

/** A webhook by its id, else by its exact name. @throws {NotFound} @throws {Invalid} when several have the name. */
async function refOf({ client }: Session, text: string, webhook: string): Promise<WebhookRef> {
  const jobId = await client.findJob(text);
  if (/^[1-9]\d{0,14}$/.test(webhook)) return { jobId, id: webhookId(Number(webhook)) };
  const [first, ...others] = (await client.listWebhooks(jobId)).filter(({ name }) => name === webhook);
  if (first === undefined) {
    throw new NotFound(`Job ${jobId} has no webhook with the id or name ${JSON.stringify(webhook)}`);
  }
  if (others.length === 0) return { jobId, id: first.id };
  const ids = [first, ...others].map(({ id }) => id).join(", ");
  const message = `found ${JSON.stringify(webhook)}, the name of several webhooks (${ids}); expected the id of one`;
  throw new Invalid([{ field: "webhook", message }]);
}

/** Problems in the names of the flags. @throws {Invalid} */
async function namingFlags<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const flags: Readonly<Record<string, string>> = {
      args: "--arg",
      perMinute: "--per-minute",
      per_minute: "--per-minute",
    };
    throw new Invalid(error.problems.map((problem) => ({ ...problem, field: flags[problem.field] ?? problem.field })));
  }
}

async function say(io: Io, webhook: Webhook, what: string, flags: OutputFlags): Promise<void> {
  const { id, name } = webhook;
  const text = `${subject("webhook", { id, name })} ${what}`;
  await print(io, flags, { form: () => webhookForm(webhook), names: [String(id)], text });
}

/** The secret stands on a line of its own, so that a script can take the last line. */
async function saySecret(
  io: Io,
  { webhook, secret }: NewWebhookSecret,
  what: string,
  flags: OutputFlags,
): Promise<void> {
  const { id, name, jobId } = webhook;
  const where = `POST ${webhookPath(webhook)} of the portal starts job ${jobId}`;
  const text = async () =>
    await io.out(`${oneLine(`${subject("webhook", { id, name })} ${what}: ${where}`)}\n${secret}\n`);
  await print(io, flags, { form: () => ({ ...webhookForm(webhook), secret }), text });
}
