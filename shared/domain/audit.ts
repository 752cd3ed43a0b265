/**
 * The audit list: who changed what, when and from where; who was denied it; and who failed to sign in. Each event carries a hash of
 * itself and of the event before it, so that no event can be changed, removed or inserted unseen.
 *
 * @module
 */
import type { ApiTokenId, UserId } from "./account.ts";
import type { Origin, RecordedActor } from "./actor.ts";
import { positive } from "./_positive.ts";
import type { Brand, EpochMs } from "./brand.ts";
import { type Permission, PERMISSIONS } from "./permission.ts";

/** Id of a row in `audit_events`: one more than that of the event before. */
export type AuditEventId = Brand<number, "AuditEventId">;

/** The event id `value`. @throws {RangeError} when it is not a positive whole number. */
export function auditEventId(value: number): AuditEventId {
  return positive(value, "audit event") as AuditEventId;
}

/** What an event is about; `system` is the installation itself. */
export const AUDIT_SUBJECT_KINDS = [
  "job",
  "run",
  "user",
  "session",
  "token",
  "worker",
  "webhook",
  "channel",
  "alert",
  "incident",
  "view",
  "setting",
  "system",
] as const;

/** One of {@linkcode AUDIT_SUBJECT_KINDS}. */
export type AuditSubjectKind = typeof AUDIT_SUBJECT_KINDS[number];

/** What an action is about. */
export interface AuditSubject {
  /** What it is. */
  readonly kind: AuditSubjectKind;
  /** Its id; null: it has none, or none yet. */
  readonly id: number | null;
  /** What people called it at that time; null: nothing. Of a run it is the name of the job, of a session that of the user. */
  readonly name: string | null;
}

/** Actions that no permission has the name of. */
export const NAMED_ACTIONS = [
  "jobs.create",
  "jobs.rollback",
  "jobs.resume",
  "jobs.backfill",
  "jobs.bulk",
  "users.create",
  "users.disable",
  "users.enable",
  "users.password",
  "session.begin",
  "session.end",
  "tokens.create",
  "tokens.revoke",
  "tokens.use",
  "webhooks.create",
  "webhooks.rotate",
  "webhooks.disable",
  "webhooks.enable",
  "webhooks.delete",
  "webhooks.receive",
  "alerts.create",
  "alerts.delete",
  "alerts.snooze",
  "alerts.test",
  "alerts.channels.create",
  "alerts.channels.delete",
  "alerts.channels.test",
  "workers.resume",
  "views.save",
  "views.delete",
] as const;

/** What can be done. A denied action has the name of the permission that it takes. */
export const AUDIT_ACTIONS: readonly (Permission | typeof NAMED_ACTIONS[number])[] = [...PERMISSIONS, ...NAMED_ACTIONS];

/** One of {@linkcode AUDIT_ACTIONS}. */
export type AuditAction = typeof AUDIT_ACTIONS[number];

/** `done`: it was changed; `denied`: the actor may not; `failed`: nobody proved who they are. */
export const AUDIT_OUTCOMES = ["done", "denied", "failed"] as const;

/** One of {@linkcode AUDIT_OUTCOMES}. */
export type AuditOutcome = typeof AUDIT_OUTCOMES[number];

/** A value of {@linkcode AuditFacts}. */
export type AuditValue = string | number | boolean | null | readonly AuditValue[] | AuditFacts;

/** Facts about a subject, by name, without secret values. */
export interface AuditFacts {
  /** A fact: its name and its value. */
  readonly [name: string]: AuditValue;
}

/** Stands in place of a secret value. */
export const SECRET_MARK = "(secret)";

/** Who acted, as an event keeps it: the ids stay when the account is gone. */
export interface AuditActor extends RecordedActor {
  /** The user who acted, or whose token did; null: neither. */
  readonly userId: UserId | null;
  /** The token that acted; null: none. */
  readonly tokenId: ApiTokenId | null;
}

/** An event of the audit list. */
export interface AuditEvent {
  /** Events have consecutive ids. */
  readonly id: AuditEventId;
  /** When, in the database's time. */
  readonly at: EpochMs;
  /** Null: nobody who was known. */
  readonly actor: AuditActor | null;
  /** From where. */
  readonly origin: Origin;
  /** What was done, or tried. */
  readonly action: AuditAction;
  /** What it is about. */
  readonly subject: AuditSubject;
  /** What became of it. */
  readonly outcome: AuditOutcome;
  /** Why it was denied, or how it failed; null: it was done. */
  readonly reason: string | null;
  /** What was changed, as it was; null: nothing, or there was nothing before. */
  readonly before: AuditFacts | null;
  /** What was changed, as it is; null: nothing, or nothing is there any more. */
  readonly after: AuditFacts | null;
  /** The hash of the event before; of the first one, 64 zeros. */
  readonly previousHash: string;
  /** SHA-256 over this event and `previousHash`, in hexadecimal. */
  readonly hash: string;
}

/** How an audit list is not what was written. */
export const AUDIT_FAULTS = ["changed", "missing", "inserted", "unlinked"] as const;

/** One of {@linkcode AUDIT_FAULTS}. */
export type AuditFault = typeof AUDIT_FAULTS[number];

/** What became of a check of the audit list. */
export type AuditVerdict =
  /** Every event is what was written. The hash is that of the last one; null: none was ever written. */
  | {
    readonly isIntact: true;
    readonly events: number;
    readonly last: { readonly id: number; readonly hash: string } | null;
  }
  /** The first event that is wrong. `unlinked`: it does not follow from the one before, of which it keeps another hash. */
  | { readonly isIntact: false; readonly id: number; readonly fault: AuditFault };
