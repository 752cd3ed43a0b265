import { type AuditEvent, type AuditVerdict, type EpochMs, epochMs } from "../../domain/mod.ts";
import { type BetweenBatches, verifyChain } from "../audit_chain.ts";
import { doneBy } from "../audit_changes.ts";
import {
  attemptsSince,
  BEGINNING,
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
import { type Connection, type Session, statement } from "./connection.ts";
import { instant } from "./values.ts";

const CHAIN = statement("SELECT * FROM audit_chain");

// Makes the row or locks it, and answers what it has once nobody else holds it: so appends follow one another.
const LOCK = statement(`
  INSERT INTO audit_chain AS c (one, first_id, first_hash, last_id, last_hash)
  VALUES (1, 0, '${BEGINNING.hash}', 0, '${BEGINNING.hash}')
  ON CONFLICT (one) DO UPDATE SET one = c.one
  RETURNING *`);

const INSERT = statement(`
  WITH chain AS (UPDATE audit_chain SET last_id = $1, last_hash = $18)
  INSERT INTO audit_events (id, at, actor_kind, actor_name, user_id, token_id, address, request_id, action, subject_kind,
    subject_id, subject_name, outcome, reason, before, after, previous_hash, hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`);

// Index: audit_events_refused.
const REFUSED = statement(`
  SELECT user_id, address FROM audit_events
  WHERE outcome <> 'done' AND at > $1
    AND CASE WHEN $2::text IS NULL THEN actor_kind IS NOT NULL ELSE actor_kind IS NULL AND action = $2 END
  LIMIT ${MOST_OF_KNOWN}`);

// Index: the primary key.
const AFTER = statement("SELECT * FROM audit_events WHERE id > $1 ORDER BY id LIMIT $2");
const DELETE = statement(`
  WITH chain AS (UPDATE audit_chain SET first_id = $1, first_hash = $2)
  DELETE FROM audit_events WHERE id <= $1`);

/** The audit list in PostgreSQL. */
export class PostgresAudit implements AuditStore {
  readonly #db: Connection;
  readonly #lists: LoadLists;
  readonly #leftOut = new LeftOut();

  constructor(db: Connection, lists: LoadLists) {
    this.#db = db;
    this.#lists = lists;
  }

  async list(query: AuditQuery): Promise<Page<AuditEvent>> {
    const lists = await this.#lists();
    const { sql, parameters } = lists.audit(query);
    const events = (await this.#db.all(sql, parameters)).map(toAuditEvent);
    return pageOf(events, query.limit, ({ id }) => encodeCursor({ order: "newest", key: null, id }));
  }

  verify(between?: BetweenBatches): Promise<AuditVerdict> {
    return verifyChain({
      chain: async () => toChain((await this.#db.all(CHAIN))[0]),
      rows: (after, limit) => this.#db.all(AFTER, [after, limit]),
    }, between);
  }

  async append(change: AuditedChange, by: By): Promise<void> {
    await this.#db.transaction((tx) => audit(tx, by, change));
  }

  async record(attempt: AuditAttempt): Promise<boolean> {
    const since = instant(epochMs(attemptsSince(attempt.now)));
    const hasRoom = async (session: Session) =>
      hasRoomFor(attempt, await session.all(REFUSED, [since, kindOf(attempt)]));
    // Most attempts beyond the limits end here, without a lock.
    const isWritten = await hasRoom(this.#db) && await this.#db.transaction(async (tx) => {
      // Locked before they are counted: of two at once the second counts the first.
      const chain = await lock(tx);
      if (!await hasRoom(tx)) return false;
      await write(tx, { ...attempt, before: null, after: null }, chain);
      return true;
    });
    if (!isWritten) this.#leftOut.add(attempt);
    const summary = isWritten ? this.#leftOut.take(attempt) : null;
    if (summary !== null) await this.#db.transaction(async (tx) => await write(tx, summary, await lock(tx)));
    return isWritten;
  }

  prune({ before, limit }: { readonly before: EpochMs; readonly limit: number }): Promise<number> {
    return this.#db.transaction(async (tx) => {
      const rows = (await tx.all(AFTER, [0, limit])).map(toAuditEvent);
      const young = rows.findIndex(({ at }) => at >= before);
      const old = young === -1 ? rows : rows.slice(0, young);
      const last = old.at(-1);
      if (last === undefined) return 0;
      const { first } = await lock(tx);
      // Another scheduler has been here.
      if (first.id >= last.id) return 0;
      await tx.all(DELETE, [last.id, last.hash]);
      return old.length;
    });
  }
}

/** Appends the event of a change, in the caller's transaction and as the last thing it does: it holds up all who append. */
export async function audit(tx: Session, by: By, change: AuditedChange): Promise<void> {
  await write(tx, doneBy(by, change), await lock(tx));
}

async function lock(tx: Session): Promise<Chain> {
  return toChain((await tx.all(LOCK))[0]);
}

async function write(tx: Session, event: NewAuditEvent, { last }: Chain): Promise<void> {
  const row = seal(event, last);
  await tx.all(INSERT, [
    row.id,
    instant(epochMs(row.at)),
    ...[row.actor_kind, row.actor_name, row.user_id, row.token_id, row.address, row.request_id, row.action],
    ...[row.subject_kind, row.subject_id, row.subject_name, row.outcome, row.reason, row.before, row.after],
    ...[row.previous_hash, row.hash],
  ]);
}
