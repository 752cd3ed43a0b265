/**
 * Alerts: rules that say when somebody is to be told, incidents that a rule has opened, and the channels that carry the news.
 *
 * @module
 */
import { positive } from "./_positive.ts";
import type { Brand, EpochMs, JobId } from "./brand.ts";

/** Id of a row in `alert_channels`. */
export type ChannelId = Brand<number, "ChannelId">;
/** Id of a row in `alert_rules`. */
export type AlertRuleId = Brand<number, "AlertRuleId">;
/** Id of a row in `incidents`. */
export type IncidentId = Brand<number, "IncidentId">;
/** Id of a row in `deliveries`. */
export type DeliveryId = Brand<number, "DeliveryId">;

/** The channel id `value`. @throws {RangeError} when it is not a positive whole number. */
export function channelId(value: number): ChannelId {
  return positive(value, "channel") as ChannelId;
}

/** The rule id `value`. @throws {RangeError} when it is not a positive whole number. */
export function alertRuleId(value: number): AlertRuleId {
  return positive(value, "alert rule") as AlertRuleId;
}

/** The incident id `value`. @throws {RangeError} when it is not a positive whole number. */
export function incidentId(value: number): IncidentId {
  return positive(value, "incident") as IncidentId;
}

/** The delivery id `value`. @throws {RangeError} when it is not a positive whole number. */
export function deliveryId(value: number): DeliveryId {
  return positive(value, "delivery") as DeliveryId;
}

/** How a channel carries news. `ping`: a monitor that is called after each run of a job, as healthchecks.io has it. */
export const CHANNEL_KINDS = ["webhook", "email", "slack", "teams", "ntfy", "ping"] as const;

/** One of {@linkcode CHANNEL_KINDS}. */
export type ChannelKind = typeof CHANNEL_KINDS[number];

/** Most channels of an installation. */
export const MAX_CHANNELS = 100;
/** Most rules of an installation: all are read at each pass. */
export const MAX_ALERT_RULES = 500;
/** Most receivers of an e-mail. */
export const MAX_RECEIVERS = 20;

/** A way to people or programs. Its address in full and its secrets are shown to nobody again. */
export interface AlertChannel {
  /** Its id. */
  readonly id: ChannelId;
  /** What people call it. */
  readonly name: string;
  /** How it carries news. */
  readonly kind: ChannelKind;
  /** Its address without the parts that are secret, such as `https://hooks.slack.com/…`. */
  readonly address: string;
  /** Who sends an e-mail; null: it is none. */
  readonly from: string | null;
  /** Who receives an e-mail; empty: it is none. */
  readonly to: readonly string[];
  /** A disabled channel carries nothing. */
  readonly isEnabled: boolean;
  /** When it was made. */
  readonly createdAt: EpochMs;
  /** When it was last changed. */
  readonly updatedAt: EpochMs;
}

/** What a notifier needs to reach a channel. */
export interface ChannelSecret {
  /** The whole address. */
  readonly url: string;
  /** What signs a webhook, or the access token of ntfy; null: nothing. */
  readonly token: string | null;
}

/** When a rule is broken. What each means, and what its limit counts, is in {@linkcode ALERT_CONDITIONS}. */
export const CONDITION_KINDS = [
  "failures",
  "runs_over",
  "runs_over_median",
  "not_started",
  "no_success",
  "no_worker",
  "every_run",
  "scheduler_silent",
  "worker_silent",
  "outbox_behind",
  "disk_low",
  "database_over",
  "heartbeat",
] as const;

/** One of {@linkcode CONDITION_KINDS}. */
export type ConditionKind = typeof CONDITION_KINDS[number];

/** A condition and its limit. */
export interface AlertCondition {
  /** When the rule is broken. */
  readonly kind: ConditionKind;
  /** In the unit of the condition. */
  readonly limit: number;
}

/** What a condition is about and how its limit counts. */
export interface ConditionFacts {
  /** `job`: each job that the rule covers has incidents of its own; `system`: the installation has one. */
  readonly reach: "job" | "system";
  /** What the limit counts; `none`: it has no limit. */
  readonly unit: "times" | "seconds" | "percent" | "megabytes" | "none";
  /** The limit of a rule that says nothing. */
  readonly usual: number;
  /** The least and the most that it may be. */
  readonly range: readonly [least: number, most: number];
  /** When the rule is broken, with `#` in place of the limit. */
  readonly sentence: string;
}

/** The longest time that a limit may name, in seconds: 400 days. */
const LONGEST = 400 * 86_400;

/** The one table of conditions: forms, checks, words and documentation come from it. */
export const ALERT_CONDITIONS: Readonly<Record<ConditionKind, ConditionFacts>> = {
  failures: { reach: "job", unit: "times", usual: 1, range: [1, 1000], sentence: "fails # in a row" },
  runs_over: { reach: "job", unit: "seconds", usual: 3600, range: [1, LONGEST], sentence: "runs for longer than #" },
  runs_over_median: {
    reach: "job",
    unit: "percent",
    usual: 300,
    range: [101, 100_000],
    sentence: "runs for longer than # of its median",
  },
  not_started: {
    reach: "job",
    unit: "seconds",
    usual: 300,
    range: [1, LONGEST],
    sentence: "does not start within # of its time",
  },
  no_success: { reach: "job", unit: "seconds", usual: 86_400, range: [1, LONGEST], sentence: "has no success in #" },
  no_worker: {
    reach: "job",
    unit: "seconds",
    usual: 120,
    range: [1, LONGEST],
    sentence: "waits for # for a worker that may run it",
  },
  every_run: { reach: "job", unit: "none", usual: 0, range: [0, 0], sentence: "ends a run, whatever its end" },
  scheduler_silent: {
    reach: "system",
    unit: "seconds",
    usual: 60,
    range: [25, LONGEST],
    sentence: "has no scheduler for #",
  },
  worker_silent: {
    reach: "system",
    unit: "seconds",
    usual: 180,
    range: [25, LONGEST],
    sentence: "has a worker that is silent for #, or none online",
  },
  outbox_behind: {
    reach: "system",
    unit: "seconds",
    usual: 300,
    range: [30, LONGEST],
    sentence: "has events that nobody has counted for #",
  },
  disk_low: {
    reach: "system",
    unit: "megabytes",
    usual: 1024,
    range: [1, 1_000_000_000],
    sentence: "has less than # free on the disk of its SQLite database",
  },
  database_over: {
    reach: "system",
    unit: "megabytes",
    usual: 10_000,
    range: [1, 1_000_000_000],
    sentence: "has a database larger than #",
  },
  heartbeat: {
    reach: "system",
    unit: "seconds",
    usual: 60,
    range: [30, 86_400],
    sentence: "is well, which is said every #",
  },
};

