import { type ExternalId, type User, type UserId, userNameKey } from "../../domain/mod.ts";
import { changedUser, toCredentials, toUser } from "../account_rows.ts";
import type { Credentials, NewUser, UserChange, UserStore } from "../account_store.ts";
import { userChanged, userMade } from "../audit_changes.ts";
import type { By } from "../by.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type Page, pageOf } from "../page.ts";
import { externalTaken, hasAdministrator, lastAdmin, nameTaken, noUser } from "../refusals.ts";
import { toNumber } from "../rows.ts";
import { audit } from "./audit.ts";
import type { Connection } from "./connection.ts";
import { endSessions } from "./sessions.ts";

const GET = "SELECT * FROM users WHERE id = :id";

// Index: users_by_name.
const BY_NAME = "SELECT * FROM users WHERE name_key = :key";
const LIST = "SELECT * FROM users WHERE name_key > :after ORDER BY name_key LIMIT :limit";

// Index: users_by_subject.
const BY_SUBJECT = "SELECT * FROM users WHERE issuer = :issuer AND subject = :subject";

// Index: users_admins.
const HAS_ADMIN = `SELECT EXISTS (
  SELECT 1 FROM users WHERE role = 'admin' AND is_service = 0 AND is_disabled = 0 AND id <> :but) AS n`;

const INSERT = `
  INSERT INTO users (name, name_key, role, grants, is_service, password_hash, issuer, subject, created_at, updated_at)
  VALUES (:name, :key, :role, :grants, :isService, :passwordHash, :issuer, :subject, :now, :now)
  RETURNING *`;

const UPDATE = `
  UPDATE users SET role = :role, grants = :grants, is_disabled = :isDisabled, password_hash = :passwordHash,
    issuer = :issuer, subject = :subject, updated_at = :now
  WHERE id = :id
  RETURNING *`;

const REHASH = "UPDATE users SET password_hash = :to WHERE id = :id AND password_hash = :from";

/** Users in SQLite. */
export class SqliteUsers implements UserStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  create(user: NewUser, by: By): Promise<User> {
    const { name, role, isService, passwordHash, externalId } = user;
    return this.#db.write(() => {
      if (by.actor.kind === "local" && this.#hasAdminBut(0)) throw hasAdministrator();
      const key = userNameKey(name);
      if (this.#db.get(BY_NAME, { key }) !== undefined) throw nameTaken(name);
      this.#assertFree(externalId, null);
      const values = { name, key, role, isService, passwordHash, ...columnsOf(externalId), now: by.now };
      const made = toUser(this.#db.one(INSERT, { ...values, grants: JSON.stringify(user.grants) }));
      audit(this.#db, by, userMade(made));
      return made;
    });
  }

  get(id: UserId): Promise<User | null> {
    return this.#find(GET, { id });
  }

  async findByName(name: string): Promise<User | null> {
    return (await this.credentials(name))?.user ?? null;
  }

  findByExternal({ issuer, subject }: ExternalId): Promise<User | null> {
    return this.#find(BY_SUBJECT, { issuer, subject });
  }

  async list({ cursor, limit }: { readonly cursor?: string; readonly limit: number }): Promise<Page<User>> {
    const after = cursor === undefined ? "" : String(decodeCursor(cursor, "name").key);
    const users = await this.#db.read(() => this.#db.all(LIST, { after, limit: limit + 1 }).map(toUser));
    return pageOf(users, limit, ({ id, name }) => encodeCursor({ order: "name", key: userNameKey(name), id }));
  }

  hasAdmin(): Promise<boolean> {
    return this.#db.read(() => this.#hasAdminBut(0));
  }

  credentials(name: string): Promise<Credentials | null> {
    return this.#db.read(() => {
      const row = this.#db.get(BY_NAME, { key: userNameKey(name) });
      return row === undefined ? null : toCredentials(row);
    });
  }

  update(id: UserId, change: UserChange, by: By): Promise<User> {
    return this.#db.write(() => {
      const row = this.#db.get(GET, { id });
      if (row === undefined) throw noUser(id);
      const found = toCredentials(row);
      const { after: { user, passwordHash }, losesAdmin, endsSessions } = changedUser(found, change);
      if (losesAdmin && !this.#hasAdminBut(id)) throw lastAdmin(user);
      if (change.externalId !== undefined) this.#assertFree(change.externalId, id);
      if (endsSessions) endSessions(this.#db, id, change.keepSession ?? null);
      const { role, isDisabled, externalId } = user;
      const values = { id, role, isDisabled, passwordHash, ...columnsOf(externalId), now: by.now };
      const changed = toUser(this.#db.one(UPDATE, { ...values, grants: JSON.stringify(user.grants) }));
      const done = userChanged(found.user, changed, change.passwordHash !== undefined);
      if (done !== null) audit(this.#db, by, done);
      return changed;
    });
  }

  async rehash(id: UserId, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
    await this.#db.write(() => this.#db.run(REHASH, { id, from, to }));
  }

  #find(sql: string, parameters: Readonly<Record<string, string | number>>): Promise<User | null> {
    return this.#db.read(() => {
      const row = this.#db.get(sql, parameters);
      return row === undefined ? null : toUser(row);
    });
  }

  #hasAdminBut(but: number): boolean {
    return toNumber(this.#db.one(HAS_ADMIN, { but })) === 1;
  }

  #assertFree(externalId: ExternalId | null, but: UserId | null): void {
    if (externalId === null) return;
    const holder = this.#db.get(BY_SUBJECT, columnsOf(externalId));
    if (holder !== undefined && toUser(holder).id !== but) throw externalTaken(externalId);
  }
}

function columnsOf(id: ExternalId | null): { readonly issuer: string | null; readonly subject: string | null } {
  return { issuer: id?.issuer ?? null, subject: id?.subject ?? null };
}
