/**
 * The part of the store's contract for alerts.
 *
 * Notifiers read the outbox as the consumer {@linkcode ALERTS}. One transaction moves the consumer, changes the incidents and writes
 * the deliveries, so that of several notifiers one decides about an event, and one that dies has decided about all of a batch or
 * nothing. Whoever changes incidents holds the consumer's row first.
 *
 * A delivery is a row until it has arrived or was given up. A claim counts an attempt and puts the next one off by the length of the
 * claim: if the notifier dies, another tries again then, with the same public id. Who reports a result names the attempt, so a late
 * report of an earlier attempt changes nothing.
 *
 * @module
 */
import type {
  AlertChannel,
  AlertRule,
  AlertRuleDefinition,
  AlertRuleId,
  ChannelId,
  ChannelKind,
  ChannelSecret,
  Delivery,
  DeliveryId,
  DispatchId,
  EpochMs,
  Incident,
  IncidentId,
  JobId,
  NoticeText,
} from "../domain/mod.ts";
import type { Finding } from "../policy/alerts.ts";
import type { By } from "./by.ts";
import type { Page, Visible } from "./page.ts";

/** The consumer of the outbox that alerts. */
export const ALERTS = "alerts";

/** Most open findings of one rule at once: beyond, none of its incidents is closed. */
export const MOST_FINDINGS = 1000;

/** How many ids of jobs one step through all of them takes. */
export const SWEEP_STEP = 1000;

/** What a new channel is. */
export interface NewChannel extends ChannelSecret {
  /** What people call it. */
  readonly name: string;
  /** How it carries news. */
  readonly kind: ChannelKind;
  /** Its address without its secret parts. */
  readonly address: string;
  /** Who sends an e-mail. */
  readonly from: string | null;
  /** Who receives an e-mail. */
  readonly to: readonly string[];
}

/** What one rule found by the clock. */
export interface Look {
  /** The rule. */
  readonly rule: AlertRule;
  /** What it found. */
  readonly findings: readonly LookFinding[];
  /** Whether an open incident without a finding is over. */
  readonly isWhole: boolean;
}

/** A finding with the name of its job. */
export interface LookFinding extends Finding {
  /** The name of the job; null: the installation. */
  readonly jobName: string | null;
}

/** A job that may be broken by the clock. */
export interface WatchedJob {
  /** The job. */
  readonly jobId: JobId;
  /** Its name. */
  readonly jobName: string;
  /** Its labels. */
  readonly labels: readonly string[];
  /** Since when: of runs when they started, of waiting ones when they were due, else the last success. */
  readonly since: EpochMs;
}

/** A run that has started. */
export interface StartedRun {
  /** The run. */
  readonly dispatchId: DispatchId;
  /** Its job. */
  readonly jobId: JobId;
  /** The name of the job. */
  readonly jobName: string;
  /** Its labels. */
  readonly labels: readonly string[];
  /** When it started. */
  readonly startedAt: EpochMs;
  /** Of its occurrence. */
  readonly correlationId: string;
}

/** Which jobs an alert rule without an event watches for. */
export interface WatchQuery {
  /** `running`: a run started before; `waiting`: one waits, or a time has passed without one; `no_success`: nothing succeeded since. */
  readonly what: "running" | "waiting" | "no_success";
  /** Before which instant. */
  readonly before: EpochMs;
  /** Jobs after this id, for `no_success`, which pages through all jobs. */
  readonly after?: number;
  /** Of these, those with the label, or the one job. */
  readonly scope: AlertRuleDefinition["scope"];
  /** Most of them. */
  readonly limit: number;
}

/** Which incidents. */
export interface IncidentQuery {
  /** Default: all. */
  readonly state?: "open" | "closed";
  /** Of one job. */
  readonly jobId?: JobId;
  /** Those of jobs with one of these labels, and with `hasSystem` those of the installation. Default: all. */
  readonly visible?: Visible;
  /** Continues a page. */
  readonly cursor?: string;
  /** Most of one page. */
  readonly limit: number;
}

/** A delivery to carry now, with all that it takes. */
export interface ClaimedDelivery {
  /** The delivery; its `attempts` count this one. */
  readonly delivery: Delivery;
  /** Where it goes; null: the channel is gone or disabled. */
  readonly channel: (AlertChannel & ChannelSecret) | null;
  /** Of the occurrence that it tells of; null: of no single one. */
  readonly correlationId: string | null;
}

/** How an attempt ended. `retryAt` null: nobody tries again. */
export type DeliveryResult =
  | { readonly isDelivered: true }
  | { readonly isDelivered: false; readonly error: string; readonly retryAt: EpochMs | null };

