import type { Command } from "commander";
import {
  type AlertChannel,
  CHANNEL_KINDS,
  type ChannelKind,
  epochMs,
  type Incident,
  incidentId,
  MAX_CHANNELS,
  NotFound,
} from "@jobtrigger/shared/domain";
import { channelForm, deliveryForm, incidentForm } from "@jobtrigger/shared/api";
import { choiceFlag, durationFlag, gather } from "../flags.ts";
import type { Io } from "../io.ts";
import {
  instantText,
  type ListFlags,
  oneLine,
  type OutputFlags,
  PAGE_MAX,
  print,
  printListing,
  subject,
} from "../output/mod.ts";
import { readSecrets } from "../password.ts";
import { type Session, withSession } from "../session.ts";
import { numberOf } from "./_number.ts";
import { addRuleCommands } from "./alert_rules.ts";

interface ChannelFlags extends OutputFlags {
  readonly token?: string;
  readonly from?: string;
  readonly to?: readonly string[];
}

/** Adds `alerts …`, `alert-rules …` and `alert-channels …`. */
export function addAlertsCommands(program: Command, io: Io): void {
  addIncidentCommands(
    program.command("alerts").description("look at what alert rules found broken, and take it on"),
    io,
  );
  addRuleCommands(program.command("alert-rules").description("say when somebody is to be told"), io);
  addChannelCommands(program.command("alert-channels").description("say where alerts go"), io);
}

function addIncidentCommands(alerts: Command, io: Io): void {
  alerts.command("list").description("list incidents, newest first; closed ones too with --closed")
    .option("--closed", "those that have ended, in place of the open ones")
    .action((flags: OutputFlags & { readonly closed?: boolean }) =>
      withSession(io, async ({ client, config }) => {
        const zone = config.displayTimezone;
        const state = flags.closed === true ? "closed" : "open";
        await printListing(io, { ...flags, limit: PAGE_MAX }, client.changes, {
          read: (page) => client.listIncidents({ ...page, state }),
          columns: [
            ["ID", ({ id }) => String(id)],
            ["STATE", (incident) => stateOf(incident)],
            ["RULE", ({ ruleName }) => ruleName, { shrinks: true }],
            ["JOB", ({ jobId, jobName }) => jobId === null ? "-" : `${jobId} ${jobName ?? ""}`.trim(), {
              shrinks: true,
            }],
            ["OPENED", ({ openedAt }) => instantText(io, openedAt, zone)],
            ["COUNT", ({ count }) => String(count)],
            ["MESSAGE", ({ message }) => message, { shrinks: true }],
          ],
          form: incidentForm,
          name: ({ id }) => String(id),
        });
      })
    );

  alerts.command("ack").description("take an incident on; it reminds no more").argument("<incident>", "its id")
    .action((text: string, flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        const incident = await client.acknowledgeIncident(incidentId(numberOf("incident", text)));
        await sayIncident(io, incident, "was acknowledged", flags);
      })
    );

  alerts.command("snooze").description(
    "silence an incident for a while; it is said once more then, if it is still open",
  )
    .argument("<incident>", "its id").argument("<duration>", "such as 30m or 2h", durationFlag("<duration>"))
    .action((text: string, seconds: number, flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        const until = epochMs(await client.now() + seconds * 1000);
        const incident = await client.snoozeIncident(incidentId(numberOf("incident", text)), until);
        await sayIncident(io, incident, "is silent for a while", flags);
      })
    );
}

function stateOf({ closedAt, acknowledgedAt, snoozedUntil }: Incident): string {
  if (closedAt !== null) return "closed";
  return acknowledgedAt !== null ? "acknowledged" : snoozedUntil !== null ? "snoozed" : "open";
}

async function sayIncident(io: Io, incident: Incident, what: string, flags: OutputFlags): Promise<void> {
  const { id, ruleName } = incident;
  const text = `${subject("incident", { id, name: ruleName })} ${what}`;
  await print(io, flags, { form: () => incidentForm(incident), names: [String(id)], text });
}

function addChannelCommands(channels: Command, io: Io): void {
  addChannelList(channels, io);
  addChannelAddition(channels, io);
  addChannelSwitches(channels, io);
  addChannelTest(channels, io);
  addDeliveryList(channels, io);
  addChannelDeletion(channels, io);
}

function addChannelList(channels: Command, io: Io): void {
  channels.command("list").description("list alert channels, without their secrets")
    .action((flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        await printListing(io, { ...flags, all: true, limit: MAX_CHANNELS }, client.changes, {
          read: async () => ({ items: await client.listChannels(), next: null }),
          columns: [
            ["ID", ({ id }) => String(id)],
            ["NAME", ({ name }) => name, { shrinks: true }],
            ["STATE", ({ isEnabled }) => isEnabled ? "enabled" : "disabled"],
            ["KIND", ({ kind }) => kind],
            ["ADDRESS", ({ address }) => address, { shrinks: true }],
            ["TO", ({ to }) => to.join(", ") || "-", { shrinks: true }],
          ],
          form: channelForm,
          name: ({ id }) => String(id),
        });
      })
    );
}