/** Which jobs a rule covers. */
export type AlertScope =
  | { readonly kind: "all" }
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "job"; readonly jobId: JobId };

/** Hours of each day in which nothing is sent. An incident that is still open when they end is sent then. */
export interface QuietHours {
  /** Minute of the day at which they begin. */
  readonly from: number;
  /** Minute of the day at which they end; before `from`: on the next day. */
  readonly until: number;
  /** The zone of both. */
  readonly timezone: string;
}

/** What people say of a rule. */
export interface AlertRuleDefinition {
  /** What people call it. */
  readonly name: string;
  /** When it is broken. */
  readonly condition: AlertCondition;
  /** Whom it covers; of the system's own conditions `all`. */
  readonly scope: AlertScope;
  /** Where its news goes. */
  readonly channelIds: readonly ChannelId[];
  /** How often it reminds of an open incident, in seconds; null: never. */
  readonly remindSeconds: number | null;
  /** When it is silent; null: never. */
  readonly quiet: QuietHours | null;
}

/** A rule. */
export interface AlertRule extends AlertRuleDefinition {
  /** Its id. */
  readonly id: AlertRuleId;
  /** A disabled rule opens nothing. */
  readonly isEnabled: boolean;
  /** When it was made. */
  readonly createdAt: EpochMs;
  /** When it was last changed. */
  readonly updatedAt: EpochMs;
}

/** Something that a rule found broken: at most one is open for each rule and job. */
export interface Incident {
  /** Its id. */
  readonly id: IncidentId;
  /** The rule that opened it; it may be gone. */
  readonly ruleId: AlertRuleId;
  /** What the rule was called then. */
  readonly ruleName: string;
  /** The job; null: it is about the installation. */
  readonly jobId: JobId | null;
  /** What the job was called then. */
  readonly jobName: string | null;
  /** What is broken, in a sentence. */
  readonly message: string;
  /** When it was found broken. */
  readonly openedAt: EpochMs;
  /** When it was last found broken. */
  readonly lastAt: EpochMs;
  /** How often it was found broken; a condition of time counts once. */
  readonly count: number;
  /** When it ended; null: it is open. */
  readonly closedAt: EpochMs | null;
  /** When somebody took it on; null: nobody. */
  readonly acknowledgedAt: EpochMs | null;
  /** Who. */
  readonly acknowledgedBy: string | null;
  /** Silent until then; null: nobody asked for that. */
  readonly snoozedUntil: EpochMs | null;
  /** When it was last sent; null: not yet, because of quiet hours. */
  readonly notifiedAt: EpochMs | null;
  /** When to look at it again for a notice; null: no time brings one. */
  readonly nextAt: EpochMs | null;
}

/** What a delivery says. */
export const NOTICE_KINDS = ["opened", "reminder", "recovered", "run", "test"] as const;

/** One of {@linkcode NOTICE_KINDS}. */
export type NoticeKind = typeof NOTICE_KINDS[number];

/** What monitors outside are called for besides the ends of runs. */
export const SIGNALS = ["start", "heartbeat"] as const;

/** One of {@linkcode SIGNALS}. */
export type Signal = typeof SIGNALS[number];

/** The words of a delivery, fixed when it was decided. */
export interface NoticeText {
  /** In one line. */
  readonly title: string;
  /** In a sentence or two. */
  readonly text: string;
  /** Of a run how it ended, for monitors that are pinged; absent: it is no run. */
  readonly isSuccess?: boolean;
  /** What a monitor is called for; absent: nothing but what the kind says. */
  readonly signal?: Signal;
}

/** Something that is carried to one channel. */
export interface Delivery {
  /** Its id. */
  readonly id: DeliveryId;
  /** Names it to the receiver: the same at each attempt. */
  readonly publicId: string;
  /** Where it goes. */
  readonly channelId: ChannelId;
  /** What the channel is called; null: it is gone. */
  readonly channelName: string | null;
  /** Its incident; null: it has none. */
  readonly incidentId: IncidentId | null;
  /** Its job; null: it is about none. */
  readonly jobId: JobId | null;
  /** What it says. */
  readonly kind: NoticeKind;
  /** Its words. */
  readonly notice: NoticeText;
  /** When it was decided. */
  readonly createdAt: EpochMs;
  /** How often it was tried. */
  readonly attempts: number;
  /** When it is tried next; while an attempt is under way: when another notifier may try. Null: it has ended. */
  readonly nextAt: EpochMs | null;
  /** When it ended; null: it has not. */
  readonly endedAt: EpochMs | null;
  /** Whether it arrived; null: it has not ended. */
  readonly isDelivered: boolean | null;
  /** Why the last attempt failed; null: none did. */
  readonly error: string | null;
}
