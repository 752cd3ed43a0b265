import {
  type EpochMs,
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
import { audit } from "./audit.ts";
import type { Connection } from "./connection.ts";

// The password that was checked must still be the one that there is: who changes theirs ends every session of the old one.
const BEGIN = `
  INSERT INTO sessions (secret_hash, user_id, method, address, user_agent, created_at, last_seen_at, expires_at)
  SELECT :secretHash, id, :method, :address, :userAgent, :now, :now, :expiresAt
  FROM users WHERE id = :userId AND is_disabled = 0 AND (:passwordHash IS NULL OR password_hash = :passwordHash)`;

const LIVE = "s.last_seen_at > :idleSince AND s.expires_at > :now";

// Index: sessions_by_secret.
const BY_SECRET = `SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.secret_hash = :secretHash`;
const FIND = `
  SELECT u.*, ${SESSION_COLUMNS}
  FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE s.secret_hash = :secretHash AND u.is_disabled = 0 AND ${LIVE}`;

const USER = "SELECT * FROM users WHERE id = :id";

const TOUCH = "UPDATE sessions SET last_seen_at = :now WHERE id = :id AND last_seen_at <= :before";

// Index: sessions_by_user.
const LIST = `
  SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.user_id = :userId AND ${LIVE} ORDER BY s.id DESC`;
const REVOKE = "DELETE FROM sessions WHERE id = :id AND user_id = :userId";
const REVOKE_ALL = "DELETE FROM sessions WHERE user_id = :userId AND id IS NOT :except";

// A session at the end of its life is not touched any more, so that it is idle soon. Index: sessions_by_use.
const OVER = "SELECT id FROM sessions WHERE last_seen_at <= :idleSince ORDER BY last_seen_at LIMIT :limit";
const PRUNE = `DELETE FROM sessions WHERE id IN (${OVER})`;

/** Sessions in SQLite. */
export class SqliteSessions implements SessionStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  begin(session: NewSession, by: By): Promise<Session | null> {
    const { now } = by;
    const { userId, secretHash, method, address, userAgent, passwordHash } = session;
    return this.#db.write(() => {
      const values = { userId, secretHash, method, address, userAgent, passwordHash };
      if (this.#db.run(BEGIN, { ...values, now, expiresAt: now + SESSION_LIFE_MS }) === 0) return null;
      const begun = toSession(this.#db.one(BY_SECRET, { secretHash }));
      audit(this.#db, by, sessionBegun(begun, this.#nameOf(userId)));
      return begun;
    });
  }

  find(secretHash: string, now: EpochMs): Promise<{ readonly session: Session; readonly user: User } | null> {
    return this.#db.read(() => {
      const row = this.#db.get(FIND, { secretHash, ...liveAt(now) });
      return row === undefined ? null : { session: toSession(row), user: toUser(row) };
    });
  }

  async touch(id: SessionId, now: EpochMs): Promise<void> {
    await this.#db.write(() => this.#db.run(TOUCH, { id, now, before: now - TOUCH_EVERY_MS }));
  }

  list(userId: UserId, now: EpochMs): Promise<readonly Session[]> {
    return this.#db.read(() => this.#db.all(LIST, { userId, ...liveAt(now) }).map(toSession));
  }

  revoke({ userId, id }: { readonly userId: UserId; readonly id: SessionId }, by: By): Promise<boolean> {
    return this.#db.write(() => {
      if (this.#db.run(REVOKE, { userId, id }) === 0) return false;
      audit(this.#db, by, sessionsEnded(id, this.#nameOf(userId), 1));
      return true;
    });
  }

  revokeAll(userId: UserId, by: By, except?: SessionId): Promise<number> {
    return this.#db.write(() => {
      const ended = endSessions(this.#db, userId, except ?? null);
      if (ended > 0) audit(this.#db, by, sessionsEnded(null, this.#nameOf(userId), ended));
      return ended;
    });
  }

  async prune({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    const pass = { idleSince: now - SESSION_IDLE_MS, limit };
    if (await this.#db.read(() => this.#db.get(OVER, pass) === undefined)) return 0;
    return await this.#db.write(() => this.#db.run(PRUNE, pass));
  }

  #nameOf(id: UserId): string {
    return toUser(this.#db.one(USER, { id })).name;
  }
}

/** Ends the sessions of a user but `except`, in the caller's transaction. Answers how many. */
export function endSessions(db: Connection, userId: UserId, except: SessionId | null): number {
  return db.run(REVOKE_ALL, { userId, except });
}

function liveAt(now: EpochMs): { readonly now: number; readonly idleSince: number } {
  return { now, idleSince: now - SESSION_IDLE_MS };
}