function addChannelAddition(channels: Command, io: Io): void {
  channels.command("add").description("make an alert channel; a webhook's secret is printed this once")
    .argument("<name>", "what you call it")
    .argument("<kind>", `one of ${CHANNEL_KINDS.join(", ")}`, choiceFlag("<kind>", CHANNEL_KINDS))
    .argument("[url]", "the whole address; none or -: typed unseen, or a line of standard input", "-")
    .option("--token <token>", "what signs a webhook, or the access token of ntfy; -: read after the address")
    .option("--from <address>", "who sends an e-mail")
    .option("--to <address>", "who receives an e-mail; repeatable", gather)
    .action((
      name: string,
      kind: ChannelKind,
      typedUrl: string,
      { token: typedToken, from, to, ...flags }: ChannelFlags,
    ) =>
      withSession(io, async ({ client }) => {
        const { url, token } = await secretsOf(io, { url: typedUrl, token: typedToken });
        const more = {
          ...(token !== undefined && { token }),
          ...(from !== undefined && { from }),
          ...(to !== undefined && { to }),
        };
        const { channel, secret } = await client.createChannel({ name, kind, url, ...more });
        const said = oneLine(`${subject("alert channel", { id: channel.id, name: channel.name })} was made`);
        await print(io, flags, {
          form: () => ({ ...channelForm(channel), secret }),
          names: [String(channel.id)],
          text: async () => await io.out(secret === null ? `${said}\n` : `${said}; its secret:\n${secret}\n`),
        });
      })
    );
}

function addChannelSwitches(channels: Command, io: Io): void {
  for (const [verb, isEnabled] of [["disable", false], ["enable", true]] as const) {
    channels.command(verb).description(`${verb} an alert channel`).argument("<channel>", "its name or id")
      .action((text: string, flags: OutputFlags) =>
        withSession(io, async (session) => {
          const { id } = await channelOf(session, text);
          const channel = await session.client.switchChannel(id, isEnabled);
          const said = `${subject("alert channel", { id, name: channel.name })} is ${verb}d`;
          await print(io, flags, { form: () => channelForm(channel), names: [String(id)], text: said });
        })
      );
  }
}

function addChannelTest(channels: Command, io: Io): void {
  channels.command("test").description("send a text by a channel; a notifier carries it")
    .argument("<channel>", "its name or id")
    .action((text: string, flags: OutputFlags) =>
      withSession(io, async (session) => {
        const delivery = await session.client.testChannel((await channelOf(session, text)).id);
        const said = `delivery ${delivery.id} was written; jobctl alert-channels deliveries says what became of it`;
        await print(io, flags, { form: () => deliveryForm(delivery), names: [String(delivery.id)], text: said });
      })
    );
}

function addDeliveryList(channels: Command, io: Io): void {
  channels.command("deliveries").description("list deliveries to channels, newest first")
    .action((flags: Omit<ListFlags, "limit">) =>
      withSession(io, async ({ client, config }) => {
        await printListing(io, { ...flags, limit: PAGE_MAX }, client.changes, {
          read: (page) => client.listDeliveries(page),
          columns: [
            ["ID", ({ id }) => String(id)],
            ["CHANNEL", ({ channelName, channelId }) => channelName ?? String(channelId), { shrinks: true }],
            ["KIND", ({ kind }) => kind],
            ["MADE", ({ createdAt }) => instantText(io, createdAt, config.displayTimezone)],
            ["ATTEMPTS", ({ attempts }) => String(attempts)],
            ["RESULT", ({ isDelivered }) => isDelivered === null ? "waits" : isDelivered ? "delivered" : "given up"],
            ["TITLE", ({ notice }) => notice.title, { shrinks: true }],
            ["ERROR", ({ error }) => error ?? "-", { shrinks: true }],
          ],
          form: deliveryForm,
          name: ({ id }) => String(id),
        });
      })
    );
}

function addChannelDeletion(channels: Command, io: Io): void {
  channels.command("delete").description("delete an alert channel; what waits for it is given up")
    .argument("<channel>", "its name or id")
    .action((text: string, flags: OutputFlags) =>
      withSession(io, async (session) => {
        const { id, name } = await channelOf(session, text);
        await session.client.deleteChannel(id);
        const said = `${subject("alert channel", { id, name })} was deleted`;
        await print(io, flags, { form: () => ({ id }), names: [String(id)], text: said });
      })
    );
}

/** The address and the token, which jobctl reads in place of `-`: an argument stands in the list of processes. @throws {Invalid} */
async function secretsOf(
  io: Io,
  typed: { readonly url: string; readonly token: string | undefined },
): Promise<{ readonly url: string; readonly token: string | undefined }> {
  const asked = [
    ...typed.url === "-" ? [{ prompt: "Address: ", field: "url" }] : [],
    ...typed.token === "-" ? [{ prompt: "Token: ", field: "token" }] : [],
  ];
  const read = [...await readSecrets(io, asked)];
  const url = typed.url === "-" ? read.shift() ?? "" : typed.url;
  return { url: url.trim(), token: typed.token === "-" ? read.shift() : typed.token };
}

async function channelOf({ client }: Session, text: string): Promise<AlertChannel> {
  const all = await client.listChannels();
  const found = all.find(({ name }) => name === text) ?? all.find(({ id }) => String(id) === text);
  if (found === undefined) throw new NotFound(`There is no alert channel ${JSON.stringify(text)}`);
  return found;
}
