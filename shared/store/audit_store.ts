/**
 * The part of the store's contract that keeps the audit list.
 *
 * Each change that people make appends its event in its own transaction, as the last thing that the transaction does: a change that
 * fails leaves no event, and no change is without one. Appends follow one another, so that there is one chain however many processes
 * write. Deletion by age takes the oldest events; the chain then begins with the hash of the last one deleted.
 *
 * @module
 */
import type {
  Actor,
  AuditAction,
  AuditEvent,
  AuditOutcome,
  AuditSubject,
  AuditSubjectKind,
  AuditVerdict,
  EpochMs,
  Origin,
} from "../domain/mod.ts";
import type { By } from "./by.ts";
import type { Page } from "./page.ts";

/** Within what time the attempts that changed nothing are counted: an hour. */
export const ATTEMPTS_WITHIN_MS = 3_600_000;
/** Most attempts of one user, or of one network where nobody is known, that are recorded within {@linkcode ATTEMPTS_WITHIN_MS}. */
export const MOST_ATTEMPTS_OF_ONE = 60;
/** Most attempts of one action by all whom nobody knows, within {@linkcode ATTEMPTS_WITHIN_MS}. */
export const MOST_OF_STRANGERS = 300;
/** Most attempts of all who are known, within {@linkcode ATTEMPTS_WITHIN_MS}: strangers take nothing of it. */
export const MOST_OF_KNOWN = 1000;

/** The audit list. */
export interface AuditStore {
  /** Newest first. */
  list(query: AuditQuery): Promise<Page<AuditEvent>>;
  /**
   * Walks the whole list and names the first event that is not what was written. Between batches of events it awaits `between`, which
   * is given how many events were right so far: there a process with other work rests, or throws and so ends the walk.
   */
  verify(between?: (events: number) => Promise<void>): Promise<AuditVerdict>;
  /** Appends the event of what is done but changes no row: somebody got in without a session. */
  append(change: AuditedChange, by: By): Promise<void>;
  /**
   * Appends the event of an attempt that changed nothing. Beyond {@linkcode MOST_ATTEMPTS_OF_ONE}, and {@linkcode MOST_OF_STRANGERS}
   * or {@linkcode MOST_OF_KNOWN}, it writes nothing, so that nobody can fill the disk by being refused; the next event of the same kind
   * that is written follows one that says how many were not. Answers whether it wrote.
   */
  record(attempt: AuditAttempt): Promise<boolean>;
  /** Deletes up to `limit` events from the beginning of the list, as far as they are older than `before`. Answers how many. */
  prune(pass: { readonly before: EpochMs; readonly limit: number }): Promise<number>;
}

/** A change, without who made it. */
export type AuditedChange = Pick<AuditEvent, "action" | "subject" | "before" | "after">;

/** An attempt that changed nothing. */
export interface AuditAttempt {
  /** Who tried; null: nobody who was known. */
  readonly actor: Actor | null;
  /** When. */
  readonly now: EpochMs;
  /** From where. */
  readonly origin: Origin;
  /** What was tried. */
  readonly action: AuditAction;
  /** What it is about. */
  readonly subject: AuditSubject;
  /** What became of it. */
  readonly outcome: Exclude<AuditOutcome, "done">;
  /** Why. */
  readonly reason: string;
}

/** The filters of the audit list. */
export interface AuditQuery {
  /** The name of the actor, exactly; absent: anybody. */
  readonly actor?: string;
  /** Absent: any. */
  readonly action?: AuditAction;
  /** All of one kind, or one by its id; absent: any. */
  readonly subject?: { readonly kind: AuditSubjectKind; readonly id?: number };
  /** Absent: any. */
  readonly outcome?: AuditOutcome;
  /** Not before this instant; absent: from the beginning. */
  readonly since?: EpochMs;
  /** Before this instant; absent: to the end. */
  readonly until?: EpochMs;
  /** The end of the page before, its `next`; absent: the first page. */
  readonly cursor?: string;
  /** 1…200. */
  readonly limit: number;
}
