/**
 * What the audit list keeps of each change: only what was changed, and no secret values. The values of a job's environment, hashes
 * and the arguments of runs never get here.
 *
 * @module
 */
import {
  type ApiToken,
  type AuditFacts,
  type AuditSubject,
  type AuditValue,
  type BulkChange,
  type DispatchId,
  type Job,
  type JobId,
  type SavedView,
  SECRET_MARK,
  type Session,
  type User,
  type Webhook,
  type WorkerId,
} from "../domain/mod.ts";
import type { NewAuditEvent } from "./audit_rows.ts";
import type { AuditedChange } from "./audit_store.ts";
import type { By } from "./by.ts";
import type { WebhookChange } from "./webhook_store.ts";

/** Changes of runs of a job. */
interface OfRuns {
  readonly id: JobId;
  readonly name: string;
}

/** The event of a change. */
export function doneBy({ actor, now, origin }: By, done: AuditedChange): NewAuditEvent {
  return { actor, now, origin, outcome: "done", reason: null, ...done };
}

/** A job is made. */
export function jobMade(job: Job): AuditedChange {
  const after = { ...shown(factsOf(job)), ...(!job.isActive && pausedFacts(job)) };
  return { action: "jobs.create", subject: ofJob(job), before: null, after };
}

/** A job gets another definition; with `restores` that of an earlier revision. */
export function jobChanged(before: Job, after: Job, restores?: number): AuditedChange {
  const change = changed(factsOf(before), factsOf(after));
  if (restores === undefined) return { action: "jobs.edit", subject: ofJob(after), ...change };
  return { action: "jobs.rollback", subject: ofJob(after), ...change, after: { ...change.after, revision: restores } };
}

function pausedFacts({ pausedNote }: Job): AuditFacts {
  return { isActive: false, ...(pausedNote !== null && { note: pausedNote }) };
}

/** A job is paused, or only its waiting runs are cancelled. */
export function jobPaused(before: Job, after: Job, cancelled: number): AuditedChange {
  const runs = cancelled === 0 ? {} : { cancelledRuns: cancelled };
  const change = before.isActive ? pausedFacts(after) : {};
  return {
    action: "jobs.pause",
    subject: ofJob(after),
    before: before.isActive ? { isActive: true } : null,
    after: { ...change, ...runs },
  };
}

/** A job is resumed. */
export function jobResumed(job: Job): AuditedChange {
  return { action: "jobs.resume", subject: ofJob(job), before: { isActive: false }, after: { isActive: true } };
}

/** A job is deleted. */
export function jobRemoved(job: Job): AuditedChange {
  return { action: "jobs.delete", subject: ofJob(job), before: shown(factsOf(job)), after: null };
}

/** A job is started. */
export function runMade(
  job: OfRuns,
  run: DispatchId,
  { force, args }: { force: boolean; args: readonly string[] | null },
): AuditedChange {
  const after = { run, ...(force && { force }), ...(args !== null && { args: SECRET_MARK }) };
  return { action: "jobs.run", subject: ofJob(job), before: null, after };
}

/** Runs of past times of a job are written. */
export function backfilled(job: OfRuns, backfill: string, runs: number): AuditedChange {
  return { action: "jobs.backfill", subject: ofJob(job), before: null, after: { backfill, runs } };
}

/** A change of many jobs is asked for; each job has an event of its own when it is changed. */
export function bulkAsked({ id, action, total }: BulkChange): AuditedChange {
  const after = { bulk: id, ...action, jobs: total };
  return { action: "jobs.bulk", subject: { kind: "job", id: null, name: null }, before: null, after };
}

/** A filter is kept under a name. */
export function viewSaved({ id, name, query }: SavedView): AuditedChange {
  return { action: "views.save", subject: { kind: "view", id, name }, before: null, after: { query } };
}

/** A kept filter is removed. */
export function viewRemoved({ id, name, query }: SavedView): AuditedChange {
  return { action: "views.delete", subject: { kind: "view", id, name }, before: { query }, after: null };
}

/** A worker is asked to drain, or resumed. */
export function workerDrained(id: WorkerId, drains: boolean): AuditedChange {
  const subject = { kind: "worker", id: null, name: id } as const;
  return { action: drains ? "workers.drain" : "workers.resume", subject, before: null, after: null };
}

/** A run is cancelled, or asked to stop. */
export function runCancelled(id: DispatchId, jobName: string, outcome: "cancelled" | "requested"): AuditedChange {
  return { action: "runs.cancel", subject: { kind: "run", id, name: jobName }, before: null, after: { outcome } };
}

/** A user is made. */
export function userMade(user: User): AuditedChange {
  return { action: "users.create", subject: ofUser(user), before: null, after: factsOfUser(user) };
}

