/**
 * How findings become incidents and deliveries, within one transaction of a notifier.
 *
 * @module
 */
import type { AlertRule, AlertRuleId, EpochMs, EventId, Incident, JobId } from "../domain/mod.ts";
import {
  coversJob,
  findInEnd,
  type Finding,
  type IncidentChange,
  type JobRecord,
  meetIncident,
  NO_RECORD,
  noticeWords,
  openIncident,
  recordAfter,
  wakeIncident,
} from "../policy/mod.ts";
import { insertDelivery } from "./alert_deliveries.ts";
import { type EndOfJob, toAlertRule, toEndOfJob, toIncident, toJobRecord } from "./alert_rows.ts";
import { ALERTS, type Look } from "./alert_store.ts";
import { sendEnd } from "./alert_signals.ts";
import { at, rowsOf, type Work } from "./alert_work.ts";

const MOVE = `
  UPDATE event_consumers SET position = :to WHERE name = '${ALERTS}' AND position = :from RETURNING 1`;
const RULES = "SELECT * FROM alert_rules WHERE is_enabled = {true} ORDER BY id";

// Index: the primary keys.
const ENDS = `
  SELECT e.at, e.job_id, j.name AS job_name, j.labels, e.dispatch_id, e.execution, e.is_retried, d.error_message, d.exit_code,
    d.correlation_id
  FROM run_events e JOIN scheduled_jobs j ON j.id = e.job_id AND j.deleted_at IS NULL
    LEFT JOIN job_dispatch d ON d.id = e.dispatch_id
  WHERE e.id > :from AND e.id <= :to AND e.execution IS NOT NULL ORDER BY e.id`;
const RECORDS = `
  SELECT * FROM alert_jobs WHERE job_id IN (SELECT job_id FROM run_events WHERE id > :from AND id <= :to)`;
const RECORD = `
  INSERT INTO alert_jobs (job_id, failures, succeeded_at) VALUES (:jobId, :failures, :succeededAt)
  ON CONFLICT (job_id) DO UPDATE SET failures = excluded.failures, succeeded_at = excluded.succeeded_at`;
const RECORD_OF = "SELECT * FROM alert_jobs WHERE job_id = :jobId";

// Index: incidents_open, as of all that are open.
const OPEN = "SELECT * FROM incidents WHERE rule_id = :ruleId AND job_id = :jobId AND closed_at IS NULL";
const OPEN_OF_RULE = "SELECT * FROM incidents WHERE rule_id = :ruleId AND closed_at IS NULL ORDER BY id";
const INSERT = `
  INSERT INTO incidents (rule_id, rule_name, job_id, job_name, message, opened_at, last_at, count, notified_at, next_at,
    correlation_id)
  VALUES (:ruleId, :ruleName, :jobId, :jobName, :message, :lastAt, :lastAt, :count, :notifiedAt, :nextAt, :correlationId)
  RETURNING *`;
const UPDATE = `
  UPDATE incidents SET message = :message, last_at = :lastAt, count = :count, closed_at = :closedAt,
    notified_at = :notifiedAt, next_at = :nextAt
  WHERE id = :id`;
const CLOSE_QUIETLY = `
  UPDATE incidents SET closed_at = :now, next_at = NULL WHERE rule_id = :ruleId AND closed_at IS NULL`;

// Index: incidents_next.
const DUE = "SELECT * FROM incidents WHERE next_at <= :now ORDER BY next_at, id LIMIT :limit";

// Index: incidents_open_by_id, all of it, then the primary key of jobs.
const OF_NO_JOB = `
  SELECT i.* FROM incidents i LEFT JOIN scheduled_jobs j ON j.id = i.job_id
  WHERE i.closed_at IS NULL AND i.job_id > 0 AND (j.id IS NULL OR j.deleted_at IS NOT NULL) ORDER BY i.id LIMIT :limit`;

interface Subject {
  readonly rule: AlertRule;
  readonly jobName: string | null;
  /** Of the occurrence that its finding is about; null: of no single one. */
  readonly correlationId: string | null;
}