/** Channels, rules, incidents and deliveries. */
export interface AlertStore {
  /** All channels, by name. */
  channels(): Promise<readonly AlertChannel[]>;
  /** Makes one. @throws {Conflict} when there are too many. @throws {Invalid} when the name is taken. */
  createChannel(channel: NewChannel, by: By): Promise<AlertChannel>;
  /** Switches a channel on or off. @throws {NotFound} */
  switchChannel(id: ChannelId, isEnabled: boolean, by: By): Promise<AlertChannel>;
  /** Removes one. What waits for it is given up. @throws {NotFound} */
  removeChannel(id: ChannelId, by: By): Promise<void>;
  /** Writes a delivery that says that the channel works. @throws {NotFound} */
  testChannel(id: ChannelId, notice: NoticeText, by: By): Promise<Delivery>;
  /** All rules, oldest first. */
  rules(): Promise<readonly AlertRule[]>;
  /** Makes one. @throws {Conflict} when there are too many. */
  createRule(definition: AlertRuleDefinition, by: By): Promise<AlertRule>;
  /** Changes one. Another condition or scope, or switching it off, ends its open incidents without a notice. @throws {NotFound} */
  updateRule(
    id: AlertRuleId,
    change: { readonly definition?: AlertRuleDefinition; readonly isEnabled?: boolean },
    by: By,
  ): Promise<AlertRule>;
  /** Writes a delivery to each enabled channel of a rule, which says that it reaches somebody.
   * @throws {NotFound} @throws {Conflict} when there is none. */
  testRule(id: AlertRuleId, notice: NoticeText, by: By): Promise<readonly Delivery[]>;
  /** Removes one and ends its open incidents without a notice. @throws {NotFound} */
  removeRule(id: AlertRuleId, by: By): Promise<void>;
  /** Newest first. */
  incidents(query: IncidentQuery): Promise<Page<Incident>>;
  /** The one with this id; null: there is none. */
  incident(id: IncidentId): Promise<Incident | null>;
  /** Somebody takes an open incident on. @throws {NotFound} @throws {Conflict} when it has ended. */
  acknowledge(id: IncidentId, by: By): Promise<Incident>;
  /** Silences an open incident until an instant. @throws {NotFound} @throws {Conflict} when it has ended. */
  snooze(id: IncidentId, until: EpochMs, by: By): Promise<Incident>;
  /** Newest first. */
  deliveries(
    query: { readonly incidentId?: IncidentId; readonly cursor?: string; readonly limit: number },
  ): Promise<Page<Delivery>>;

  /** Reads up to `limit` events and does what follows from them. Answers how many; 0: none is left now, or another notifier was first. */
  takeEvents(pass: { readonly now: EpochMs; readonly limit: number }): Promise<number>;
  /** The jobs that a question finds, by their ids. */
  watch(query: WatchQuery): Promise<readonly WatchedJob[]>;
  /** The highest id of a job; 0: there is none. */
  lastJob(): Promise<number>;
  /** Opens, counts and closes the incidents of rules by what they found. */
  settle(looks: readonly Look[], now: EpochMs): Promise<void>;
  /** The runs of those that run that have started since an instant, by their ids. */
  started(query: { readonly after: EpochMs; readonly limit: number }): Promise<readonly StartedRun[]>;
  /** Says the starts of runs to the pings of the rules `every_run` that cover them, each once. Answers how many deliveries it wrote. */
  sendStarts(runs: readonly StartedRun[], now: EpochMs): Promise<number>;
  /** Says that the installation is well, once in each period of a rule `heartbeat`. Answers how many deliveries it wrote. */
  sendBeats(rules: readonly AlertRule[], now: EpochMs): Promise<number>;
  /** Sends what open incidents say by the clock. Answers how many had something due. */
  wake(pass: { readonly now: EpochMs; readonly limit: number }): Promise<number>;
  /** The next instant at which an incident or a delivery is due; null: none is. */
  nextAt(): Promise<EpochMs | null>;
  /** Claims deliveries that are due, oldest first. */
  claimDeliveries(
    pass: { readonly now: EpochMs; readonly limit: number; readonly claimMs: number },
  ): Promise<readonly ClaimedDelivery[]>;
  /** Reports how an attempt ended. False: it is not the latest attempt any more. */
  finishDelivery(
    ref: { readonly id: DeliveryId; readonly attempts: number },
    result: DeliveryResult,
    now: EpochMs,
  ): Promise<boolean>;
  /** Deletes incidents and deliveries that ended before an instant, at most `limit` of each. Answers the larger number. */
  prune(pass: { readonly before: EpochMs; readonly limit: number }): Promise<number>;
}
