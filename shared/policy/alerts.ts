/**
 * What becomes of incidents. A rule and a job (or the installation) have at most one open incident:
 *
 * ```
 *            broken                       fine
 *   nothing ────────▶ open ─────────────────────────────▶ closed
 *                     │  ▲ broken again: counted
 *                     └──┘ its time has come: a notice
 * ```
 *
 * Opening sends a notice, unless the rule's quiet hours are on: then it is sent when they end, if the incident is still open. After
 * that the rule may remind. An incident that somebody acknowledged reminds no more; one that is snoozed is silent until then and is
 * said once more if it is still open. The end of an incident of which a notice was sent is said as well, after quiet hours.
 *
 * @module
 */
import {
  ALERT_CONDITIONS,
  type AlertCondition,
  type AlertRule,
  type AlertScope,
  describeDuration,
  type EpochMs,
  epochMs,
  type Incident,
  type JobId,
  type NoticeKind,
  type NoticeText,
  type QuietHours,
} from "../domain/mod.ts";

/** What a rule found about one job, or the installation. */
export interface Finding {
  /** The job; null: the installation. */
  readonly jobId: JobId | null;
  /** Whether the rule is broken. */
  readonly isBroken: boolean;
  /** In a sentence how. */
  readonly message: string;
  /** When it happened. */
  readonly at: EpochMs;
  /** Whether each finding counts, as events do; what is merely still so does not. */
  readonly isEvent: boolean;
}

/** What changes an incident, as one step of it. */
export type IncidentChange =
  & Pick<Incident, "message" | "lastAt" | "count" | "closedAt" | "notifiedAt" | "nextAt">
  & {
    /** What is sent, and when; null: nothing. */
    readonly notice: { readonly kind: NoticeKind; readonly at: EpochMs } | null;
  };

/** The parts of a rule that time its notices. */
export type NoticeRule = Pick<AlertRule, "remindSeconds" | "quiet">;

/** Opens an incident. */
export function openIncident(rule: NoticeRule, { message, at }: Finding, now: EpochMs): IncidentChange {
  const state = { message, lastAt: at, count: 1, closedAt: null, acknowledgedAt: null, snoozedUntil: null };
  return sendIfDue(rule, { ...state, notifiedAt: null }, "opened", now);
}

/** What a finding changes about an open incident; null: nothing. */
export function meetIncident(
  rule: NoticeRule,
  incident: Incident,
  finding: Finding,
  now: EpochMs,
): IncidentChange | null {
  const { message, count, notifiedAt, nextAt } = incident;
  if (!finding.isBroken) {
    const notice = notifiedAt === null ? null : { kind: "recovered", at: afterQuiet(rule.quiet, now) } as const;
    return { message, lastAt: incident.lastAt, count, closedAt: now, notifiedAt, nextAt: null, notice };
  }
  if (!finding.isEvent) return null;
  return {
    message: finding.message,
    lastAt: finding.at,
    count: count + 1,
    closedAt: null,
    notifiedAt,
    nextAt,
    notice: null,
  };
}

/** What an open incident does when its time has come. */
export function wakeIncident(rule: NoticeRule, incident: Incident, now: EpochMs): IncidentChange {
  const kind = incident.notifiedAt === null ? "opened" : "reminder";
  return sendIfDue(rule, { ...incident, closedAt: null, snoozedUntil: null }, kind, now);
}

/** When to look at an open incident again; null: no time brings a notice. */
export function nextNoticeAt(
  { remindSeconds, quiet }: NoticeRule,
  { notifiedAt, acknowledgedAt, snoozedUntil }: Pick<Incident, "notifiedAt" | "acknowledgedAt" | "snoozedUntil">,
  now: EpochMs,
): EpochMs | null {
  if (snoozedUntil !== null && snoozedUntil > now) return afterQuiet(quiet, snoozedUntil);
  if (acknowledgedAt !== null) return null;
  if (notifiedAt === null) return afterQuiet(quiet, now);
  return remindSeconds === null ? null : afterQuiet(quiet, epochMs(notifiedAt + remindSeconds * 1000));
}