/** Reads the events of a range and does what follows. Answers how many ends it read; 0 also when another notifier was first. */
export function* takeEvents(
  { from, to, now }: { readonly from: EventId; readonly to: EventId; readonly now: EpochMs },
): Work<number> {
  if ((yield* rowsOf(MOVE, { from, to })).length === 0) return 0;
  const ends = (yield* rowsOf(ENDS, { from, to })).map(toEndOfJob);
  const rules = (yield* rowsOf(RULES)).map(toAlertRule);
  const records = new Map<JobId, JobRecord>(
    (yield* rowsOf(RECORDS, { from, to })).map(toJobRecord).map(({ jobId, ...record }) => [jobId, record]),
  );
  const changed = new Set<JobId>();
  for (const end of ends) {
    const before = records.get(end.jobId) ?? NO_RECORD;
    const record = recordAfter(before, end);
    const covering = rules.filter(({ scope }) => coversJob(scope, { id: end.jobId, labels: end.labels }));
    records.set(end.jobId, record);
    if (isWorthKeeping(before, record, covering)) changed.add(end.jobId);
    for (const rule of covering) yield* judgeEnd(rule, end, { before, record, now });
  }
  for (const jobId of changed) {
    const { failures, succeededAt } = records.get(jobId) ?? NO_RECORD;
    yield* rowsOf(RECORD, { jobId, failures, succeededAt: at(succeededAt) });
  }
  return to - from;
}

/** The many successes are written only where a rule asks for them. */
function isWorthKeeping(before: JobRecord, after: JobRecord, rules: readonly AlertRule[]): boolean {
  return before.failures !== after.failures ||
    before.succeededAt !== after.succeededAt && rules.some(({ condition }) => condition.kind === "no_success");
}

function* judgeEnd(
  rule: AlertRule,
  end: EndOfJob,
  { before, record, now }: { readonly before: JobRecord; readonly record: JobRecord; readonly now: EpochMs },
): Work<void> {
  if (rule.condition.kind === "every_run") {
    if (!end.isRetried) yield* sendEnd(rule, end, now);
    return;
  }
  const finding = findInEnd(rule.condition, end, record);
  if (finding === null) return;
  // Most successes follow one: no failure is open, so there is nothing to end.
  if (rule.condition.kind === "failures" && !finding.isBroken && before.failures === 0) return;
  const subject = { rule, jobName: end.jobName, correlationId: end.correlationId };
  if (finding.isBroken || (yield* openOf(rule.id, end.jobId)) !== null) yield* meet(subject, finding, now);
}

/** Opens, counts and closes the incidents of rules by what they found. As a trial it only answers whether it would change something. */
export function* settleLooks(
  looks: readonly Look[],
  now: EpochMs,
  { isTrial }: { readonly isTrial: boolean },
): Work<boolean> {
  for (const { rule, findings, isWhole } of looks) {
    const open = (yield* rowsOf(OPEN_OF_RULE, { ruleId: rule.id })).map(toIncident);
    const broken = new Set(findings.filter(({ isBroken }) => isBroken).map(({ jobId }) => jobId));
    for (const finding of findings) {
      if (!finding.isBroken || open.some(({ jobId }) => jobId === finding.jobId)) continue;
      if (yield* hasSucceededSince(rule, finding)) continue;
      if (isTrial) return true;
      yield* meet({ rule, jobName: finding.jobName, correlationId: null }, finding, now);
    }
    for (const incident of isWhole ? open.filter(({ jobId }) => !broken.has(jobId)) : []) {
      if (isTrial) return true;
      const fine = { jobId: incident.jobId, isBroken: false, message: "", at: now, isEvent: false };
      yield* meet({ rule, jobName: incident.jobName, correlationId: null }, fine, now);
    }
  }
  return false;
}

