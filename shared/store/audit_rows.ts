/**
 * Rows of `audit_events` and `audit_chain`, as in `rows.ts`, and how an event is sealed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  type Actor,
  ACTOR_KINDS,
  addressGroup,
  apiTokenId,
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  type AuditAction,
  type AuditEvent,
  auditEventId,
  type AuditValue,
  type EpochMs,
  userId,
} from "../domain/mod.ts";
import {
  ATTEMPTS_WITHIN_MS,
  type AuditAttempt,
  MOST_ATTEMPTS_OF_ONE,
  MOST_OF_KNOWN,
  MOST_OF_STRANGERS,
} from "./audit_store.ts";
import { instant, type Row } from "./rows.ts";

/** An event that has not been appended yet. */
export interface NewAuditEvent
  extends Pick<AuditEvent, "origin" | "action" | "subject" | "outcome" | "reason" | "before" | "after"> {
  readonly actor: Actor | null;
  readonly now: EpochMs;
}

/** The columns of an event, `at` in milliseconds. */
export interface AuditColumns {
  readonly id: number;
  readonly at: number;
  readonly actor_kind: string | null;
  readonly actor_name: string | null;
  readonly user_id: number | null;
  readonly token_id: number | null;
  readonly address: string | null;
  readonly request_id: string | null;
  readonly action: string;
  readonly subject_kind: string;
  readonly subject_id: number | null;
  readonly subject_name: string | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly previous_hash: string;
}

/** Both ends of the chain: the last event that was deleted by age, and the last one of all. */
export interface Chain {
  /** Where the kept events begin: the id and the hash of the event before the first. */
  readonly first: Link;
  /** The id and the hash of the last event. */
  readonly last: Link;
}

/** An event as the next one knows it. */
export interface Link {
  readonly id: number;
  readonly hash: string;
}

/** Comes before the first event of all. */
export const BEGINNING: Link = { id: 0, hash: "0".repeat(64) };

/** Longest text of an event but its facts: names come from people, also from those who are refused. */
const TEXT_MAX = 500;

const value: z.ZodType<AuditValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(value), z.record(z.string(), value)])
);
const facts = z.string().transform((text) => z.record(z.string(), value).parse(JSON.parse(text))).nullable();

const columns = z.object({
  id: z.number(),
  at: z.number(),
  actor_kind: z.string().nullable(),
  actor_name: z.string().nullable(),
  user_id: z.number().nullable(),
  token_id: z.number().nullable(),
  address: z.string().nullable(),
  request_id: z.string().nullable(),
  action: z.string(),
  subject_kind: z.string(),
  subject_id: z.number().nullable(),
  subject_name: z.string().nullable(),
  outcome: z.string(),
  reason: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  previous_hash: z.string(),
});

const eventRow = z.object({
  id: z.number().transform(auditEventId),
  at: instant,
  actor_kind: z.enum(ACTOR_KINDS).nullable(),
  actor_name: z.string().nullable(),
  user_id: z.number().transform(userId).nullable(),
  token_id: z.number().transform(apiTokenId).nullable(),
  address: z.string().nullable(),
  request_id: z.string().nullable(),
  action: z.enum(AUDIT_ACTIONS),
  subject_kind: z.enum(AUDIT_SUBJECT_KINDS),
  subject_id: z.number().nullable(),
  subject_name: z.string().nullable(),
  outcome: z.enum(AUDIT_OUTCOMES),
  reason: z.string().nullable(),
  before: facts,
  after: facts,
  previous_hash: z.string(),
  hash: z.string(),
});

const chainRow = z.object({
  first_id: z.number(),
  first_hash: z.string(),
  last_id: z.number(),
  last_hash: z.string(),
});

/** A row of `audit_events`. */
export function toAuditEvent(row: Row): AuditEvent {
  const r = eventRow.parse(row);
  return {
    id: r.id,
    at: r.at,
    actor: r.actor_kind === null || r.actor_name === null
      ? null
      : { kind: r.actor_kind, name: r.actor_name, userId: r.user_id, tokenId: r.token_id },
    origin: { address: r.address, requestId: r.request_id },
    action: r.action,
    subject: { kind: r.subject_kind, id: r.subject_id, name: r.subject_name },
    outcome: r.outcome,
    reason: r.reason,
    before: r.before,
    after: r.after,
    previousHash: r.previous_hash,
    hash: r.hash,
  };
}

