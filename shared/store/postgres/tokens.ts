import {
  type ApiToken,
  type ApiTokenId,
  type EpochMs,
  epochMs,
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
import { type Connection, statement } from "./connection.ts";
import { instant, json, text } from "./values.ts";

const INSERT = statement(`
  INSERT INTO api_tokens AS t (token_hash, user_id, name, prefix, scopes, labels, created_at, expires_at)
  SELECT $2, id, $3, $4, $5, $6, $7, $8 FROM users WHERE id = $1
  RETURNING ${TOKEN_COLUMNS}`);

// Locked, so that of two at once the second counts the token of the first.
const LOCK_USER = statement("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE");

// Index: api_tokens_by_user.
const IN_FORCE = statement(`
  SELECT count(*) AS n FROM api_tokens
  WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`);

const SELECT = `SELECT ${TOKEN_COLUMNS} FROM api_tokens t`;

const GET = statement(`${SELECT} WHERE t.id = $1`);

// Index: api_tokens_by_hash.
const BY_HASH = statement(`${SELECT} WHERE t.token_hash = $1`);
const FIND = statement(`
  SELECT u.*, ${TOKEN_COLUMNS}
  FROM api_tokens t JOIN users u ON u.id = t.user_id
  WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2) AND NOT u.is_disabled`);

const TOUCH = statement(
  "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
);

// Index: the primary key, or api_tokens_by_user.
const LIST = statement(`${SELECT} WHERE t.id < $1 ORDER BY t.id DESC LIMIT $2`);
const LIST_OF_USER = statement(`${SELECT} WHERE t.user_id = $3 AND t.id < $1 ORDER BY t.id DESC LIMIT $2`);

const REVOKE = statement(`
  UPDATE api_tokens t SET revoked_at = $3 WHERE t.id = $2 AND t.user_id = $1 AND t.revoked_at IS NULL
  RETURNING ${TOKEN_COLUMNS}`);

// Tokens are few, revoked ones fewer.
const PRUNE = statement(`
  WITH gone AS (
    DELETE FROM api_tokens WHERE id = ANY(ARRAY(
      SELECT id FROM api_tokens WHERE revoked_at < $1 OR expires_at < $1 ORDER BY id LIMIT $2))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

/** API tokens in PostgreSQL. */
export class PostgresTokens implements ApiTokenStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  create(token: NewApiToken, by: By): Promise<ApiToken> {
    const { userId, tokenHash, name, prefix, scopes, labels, expiresAt } = token;
    const limits = [json(scopes), labels === null ? null : json(labels)];
    const values = [userId, tokenHash, text(name), prefix, ...limits, instant(by.now), instant(expiresAt)];
    return this.#db.transaction(async (tx) => {
      await tx.all(LOCK_USER, [userId]);
      const [count = {}] = await tx.all(IN_FORCE, [userId, instant(by.now)]);
      if (toNumber(count) >= MAX_TOKENS) throw tooManyTokens();
      const [row] = await tx.all(INSERT, values);
      if (row === undefined) throw noUser(userId);
      const made = toApiToken(row);
      await audit(tx, by, tokenChanged("tokens.create", made));
      return made;
    });
  }

  async get(id: ApiTokenId): Promise<ApiToken | null> {
    const [row] = await this.#db.all(GET, [id]);
    return row === undefined ? null : toApiToken(row);
  }

  async find(tokenHash: string, now: EpochMs): Promise<{ readonly token: ApiToken; readonly user: User } | null> {
    const [row] = await this.#db.all(FIND, [tokenHash, instant(now)]);
    return row === undefined ? null : { token: toApiToken(row), user: toUser(row) };
  }

  async findAny(tokenHash: string): Promise<ApiToken | null> {
    const [row] = await this.#db.all(BY_HASH, [tokenHash]);
    return row === undefined ? null : toApiToken(row);
  }

  async touch(id: ApiTokenId, now: EpochMs): Promise<void> {
    await this.#db.all(TOUCH, [id, instant(now), instant(epochMs(now - TOUCH_EVERY_MS))]);
  }

  async list(
    { userId, cursor, limit }: { readonly userId?: UserId; readonly cursor?: string; readonly limit: number },
  ): Promise<Page<ApiToken>> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(cursor, "newest").id;
    const page = [before, limit + 1];
    const rows = userId === undefined
      ? await this.#db.all(LIST, page)
      : await this.#db.all(LIST_OF_USER, [...page, userId]);
    return pageOf(rows.map(toApiToken), limit, ({ id }) => encodeCursor({ order: "newest", key: null, id }));
  }

  revoke({ userId, id }: { readonly userId: UserId; readonly id: ApiTokenId }, by: By): Promise<boolean> {
    return this.#db.transaction(async (tx) => {
      const [row] = await tx.all(REVOKE, [userId, id, instant(by.now)]);
      if (row === undefined) return false;
      await audit(tx, by, tokenChanged("tokens.revoke", toApiToken(row)));
      return true;
    });
  }

  async prune({ before, limit }: { readonly before: EpochMs; readonly limit: number }): Promise<number> {
    const [row = {}] = await this.#db.all(PRUNE, [instant(before), limit]);
    return toNumber(row);
  }
}