function sendIfDue(
  rule: NoticeRule,
  state: Pick<Incident, "message" | "lastAt" | "count" | "closedAt" | "notifiedAt" | "acknowledgedAt" | "snoozedUntil">,
  kind: NoticeKind,
  now: EpochMs,
): IncidentChange {
  const { message, lastAt, count, closedAt } = state;
  const at = afterQuiet(rule.quiet, now);
  const isSent = at === now;
  const notifiedAt = isSent ? now : state.notifiedAt;
  const nextAt = isSent ? nextNoticeAt(rule, { ...state, notifiedAt }, now) : at;
  return { message, lastAt, count, closedAt, notifiedAt, nextAt, notice: isSent ? { kind, at } : null };
}

/** The first instant not before `at` at which quiet hours are off. */
export function afterQuiet(quiet: QuietHours | null, at: EpochMs): EpochMs {
  if (quiet === null || quiet.from === quiet.until) return at;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(quiet.timezone);
  const minute = local.hour * 60 + local.minute;
  const { from, until } = quiet;
  const isQuiet = from < until ? minute >= from && minute < until : minute >= from || minute < until;
  if (!isQuiet) return at;
  const end = local.toPlainDate().add({ days: minute < until ? 0 : 1 }).toZonedDateTime({
    timeZone: quiet.timezone,
    plainTime: { hour: Math.floor(until / 60), minute: until % 60 },
  });
  // Where clocks go back, the end may come first on the clock and again later.
  return epochMs(Math.max(at, end.epochMilliseconds));
}

/** Whether a rule covers a job with this id and these labels. */
export function coversJob(scope: AlertScope, job: { readonly id: JobId; readonly labels: readonly string[] }): boolean {
  switch (scope.kind) {
    case "all":
      return true;
    case "label":
      return job.labels.includes(scope.label);
    case "job":
      return scope.jobId === job.id;
  }
}

/** The condition in words: `fails 3 times in a row`. */
export function conditionWords({ kind, limit }: AlertCondition): string {
  if (kind === "failures" && limit === 1) return "fails";
  const { sentence, unit } = ALERT_CONDITIONS[kind];
  return sentence.replace("#", limitWords(limit, unit));
}

function limitWords(limit: number, unit: typeof ALERT_CONDITIONS[keyof typeof ALERT_CONDITIONS]["unit"]): string {
  switch (unit) {
    case "times":
      return limit === 1 ? "once" : `${limit} times`;
    case "seconds":
      return describeDuration(limit);
    case "percent":
      return `${limit} %`;
    case "megabytes":
      return `${limit} MB`;
    case "none":
      return "";
  }
}

/** The words of a notice about an incident. */
export function noticeWords(
  kind: NoticeKind,
  { ruleName, jobId, jobName, message, openedAt, count }: Pick<
    Incident,
    "ruleName" | "jobId" | "jobName" | "message" | "openedAt" | "count"
  >,
  now: EpochMs,
): NoticeText {
  const subject = jobId === null ? "the installation" : `job ${jobName ?? jobId}`;
  const since = describeDuration(Math.max(0, Math.round((now - openedAt) / 1000)));
  const often = count > 1 ? ` Counted ${count} times.` : "";
  switch (kind) {
    case "opened":
      return { title: `Alert: ${subject}: ${ruleName}`, text: `${message}${often}` };
    case "reminder":
      return { title: `Still open: ${subject}: ${ruleName}`, text: `${message}${often} Open for ${since}.` };
    case "recovered":
      return { title: `Recovered: ${subject}: ${ruleName}`, text: `It was open for ${since}. ${message}${often}` };
    case "run":
    case "test":
      return { title: `${ruleName}: ${subject}`, text: message };
  }
}
