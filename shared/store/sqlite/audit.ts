import type { AuditEvent, AuditVerdict, EpochMs } from "../../domain/mod.ts";
import { type BetweenBatches, verifyChain } from "../audit_chain.ts";
import { doneBy } from "../audit_changes.ts";
import {
  attemptsSince,
  type Chain,
  hasRoomFor,
  kindOf,
  LeftOut,
  type NewAuditEvent,
  seal,
  toAuditEvent,
  toChain,
} from "../audit_rows.ts";
import {
  type AuditAttempt,
  type AuditedChange,
  type AuditQuery,
  type AuditStore,
  MOST_OF_KNOWN,
} from "../audit_store.ts";
import type { By } from "../by.ts";
import { encodeCursor } from "../cursor.ts";
import type { LoadLists } from "../lists.ts";
import { type Page, pageOf } from "../page.ts";
import type { Connection } from "./connection.ts";

const CHAIN = "SELECT * FROM audit_chain";

const INSERT = `
  INSERT INTO audit_events (id, at, actor_kind, actor_name, user_id, token_id, address, request_id, action, subject_kind,
    subject_id, subject_name, outcome, reason, before, after, previous_hash, hash)
  VALUES (:id, :at, :actor_kind, :actor_name, :user_id, :token_id, :address, :request_id, :action, :subject_kind,
    :subject_id, :subject_name, :outcome, :reason, :before, :after, :previous_hash, :hash)`;

const MOVE = `
  INSERT INTO audit_chain (one, first_id, first_hash, last_id, last_hash)
  VALUES (1, :firstId, :firstHash, :lastId, :lastHash)
  ON CONFLICT (one) DO UPDATE SET first_id = excluded.first_id, first_hash = excluded.first_hash,
    last_id = excluded.last_id, last_hash = excluded.last_hash`;

// Index: audit_events_refused.
const REFUSED = `
  SELECT user_id, address FROM audit_events
  WHERE outcome <> 'done' AND at > :since
    AND CASE WHEN :kind IS NULL THEN actor_kind IS NOT NULL ELSE actor_kind IS NULL AND action = :kind END
  LIMIT ${MOST_OF_KNOWN}`;

// Index: the primary key.
const AFTER = "SELECT * FROM audit_events WHERE id > :after ORDER BY id LIMIT :limit";
const DELETE = "DELETE FROM audit_events WHERE id <= :id";

/** The audit list in SQLite. */
export class SqliteAudit implements AuditStore {
  readonly #db: Connection;
  readonly #lists: LoadLists;
  readonly #leftOut = new LeftOut();

  constructor(db: Connection, lists: LoadLists) {
    this.#db = db;
    this.#lists = lists;
  }

  async list(query: AuditQuery): Promise<Page<AuditEvent>> {
    const lists = await this.#lists();
    return await this.#db.read(() => {
      const { sql, parameters } = lists.audit(query);
      const events = this.#db.all(sql, parameters).map(toAuditEvent);
      return pageOf(events, query.limit, ({ id }) => encodeCursor({ order: "newest", key: null, id }));
    });
  }

  verify(between?: BetweenBatches): Promise<AuditVerdict> {
    return verifyChain({
      chain: () => this.#db.read(() => chainOf(this.#db)),
      rows: (after, limit) => this.#db.read(() => this.#db.all(AFTER, { after, limit })),
    }, between);
  }

  async append(change: AuditedChange, by: By): Promise<void> {
    await this.#db.write(() => audit(this.#db, by, change));
  }

  async record(attempt: AuditAttempt): Promise<boolean> {
    const hasRoom = () => {
      const refused = this.#db.all(REFUSED, { since: attemptsSince(attempt.now), kind: kindOf(attempt) });
      return hasRoomFor(attempt, refused);
    };
    // Most attempts beyond the limits end here, without a write.
    const isWritten = await this.#db.read(hasRoom) && await this.#db.write(() => {
      if (!hasRoom()) return false;
      append(this.#db, { ...attempt, before: null, after: null });
      return true;
    });
    if (!isWritten) this.#leftOut.add(attempt);
    const summary = isWritten ? this.#leftOut.take(attempt) : null;
    if (summary !== null) await this.#db.write(() => append(this.#db, summary));
    return isWritten;
  }

  prune({ before, limit }: { readonly before: EpochMs; readonly limit: number }): Promise<number> {
    const old = () => {
      const rows = this.#db.all(AFTER, { after: 0, limit }).map(toAuditEvent);
      const young = rows.findIndex(({ at }) => at >= before);
      return young === -1 ? rows : rows.slice(0, young);
    };
    return this.#db.read(() => old().length).then((found) =>
      found === 0 ? 0 : this.#db.write(() => {
        const events = old();
        const last = events.at(-1);
        if (last === undefined) return 0;
        this.#db.run(DELETE, { id: last.id });
        move(this.#db, { ...chainOf(this.#db), first: { id: last.id, hash: last.hash } });
        return events.length;
      })
    );
  }
}

/** Appends the event of a change, in the caller's transaction. */
export function audit(db: Connection, by: By, change: AuditedChange): void {
  append(db, doneBy(by, change));
}

function append(db: Connection, event: NewAuditEvent): void {
  const { first, last } = chainOf(db);
  const row = seal(event, last);
  db.run(INSERT, { ...row });
  move(db, { first, last: row });
}

function chainOf(db: Connection): Chain {
  return toChain(db.get(CHAIN));
}

function move(db: Connection, { first, last }: Chain): void {
  db.run(MOVE, { firstId: first.id, firstHash: first.hash, lastId: last.id, lastHash: last.hash });
}
