/**
 * What people and programs say of channels and alert rules, and what it means.
 *
 * @module
 */
import {
  ALERT_CONDITIONS,
  type AlertRuleDefinition,
  type AlertScope,
  CHANNEL_KINDS,
  type ChannelKind,
  CONDITION_KINDS,
  type ConditionKind,
  Invalid,
  jobId,
  MAX_RECEIVERS,
  parseLabels,
  parseUserName,
  type Problem,
  type QuietHours,
} from "../domain/mod.ts";
import { parseTimezone } from "../schedule/mod.ts";

/** Longest address of a channel. */
const URL_MAX = 2000;
/** Longest token. */
const TOKEN_MAX = 500;
/** Most channels of a rule. */
const MAX_RULE_CHANNELS = 20;
/** The shortest and the longest time between two reminders, in seconds. */
const REMIND_RANGE = [60, 30 * 86_400] as const;

/** A channel as it is typed. */
export interface ChannelInput {
  /** What people call it. */
  readonly name: string;
  /** One of {@linkcode CHANNEL_KINDS}. */
  readonly kind: string;
  /** The whole address. */
  readonly url: string;
  /** What signs a webhook, or the access token of ntfy; empty: none. */
  readonly token?: string;
  /** Who sends an e-mail. */
  readonly from?: string;
  /** Who receives an e-mail. */
  readonly to?: readonly string[];
}

/** A channel as it is typed, checked. */
export interface ReadChannel {
  /** What people call it. */
  readonly name: string;
  /** How it carries news. */
  readonly kind: ChannelKind;
  /** The whole address. */
  readonly url: string;
  /** Null: none. */
  readonly token: string | null;
  /** Null: it is no e-mail. */
  readonly from: string | null;
  /** Empty: it is no e-mail. */
  readonly to: readonly string[];
}

/** A rule as it is typed. */
export interface AlertInput {
  /** What people call it. */
  readonly name: string;
  /** One of {@linkcode CONDITION_KINDS}. */
  readonly condition: string;
  /** In the unit of the condition; absent: the usual. */
  readonly limit?: number;
  /** Of jobs with this label; neither this nor a job: of all. */
  readonly label?: string | null;
  /** Of this job. */
  readonly jobId?: number | null;
  /** The names of the channels. */
  readonly channels: readonly string[];
  /** How often it reminds; null or absent: never. */
  readonly remindSeconds?: number | null;
  /** Quiet hours: `22:00` to `07:00` in a zone; null or absent: none. */
  readonly quiet?: { readonly from: string; readonly until: string; readonly timezone: string } | null;
}

/** Checks what was typed of a channel. @throws {Invalid} with all problems. */
export function readChannelInput({ name, kind, url, token = "", from = "", to = [] }: ChannelInput): ReadChannel {
  const problems: Problem[] = [];
  const known = CHANNEL_KINDS.find((one) => one === kind);
  if (known === undefined) problems.push(unknown("kind", kind, CHANNEL_KINDS));
  const isEmail = known === "email";
  const schemes = isEmail ? ["smtp:", "smtps:"] : ["http:", "https:"];
  const address = url.trim();
  if (
    address.length > URL_MAX || !URL.canParse(address) || !schemes.includes(new URL(address).protocol) ||
    new URL(address).hostname === ""
  ) {
    // The address is not repeated: it may hold a secret.
    const expected = isEmail ? "smtp://user:password@host:587" : "https://host/path";
    problems.push({ field: "url", message: `expected an address such as ${expected}`, code: "invalid" });
  } else if (known === "ntfy" && new URL(address).pathname.replaceAll("/", "") === "") {
    problems.push({
      field: "url",
      message: "expected an address with a topic, such as https://ntfy.sh/topic",
      code: "invalid",
    });
  }
  if (
    token.length > TOKEN_MAX || !/^[\x21-\x7e]*$/.test(token) ||
    known === "webhook" && token !== "" && !/^whsec_[A-Za-z0-9+/=]{24,}$/.test(token)
  ) {
    const expected = known === "webhook" ? "whsec_ and a secret in base64" : "visible ASCII characters";
    problems.push({ field: "token", message: `expected ${expected}`, code: "invalid" });
  }
  if (isEmail && !isMailbox(from)) problems.push({ field: "from", message: MAILBOX, code: "invalid" });
  if (isEmail && (to.length === 0 || to.length > MAX_RECEIVERS || !to.every(isMailbox))) {
    problems.push({ field: "to", message: `${MAILBOX}, up to ${MAX_RECEIVERS} of them`, code: "invalid" });
  }
  const called = attempt(problems, "name", () => parseUserName(name)) ?? "";
  if (problems.length > 0 || known === undefined) throw new Invalid(problems);
  return {
    name: called,
    kind: known,
    url: address,
    token: token === "" ? null : token,
    from: isEmail ? from : null,
    to: isEmail ? to : [],
  };
}

const MAILBOX = "expected an e-mail address such as ops@example.com";

