/**
 * What each kind of channel is sent.
 *
 * Every delivery carries its public id and the number of its attempt, so that a receiver can tell a repeat. A webhook is signed as
 * Standard Webhooks 1.0 says.
 *
 * @module
 */
import { signDelivery } from "@jobtrigger/shared/access";
import type {
  AlertChannel,
  ChannelKind,
  ChannelSecret,
  Delivery,
  EpochMs,
  NoticeKind,
  Signal,
} from "@jobtrigger/shared/domain";
import { isoUtc } from "@jobtrigger/shared/time";
import type { Request } from "./http.ts";

/** A channel with all that it takes to reach it. */
export type Reachable = AlertChannel & ChannelSecret;

/** What a delivery is made from. */
export interface Outgoing {
  /** The delivery. */
  readonly delivery: Delivery;
  /** Where it goes. */
  readonly channel: Reachable;
  /** Where people open the portal; null: nobody said. */
  readonly publicUrl: string | null;
  /** The time of the attempt. */
  readonly now: EpochMs;
}

/** How ntfy marks what a notice says. */
const NTFY = {
  opened: ["high", "rotating_light"],
  reminder: ["high", "hourglass"],
  recovered: ["default", "white_check_mark"],
  run: ["default", "information_source"],
  test: ["default", "test_tube"],
} as const;

const JSON_TYPE = { "content-type": "application/json" };

const REQUESTS: Readonly<Record<Exclude<ChannelKind, "email">, (outgoing: Outgoing) => Request>> = {
  webhook: webhookRequest,
  slack: (outgoing) => ({
    url: outgoing.channel.url,
    headers: JSON_TYPE,
    body: JSON.stringify({
      text: escapeSlack(`${outgoing.delivery.notice.title}\n${textOf(outgoing)}`),
      mrkdwn: false,
    }),
  }),
  teams: teamsRequest,
  ntfy: ntfyRequest,
  ping: pingRequest,
};

/** The request of a delivery to a channel that is reached by HTTP. */
export function requestOf(kind: Exclude<ChannelKind, "email">, outgoing: Outgoing): Request {
  return REQUESTS[kind](outgoing);
}

/** The words of a delivery, with the way to the portal. */
export function textOf({ delivery, publicUrl }: Outgoing): string {
  const { notice, attempts } = delivery;
  const link = linkOf(delivery, publicUrl);
  const repeat = attempts > 1 ? `This is attempt ${attempts} of one delivery; an earlier one may have arrived.` : "";
  return [notice.text, link ?? "", repeat].filter((line) => line !== "").join("\n");
}

/** Where a delivery is about; null: nobody said where people open the portal. */
function linkOf({ incidentId, jobId }: Delivery, publicUrl: string | null): string | null {
  if (publicUrl === null) return null;
  const path = incidentId !== null ? `/alerts#incident-${incidentId}` : jobId !== null ? `/jobs/${jobId}` : "/alerts";
  return `${publicUrl}${path}`;
}

function webhookRequest({ delivery, channel, publicUrl, now }: Outgoing): Request {
  const { publicId, attempts, kind, notice, incidentId, jobId, createdAt } = delivery;
  const body = JSON.stringify({
    type: typeOf(kind, notice.signal),
    timestamp: isoUtc(createdAt),
    data: {
      delivery: publicId,
      attempt: attempts,
      title: notice.title,
      text: notice.text,
      incident: incidentId,
      job: jobId,
      ...(notice.isSuccess !== undefined && { success: notice.isSuccess }),
      url: linkOf(delivery, publicUrl),
    },
  });
  const at = String(Math.floor(now / 1000));
  const signature = channel.token === null ? {} : {
    "webhook-signature": signDelivery(channel.token, { id: publicId, at, body }),
  };
  return {
    url: channel.url,
    headers: { ...JSON_TYPE, "webhook-id": publicId, "webhook-timestamp": at, ...signature },
    body,
  };
}

function typeOf(kind: NoticeKind, signal: Signal | undefined): string {
  if (signal === "heartbeat") return "heartbeat";
  return kind === "run" || kind === "test" ? kind : `incident.${kind}`;
}

/** An Adaptive Card, as the workflows of Teams take it. */
function teamsRequest(outgoing: Outgoing): Request {
  const { delivery, channel, publicUrl } = outgoing;
  const link = linkOf(delivery, publicUrl);
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body: [
      { type: "TextBlock", text: escapeMarkdown(delivery.notice.title), weight: "Bolder", wrap: true },
      { type: "TextBlock", text: escapeMarkdown(delivery.notice.text), wrap: true },
    ],
    ...(link !== null && { actions: [{ type: "Action.OpenUrl", title: "Open", url: link }] }),
  };
  const attachments = [{ contentType: "application/vnd.microsoft.card.adaptive", content }];
  return { url: channel.url, headers: JSON_TYPE, body: JSON.stringify({ type: "message", attachments }) };
}

/** As JSON to the server, because headers hold no line breaks and only ASCII. */
function ntfyRequest(outgoing: Outgoing): Request {
  const { delivery, channel, publicUrl } = outgoing;
  const target = new URL(channel.url);
  const topic = decodeURIComponent(target.pathname.split("/").filter((part) => part !== "").at(-1) ?? "");
  const [priority, tag] = NTFY[delivery.kind];
  const link = linkOf(delivery, publicUrl);
  const body = JSON.stringify({
    topic,
    title: delivery.notice.title,
    message: textOf(outgoing),
    priority: priority === "high" ? 4 : 3,
    tags: [tag],
    ...(link !== null && { click: link }),
  });
  const authorization: Record<string, string> = channel.token === null
    ? {}
    : { authorization: `Bearer ${channel.token}` };
  return {
    url: new URL("..", `${target.href.replace(/\/$/, "")}/`).href,
    headers: { ...JSON_TYPE, ...authorization },
    body,
  };
}

/** The address itself says that all is well, with `/start` that a run has begun, with `/fail` that it failed, as healthchecks.io has it. */
function pingRequest(outgoing: Outgoing): Request {
  const { delivery, channel } = outgoing;
  const { kind, notice } = delivery;
  const isFine = notice.isSuccess ?? (kind === "recovered" || kind === "test");
  const end = notice.signal === "start" ? "/start" : isFine ? "" : "/fail";
  const target = new URL(channel.url);
  if (end !== "") target.pathname = `${target.pathname.replace(/\/$/, "")}${end}`;
  return {
    url: target.href,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: `${notice.title}\n${textOf(outgoing)}`,
  };
}

/** What Teams reads as Markdown, so that the name of a job or what a script said places no link. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>~]|(?<=^\s*)[-+#]|(?<=^\s*\d+)[.)]/gm, "\\$&");
}

/** The three characters that Slack reads as its own. */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