/** The row of `audit_chain`; absent: nothing was ever appended. */
export function toChain(row: Row | undefined): Chain {
  if (row === undefined) return { first: BEGINNING, last: BEGINNING };
  const r = chainRow.parse(row);
  return { first: { id: r.first_id, hash: r.first_hash }, last: { id: r.last_id, hash: r.last_hash } };
}

/** The columns of an event that follows `last`, and its hash. */
export function seal(event: NewAuditEvent, last: Link): AuditColumns & { readonly hash: string } {
  const { actor, origin, subject } = event;
  const sealed: AuditColumns = {
    id: last.id + 1,
    at: event.now,
    actor_kind: actor?.kind ?? null,
    actor_name: short(actor?.name ?? null),
    user_id: actor !== null && "userId" in actor ? actor.userId : null,
    token_id: actor?.kind === "token" ? actor.tokenId : null,
    address: short(origin.address),
    request_id: short(origin.requestId),
    action: event.action,
    subject_kind: subject.kind,
    subject_id: subject.id,
    subject_name: short(subject.name),
    outcome: event.outcome,
    reason: short(event.reason),
    before: event.before === null ? null : JSON.stringify(event.before),
    after: event.after === null ? null : JSON.stringify(event.after),
    previous_hash: last.hash,
  };
  return { ...sealed, hash: hashOfColumns(sealed) };
}

/** The hash that a row of `audit_events` must have. */
export function hashOfRow(row: Row): string {
  return hashOfColumns(columns.parse(row));
}

/** Whether an attempt is still to be recorded after those `recent` of its kind: rows with `user_id` and `address`. */
export function hasRoomFor({ actor, origin }: AuditAttempt, recent: readonly Row[]): boolean {
  const user = actor !== null && "userId" in actor ? actor.userId : null;
  const network = networkOf(origin.address);
  const ofOne = recent.filter((row) =>
    user === null ? row["user_id"] === null && networkOf(row["address"]) === network : row["user_id"] === user
  );
  return recent.length < (actor === null ? MOST_OF_STRANGERS : MOST_OF_KNOWN) && ofOne.length < MOST_ATTEMPTS_OF_ONE;
}

/** Which attempts share a limit: those of who is known; of strangers those of one action, which is answered. Null: of who is known. */
export function kindOf({ actor, action }: AuditAttempt): AuditAction | null {
  return actor === null ? action : null;
}

/** The attempts of each kind that were not written, counted in this process. */
export class LeftOut {
  readonly #counts = new Map<AuditAction | null, number>();

  /** Counts one that is not written. */
  add(attempt: AuditAttempt): void {
    const kind = kindOf(attempt);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** The event that says how many of the kind of `attempt`, which is written now, were not; null: none was left out. */
  take(attempt: AuditAttempt): NewAuditEvent | null {
    const kind = kindOf(attempt);
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.delete(kind);
    if (count === 0) return null;
    const { actor, now, action, outcome } = attempt;
    const reason = `${count} more ${count === 1 ? "attempt" : "attempts"} before this one ${
      count === 1 ? "was" : "were"
    } not written: too many were refused within an hour. The log has them`;
    const about = { subject: { kind: "system", id: null, name: null }, before: null, after: null } as const;
    const by = actor === null ? null : { kind: "service", name: "portal" } as const;
    return { actor: by, now, origin: { address: null, requestId: null }, action, outcome, reason, ...about };
  }
}

function networkOf(address: unknown): string | null {
  return typeof address === "string" ? addressGroup(address) : null;
}

/** Since when attempts count against the limits. */
export function attemptsSince(now: number): number {
  return now - ATTEMPTS_WITHIN_MS;
}

function hashOfColumns(c: AuditColumns): string {
  // The order of the columns is part of what is hashed: it never changes.
  const canonical = JSON.stringify([
    ...[c.id, c.at, c.actor_kind, c.actor_name, c.user_id, c.token_id, c.address, c.request_id, c.action],
    ...[c.subject_kind, c.subject_id, c.subject_name, c.outcome, c.reason, c.before, c.after, c.previous_hash],
  ]);
  return createHash("sha256").update(canonical).digest("hex");
}

/** As every database takes it: without a NUL and half characters. */
function short(text: string | null): string | null {
  return text === null ? null : text.slice(0, TEXT_MAX).toWellFormed().replaceAll("\0", "\uFFFD");
}