function isMailbox(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>(),;:"\\]+@[^\s@<>(),;:"\\]+$/.test(text);
}

/** The address of a channel without its secret parts. */
export function channelAddress({ kind, url }: Pick<ReadChannel, "kind" | "url">): string {
  const { protocol, host } = new URL(url);
  return kind === "email" ? `${protocol}//${host}` : `${protocol}//${host}/…`;
}

/**
 * Checks what was typed of a rule; whether its channels are there, the caller knows. `mayLackChannels`: none is right too.
 *
 * @throws {Invalid} with all problems.
 */
export function readAlertInput(
  input: AlertInput,
  { mayLackChannels = false }: { readonly mayLackChannels?: boolean } = {},
): Omit<AlertRuleDefinition, "channelIds"> & Pick<AlertInput, "channels"> {
  const { name, condition, label = null, jobId: job = null, remindSeconds = null, quiet = null } = input;
  const problems: Problem[] = [];
  const called = attempt(problems, "name", () => parseUserName(name)) ?? "";
  const kind = CONDITION_KINDS.find((one) => one === condition);
  if (kind === undefined) problems.push(unknown("condition", condition, CONDITION_KINDS));
  const limit = kind === undefined ? 0 : limitOf(problems, kind, input.limit);
  const scope = scopeOf(problems, { kind, label, job });
  const channels = [...new Set(input.channels.map((one) => one.trim()).filter((one) => one !== ""))];
  if ((channels.length === 0 && !mayLackChannels) || channels.length > MAX_RULE_CHANNELS) {
    const message = `found ${channels.length} channels, expected 1 to ${MAX_RULE_CHANNELS}`;
    problems.push({ field: "channels", message, code: channels.length === 0 ? "missing" : "out_of_range" });
  }
  const [least, most] = REMIND_RANGE;
  if (remindSeconds !== null && !(Number.isInteger(remindSeconds) && remindSeconds >= least && remindSeconds <= most)) {
    const message = `found ${remindSeconds}, expected a time from 1 minute to 30 days`;
    problems.push({ field: "remind_seconds", message, code: "out_of_range" });
  }
  const hours = quiet === null ? null : quietOf(problems, quiet);
  if (problems.length > 0 || kind === undefined) throw new Invalid(problems);
  return { name: called, condition: { kind, limit }, scope, channels, remindSeconds, quiet: hours };
}

function limitOf(problems: Problem[], kind: ConditionKind, typed: number | undefined): number {
  const { unit, usual, range: [least, most] } = ALERT_CONDITIONS[kind];
  const limit = typed ?? usual;
  if (unit !== "none" && !(Number.isInteger(limit) && limit >= least && limit <= most)) {
    const message = `found ${limit}, expected a whole number of ${unit} from ${least} to ${most}`;
    problems.push({ field: "limit", message, code: "out_of_range" });
  }
  return unit === "none" ? 0 : limit;
}

function scopeOf(
  problems: Problem[],
  { kind, label, job }: {
    readonly kind: ConditionKind | undefined;
    readonly label: string | null;
    readonly job: number | null;
  },
): AlertScope {
  if (label !== null && job !== null) {
    problems.push({ field: "label", message: "goes with no job: expected one of the two", code: "conflict" });
  }
  if ((label !== null || job !== null) && kind !== undefined && ALERT_CONDITIONS[kind].reach === "system") {
    const field = label === null ? "job_id" : "label";
    problems.push({ field, message: `${kind} is about the installation, not about jobs`, code: "conflict" });
  }
  if (job !== null) {
    const id = attempt(problems, "job_id", () => jobId(job));
    return id === null ? { kind: "all" } : { kind: "job", jobId: id };
  }
  const stored = label === null ? null : attempt(problems, "label", () => parseLabels([label])[0] ?? null);
  return stored === null ? { kind: "all" } : { kind: "label", label: stored };
}

function quietOf(problems: Problem[], { from, until, timezone }: NonNullable<AlertInput["quiet"]>): QuietHours {
  const [begin, end] = [minuteOf(from), minuteOf(until)];
  if (begin === null || end === null) {
    problems.push({ field: "quiet", message: "expected times of the day such as 22:00 and 07:00", code: "invalid" });
  }
  const zone = attempt(problems, "quiet", () => parseTimezone(timezone)) ?? "UTC";
  return { from: begin ?? 0, until: end ?? 0, timezone: zone };
}

function minuteOf(text: string): number | null {
  const [, hour = "", minute = ""] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text.trim()) ?? [];
  return hour === "" ? null : Number(hour) * 60 + Number(minute);
}

function unknown(field: string, found: string, known: readonly string[]): Problem {
  const message = `found ${JSON.stringify(found.slice(0, 50))}, expected one of ${known.join(", ")}`;
  return { field, message, code: "unknown" };
}

/** What `parse` answers; null: it refused, and its reason is among the problems. */
function attempt<Value>(problems: Problem[], field: string, parse: () => Value): Value | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    problems.push({ field, message: error.message, code: "invalid" });
    return null;
  }
}