/** A run may have succeeded since somebody looked. */
function* hasSucceededSince({ condition }: AlertRule, { jobId, at }: Finding): Work<boolean> {
  if (condition.kind !== "no_success" || jobId === null) return false;
  const [row] = yield* rowsOf(RECORD_OF, { jobId });
  const succeededAt = row === undefined ? null : toJobRecord(row).succeededAt;
  return succeededAt !== null && succeededAt > at;
}

/** Sends what open incidents say by the clock, and ends those of jobs that are gone. As a trial it only counts them. */
export function* wakeIncidents(
  { now, limit }: { readonly now: EpochMs; readonly limit: number },
  { isTrial }: { readonly isTrial: boolean },
): Work<number> {
  const due = (yield* rowsOf(DUE, { now: at(now), limit })).map(toIncident);
  const gone = (yield* rowsOf(OF_NO_JOB, { limit })).map(toIncident);
  if (isTrial) return due.length + gone.length;
  const rules = new Map((yield* rowsOf(RULES)).map(toAlertRule).map((rule) => [rule.id, rule]));
  const isGone = new Set(gone.map(({ id }) => id));
  for (const incident of gone) yield* update(incident, { ...incident, closedAt: now, nextAt: null });
  for (const incident of due.filter(({ id }) => !isGone.has(id))) {
    const rule = rules.get(incident.ruleId);
    if (rule === undefined) {
      yield* update(incident, { ...incident, closedAt: now, nextAt: null });
      continue;
    }
    const change = wakeIncident(rule, incident, now);
    yield* update(incident, change);
    yield* tell({ rule, correlationId: null }, { ...incident, ...change }, change, now);
  }
  return due.length + gone.length;
}

/** Ends the open incidents of a rule without a notice. */
export function* closeQuietly(ruleId: AlertRuleId, now: EpochMs): Work<void> {
  yield* rowsOf(CLOSE_QUIETLY, { ruleId, now: at(now) });
}

function* openOf(ruleId: AlertRuleId, jobId: JobId | null): Work<Incident | null> {
  const [row] = yield* rowsOf(OPEN, { ruleId, jobId: jobId ?? 0 });
  return row === undefined ? null : toIncident(row);
}

/** One finding of a rule meets the open incident, or opens one. */
function* meet({ rule, jobName, correlationId }: Subject, finding: Finding, now: EpochMs): Work<void> {
  const incident = yield* openOf(rule.id, finding.jobId);
  if (incident !== null) {
    const change = meetIncident(rule, incident, finding, now);
    if (change === null) return;
    yield* update(incident, change);
    yield* tell({ rule, correlationId }, { ...incident, ...change }, change, now);
    return;
  }
  if (!finding.isBroken) return;
  const change = openIncident(rule, finding, now);
  const [row = {}] = yield* rowsOf(INSERT, {
    ruleId: rule.id,
    ruleName: rule.name,
    jobId: finding.jobId ?? 0,
    jobName,
    message: change.message,
    lastAt: at(change.lastAt),
    count: change.count,
    notifiedAt: at(change.notifiedAt),
    nextAt: at(change.nextAt),
    correlationId,
  });
  yield* tell({ rule, correlationId }, toIncident(row), change, now);
}

function* update({ id }: Incident, change: Omit<IncidentChange, "notice">): Work<void> {
  yield* rowsOf(UPDATE, {
    id,
    message: change.message,
    lastAt: at(change.lastAt),
    count: change.count,
    closedAt: at(change.closedAt),
    notifiedAt: at(change.notifiedAt),
    nextAt: at(change.nextAt),
  });
}

function* tell(
  { rule, correlationId }: Pick<Subject, "rule" | "correlationId">,
  incident: Incident,
  { notice }: IncidentChange,
  now: EpochMs,
): Work<void> {
  if (notice === null) return;
  const { kind, at: nextAt } = notice;
  const words = noticeWords(kind, incident, now);
  const about = {
    incidentId: incident.id,
    jobId: incident.jobId,
    kind,
    notice: words,
    key: null,
    correlationId,
    now,
    nextAt,
  };
  for (const channelId of rule.channelIds) yield* insertDelivery({ ...about, channelId });
}
