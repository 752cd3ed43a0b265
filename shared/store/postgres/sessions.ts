import {
  type EpochMs,
  epochMs,
  type Session,
  SESSION_IDLE_MS,
  SESSION_LIFE_MS,
  type SessionId,
  TOUCH_EVERY_MS,
  type User,
  type UserId,
} from "../../domain/mod.ts";
import { SESSION_COLUMNS, toSession, toUser } from "../account_rows.ts";
import type { NewSession, SessionStore } from "../account_store.ts";
import { sessionBegun, sessionsEnded } from "../audit_changes.ts";
import type { By } from "../by.ts";
import { toNumber } from "../rows.ts";
import { audit } from "./audit.ts";
import { type Connection, type Session as Transaction, statement } from "./connection.ts";
import { instant, text } from "./values.ts";

// The password that was checked must still be the one that there is: who changes theirs ends every session of the old one. SHARE
// waits for a change that has not been committed, whose deletion would not see this session.
const BEGIN = statement(`
  WITH found AS (
    SELECT id FROM users WHERE id = $1 AND NOT is_disabled AND ($8::text IS NULL OR password_hash = $8) FOR SHARE
  )
  INSERT INTO sessions AS s (secret_hash, user_id, method, address, user_agent, created_at, last_seen_at, expires_at)
  SELECT $2, id, $3, $4, $5, $6, $6, $7 FROM found
  RETURNING ${SESSION_COLUMNS}`);

// Index: sessions_by_secret. $2: now, $3: idle since.
const FIND = statement(`
  SELECT u.*, ${SESSION_COLUMNS}
  FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE s.secret_hash = $1 AND NOT u.is_disabled AND s.last_seen_at > $3 AND s.expires_at > $2`);

const USER = statement("SELECT * FROM users WHERE id = $1");

const TOUCH = statement("UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at <= $3");

// Index: sessions_by_user.
const LIST = statement(`
  SELECT ${SESSION_COLUMNS} FROM sessions s
  WHERE s.user_id = $1 AND s.last_seen_at > $3 AND s.expires_at > $2 ORDER BY s.id DESC`);
const REVOKE = statement("DELETE FROM sessions WHERE id = $2 AND user_id = $1 RETURNING 1");
const REVOKE_ALL = statement("DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2 RETURNING 1");

// A session at the end of its life is not touched any more, so that it is idle soon. Index: sessions_by_use.
const PRUNE = statement(`
  WITH gone AS (
    DELETE FROM sessions WHERE id = ANY(ARRAY(
      SELECT id FROM sessions WHERE last_seen_at <= $1 ORDER BY last_seen_at LIMIT $2))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

/** Sessions in PostgreSQL. */
export class PostgresSessions implements SessionStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  begin(session: NewSession, by: By): Promise<Session | null> {
    const { now } = by;
    const { userId, secretHash, method, address, userAgent, passwordHash } = session;
    const times = [instant(now), instant(epochMs(now + SESSION_LIFE_MS))];
    const values = [userId, secretHash, method, text(address), text(userAgent), ...times, passwordHash];
    return this.#db.transaction(async (tx) => {
      const [row] = await tx.all(BEGIN, values);
      if (row === undefined) return null;
      const begun = toSession(row);
      await audit(tx, by, sessionBegun(begun, await nameOf(tx, userId)));
      return begun;
    });
  }

  async find(secretHash: string, now: EpochMs): Promise<{ readonly session: Session; readonly user: User } | null> {
    const [row] = await this.#db.all(FIND, [secretHash, ...liveAt(now)]);
    return row === undefined ? null : { session: toSession(row), user: toUser(row) };
  }

  async touch(id: SessionId, now: EpochMs): Promise<void> {
    await this.#db.all(TOUCH, [id, instant(now), instant(epochMs(now - TOUCH_EVERY_MS))]);
  }

  async list(userId: UserId, now: EpochMs): Promise<readonly Session[]> {
    return (await this.#db.all(LIST, [userId, ...liveAt(now)])).map(toSession);
  }

  revoke({ userId, id }: { readonly userId: UserId; readonly id: SessionId }, by: By): Promise<boolean> {
    return this.#db.transaction(async (tx) => {
      if ((await tx.all(REVOKE, [userId, id])).length === 0) return false;
      await audit(tx, by, sessionsEnded(id, await nameOf(tx, userId), 1));
      return true;
    });
  }

  revokeAll(userId: UserId, by: By, except?: SessionId): Promise<number> {
    return this.#db.transaction(async (tx) => {
      const ended = await endSessions(tx, userId, except ?? null);
      if (ended > 0) await audit(tx, by, sessionsEnded(null, await nameOf(tx, userId), ended));
      return ended;
    });
  }

  async prune({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    const [row = {}] = await this.#db.all(PRUNE, [instant(epochMs(now - SESSION_IDLE_MS)), limit]);
    return toNumber(row);
  }
}

async function nameOf(tx: Transaction, id: UserId): Promise<string> {
  const [row = {}] = await tx.all(USER, [id]);
  return toUser(row).name;
}

/** Ends the sessions of a user but `except`, in the caller's transaction. Answers how many. */
export async function endSessions(db: Transaction, userId: UserId, except: SessionId | null): Promise<number> {
  return (await db.all(REVOKE_ALL, [userId, except])).length;
}

function liveAt(now: EpochMs): readonly string[] {
  return [instant(now), instant(epochMs(now - SESSION_IDLE_MS))];
}