/** A user is changed; a new password is a change that shows no difference. Null: nothing is different. */
export function userChanged(before: User, after: User, isNewPassword: boolean): AuditedChange | null {
  const change = changed(factsOfUser(before), factsOfUser(after));
  const action = isNewPassword
    ? "users.password"
    : before.isDisabled === after.isDisabled
    ? "users.edit"
    : after.isDisabled
    ? "users.disable"
    : "users.enable";
  if (isNewPassword) {
    return { action, subject: ofUser(after), before: change.before, after: { ...change.after, password: SECRET_MARK } };
  }
  return change.after === null ? null : { action, subject: ofUser(after), ...change };
}

/** Somebody has signed in. */
export function sessionBegun({ id, method }: Session, name: string): AuditedChange {
  return { action: "session.begin", subject: { kind: "session", id, name }, before: null, after: { method } };
}

/** One session of a user ends; null: `count` of them. */
export function sessionsEnded(id: number | null, name: string | null, count: number): AuditedChange {
  const after = id === null ? { sessions: count } : null;
  return { action: "session.end", subject: { kind: "session", id, name }, before: null, after };
}

/** A token is made, or revoked. */
export function tokenChanged(action: "tokens.create" | "tokens.revoke", token: ApiToken): AuditedChange {
  const { id, name, userId, prefix, scopes, labels, expiresAt } = token;
  const after = action === "tokens.create" ? { userId, prefix, scopes, labels, expiresAt } : { userId, prefix };
  return { action, subject: { kind: "token", id, name }, before: null, after };
}

/** A webhook is made. Of its secret only the first characters are kept. */
export function webhookMade(webhook: Webhook): AuditedChange {
  return { action: "webhooks.create", subject: ofWebhook(webhook), before: null, after: factsOfWebhook(webhook) };
}

/** A webhook is changed, gets another secret, or is switched on or off. Null: nothing is different. */
export function webhookChanged(before: Webhook, after: Webhook, { rotated }: WebhookChange): AuditedChange | null {
  const change = changed(factsOfWebhook(before), factsOfWebhook(after));
  if (rotated === undefined && change.after === null) return null;
  const action = rotated !== undefined
    ? "webhooks.rotate"
    : before.isEnabled === after.isEnabled
    ? "webhooks.edit"
    : after.isEnabled
    ? "webhooks.enable"
    : "webhooks.disable";
  return { action, subject: ofWebhook(after), ...change };
}

/** A webhook is deleted. */
export function webhookRemoved(webhook: Webhook): AuditedChange {
  return { action: "webhooks.delete", subject: ofWebhook(webhook), before: factsOfWebhook(webhook), after: null };
}

/** The facts that differ, on both sides; null where none do. */
function changed(before: AuditFacts, after: AuditFacts): { before: AuditFacts | null; after: AuditFacts | null } {
  const names = Object.keys({ ...before, ...after }).filter((name) =>
    JSON.stringify(before[name]) !== JSON.stringify(after[name])
  );
  const of = (facts: AuditFacts) => shown(Object.fromEntries(names.map((name) => [name, facts[name] ?? null])));
  return names.length === 0 ? { before: null, after: null } : { before: of(before), after: of(after) };
}

/** Facts with a mark in place of each value of an environment. */
function shown(facts: AuditFacts): AuditFacts {
  const { env } = facts;
  if (env === undefined || env === null || typeof env !== "object") return facts;
  return { ...facts, env: Object.fromEntries(Object.keys(env).map((name) => [name, SECRET_MARK])) };
}

/** Of a damaged job only what can be read: its stand-ins were never its own. */
function factsOf(
  { name, key, labels, scriptPath, scriptArgs, schedule, timezone, policies, damage }: Job,
): AuditFacts {
  if (damage !== null) return { name, key, scriptPath, damage };
  const facts = { name, key, labels, scriptPath, scriptArgs, schedule, timezone, ...policies };
  return Object.fromEntries(Object.entries(facts).map(([fact, value]) => [fact, plain(value)]));
}

function factsOfUser({ name, role, grants, isService, isDisabled, externalId }: User): AuditFacts {
  return {
    name,
    role,
    grants: grants.map(({ label, role }) => ({ label, role })),
    isService,
    isDisabled,
    externalId: externalId === null ? null : { ...externalId },
  };
}

/** What JSON keeps of a value. */
function plain(value: unknown): AuditValue {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

function ofJob({ id, name }: OfRuns): AuditSubject {
  return { kind: "job", id, name };
}

function factsOfWebhook({ jobId, name, kind, prefix, args, perMinute, isEnabled }: Webhook): AuditFacts {
  return { jobId, name, kind, prefix, args, perMinute, isEnabled };
}

function ofWebhook({ id, name }: Webhook): AuditSubject {
  return { kind: "webhook", id, name };
}

function ofUser({ id, name }: User): AuditSubject {
  return { kind: "user", id, name };
}
