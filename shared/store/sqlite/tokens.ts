import {
  type ApiToken,
  type ApiTokenId,
  type EpochMs,
  MAX_TOKENS,
  TOUCH_EVERY_MS,
  type User,
  type UserId,
} from "../../domain/mod.ts";
import { toApiToken, TOKEN_COLUMNS, toUser } from "../account_rows.ts";
import type { ApiTokenStore, NewApiToken } from "../account_store.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type Page, pageOf } from "../page.ts";
import { noUser, tooManyTokens } from "../refusals.ts";
import { tokenChanged } from "../audit_changes.ts";
import type { By } from "../by.ts";
import { toNumber } from "../rows.ts";
import { audit } from "./audit.ts";
import type { Connection } from "./connection.ts";

const INSERT = `
  INSERT INTO api_tokens (token_hash, user_id, name, prefix, scopes, labels, created_at, expires_at)
  SELECT :tokenHash, id, :name, :prefix, :scopes, :labels, :now, :expiresAt FROM users WHERE id = :userId`;

// Index: api_tokens_by_user.
const IN_FORCE = `
  SELECT count(*) AS n FROM api_tokens
  WHERE user_id = :userId AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)`;

const SELECT = `SELECT ${TOKEN_COLUMNS} FROM api_tokens t`;

const GET = `${SELECT} WHERE t.id = :id`;

// Index: api_tokens_by_hash.
const BY_HASH = `${SELECT} WHERE t.token_hash = :tokenHash`;
const FIND = `
  SELECT u.*, ${TOKEN_COLUMNS}
  FROM api_tokens t JOIN users u ON u.id = t.user_id
  WHERE t.token_hash = :tokenHash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)
    AND u.is_disabled = 0`;

const TOUCH = `
  UPDATE api_tokens SET last_used_at = :now WHERE id = :id AND (last_used_at IS NULL OR last_used_at <= :before)`;

// Index: the primary key, or api_tokens_by_user.
const LIST = `${SELECT} WHERE t.id < :before ORDER BY t.id DESC LIMIT :limit`;
const LIST_OF_USER = `${SELECT} WHERE t.user_id = :userId AND t.id < :before ORDER BY t.id DESC LIMIT :limit`;

const REVOKE = "UPDATE api_tokens SET revoked_at = :now WHERE id = :id AND user_id = :userId AND revoked_at IS NULL";

// Tokens are few, revoked ones fewer.
const OLD = "SELECT id FROM api_tokens WHERE revoked_at < :before OR expires_at < :before LIMIT :limit";
const PRUNE = `DELETE FROM api_tokens WHERE id IN (${OLD})`;

/** API tokens in SQLite. */
export class SqliteTokens implements ApiTokenStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  create({ scopes, labels, ...token }: NewApiToken, by: By): Promise<ApiToken> {
    const { now } = by;
    const { userId, tokenHash, name, prefix, expiresAt } = token;
    return this.#db.write(() => {
      if (toNumber(this.#db.one(IN_FORCE, { userId, now })) >= MAX_TOKENS) throw tooManyTokens();
      const values = { userId, tokenHash, name, prefix, expiresAt, now, scopes: JSON.stringify(scopes) };
      const isMade = this.#db.run(INSERT, { ...values, labels: labels === null ? null : JSON.stringify(labels) }) === 1;
      if (!isMade) throw noUser(userId);
      const made = toApiToken(this.#db.one(BY_HASH, { tokenHash }));
      audit(this.#db, by, tokenChanged("tokens.create", made));
      return made;
    });
  }

  get(id: ApiTokenId): Promise<ApiToken | null> {
    return this.#db.read(() => {
      const row = this.#db.get(GET, { id });
      return row === undefined ? null : toApiToken(row);
    });
  }

  find(tokenHash: string, now: EpochMs): Promise<{ readonly token: ApiToken; readonly user: User } | null> {
    return this.#db.read(() => {
      const row = this.#db.get(FIND, { tokenHash, now });
      return row === undefined ? null : { token: toApiToken(row), user: toUser(row) };
    });
  }

  findAny(tokenHash: string): Promise<ApiToken | null> {
    return this.#db.read(() => {
      const row = this.#db.get(BY_HASH, { tokenHash });
      return row === undefined ? null : toApiToken(row);
    });
  }

  async touch(id: ApiTokenId, now: EpochMs): Promise<void> {
    await this.#db.write(() => this.#db.run(TOUCH, { id, now, before: now - TOUCH_EVERY_MS }));
  }

  async list(
    { userId, cursor, limit }: { readonly userId?: UserId; readonly cursor?: string; readonly limit: number },
  ): Promise<Page<ApiToken>> {
    const page = {
      before: cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(cursor, "newest").id,
      limit: limit + 1,
    };
    const rows = await this.#db.read(() =>
      userId === undefined ? this.#db.all(LIST, page) : this.#db.all(LIST_OF_USER, { ...page, userId })
    );
    return pageOf(rows.map(toApiToken), limit, ({ id }) => encodeCursor({ order: "newest", key: null, id }));
  }

  revoke({ userId, id }: { readonly userId: UserId; readonly id: ApiTokenId }, by: By): Promise<boolean> {
    return this.#db.write(() => {
      if (this.#db.run(REVOKE, { userId, id, now: by.now }) === 0) return false;
      audit(this.#db, by, tokenChanged("tokens.revoke", toApiToken(this.#db.one(GET, { id }))));
      return true;
    });
  }

  async prune(pass: { readonly before: EpochMs; readonly limit: number }): Promise<number> {
    const { before, limit } = pass;
    if (await this.#db.read(() => this.#db.get(OLD, { before, limit }) === undefined)) return 0;
    return await this.#db.write(() => this.#db.run(PRUNE, { before, limit }));
  }
}
