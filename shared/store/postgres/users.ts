import { type ExternalId, isActiveAdmin, type User, type UserId, userNameKey } from "../../domain/mod.ts";
import { changedUser, toCredentials, toUser } from "../account_rows.ts";
import type { Credentials, NewUser, UserChange, UserStore } from "../account_store.ts";
import { userChanged, userMade } from "../audit_changes.ts";
import type { By } from "../by.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type Page, pageOf } from "../page.ts";
import { externalTaken, hasAdministrator, lastAdmin, nameTaken, noUser } from "../refusals.ts";
import type { Row } from "../rows.ts";
import { audit } from "./audit.ts";
import { type Connection, type Statement, statement } from "./connection.ts";
import { violatesUnique } from "./errors.ts";
import { endSessions } from "./sessions.ts";
import { instant, json, text, type Value } from "./values.ts";

const GET = statement("SELECT * FROM users WHERE id = $1");

// NO KEY: sessions that begin meanwhile refer to the row.
const LOCK = statement("SELECT * FROM users WHERE id = $1 FOR NO KEY UPDATE");

// Index: users_by_name.
const BY_NAME = statement("SELECT * FROM users WHERE name_key = $1");
const LIST = statement("SELECT * FROM users WHERE name_key > $1 ORDER BY name_key LIMIT $2");

// Index: users_by_subject.
const BY_SUBJECT = statement("SELECT * FROM users WHERE issuer = $1 AND subject = $2");

// Index: users_admins.
const ADMIN = "role = 'admin' AND NOT is_service AND NOT is_disabled";
const HAS_ADMIN = statement(`SELECT EXISTS (SELECT 1 FROM users WHERE ${ADMIN}) AS found`);

// Of two that take the role from the last two at the same time, the second waits here, and then finds one administrator. The user
// to change and all administrators are locked by one statement in the order of ids: by two, a user who is no administrator any
// more would be locked after one with a higher id, and two changes could wait for each other. Indexes: users_admins, primary key.
const LOCK_WITH_ADMINS = statement(`SELECT * FROM users WHERE id = $1 OR (${ADMIN}) ORDER BY id FOR NO KEY UPDATE`);

// No row is there to lock yet. Of two who make the first account, the second waits here, and then finds the first's administrator.
const LOCK_FIRST = statement("SELECT pg_advisory_xact_lock(hashtext('jobtrigger'), hashtext('first account'))");

const INSERT = statement(`
  INSERT INTO users (name, name_key, role, grants, is_service, password_hash, issuer, subject, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
  RETURNING *`);

const UPDATE = statement(`
  UPDATE users SET role = $2, grants = $3, is_disabled = $4, password_hash = $5, issuer = $6, subject = $7, updated_at = $8
  WHERE id = $1
  RETURNING *`);

const REHASH = statement("UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2");

/** Users in PostgreSQL. */
export class PostgresUsers implements UserStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  create(user: NewUser, by: By): Promise<User> {
    const { name, role, grants, isService, passwordHash, externalId } = user;
    return refusing(user, () =>
      this.#db.transaction(async (tx) => {
        if (by.actor.kind === "local") await assertNoAdmin(tx);
        const [row = {}] = await tx.all(INSERT, [
          text(name),
          text(userNameKey(name)),
          role,
          json(grants),
          isService,
          passwordHash,
          ...columnsOf(externalId),
          instant(by.now),
        ]);
        const made = toUser(row);
        await audit(tx, by, userMade(made));
        return made;
      }));
  }

  get(id: UserId): Promise<User | null> {
    return this.#find(GET, [id]);
  }

  findByName(name: string): Promise<User | null> {
    return this.#find(BY_NAME, [text(userNameKey(name))]);
  }

  findByExternal(id: ExternalId): Promise<User | null> {
    return this.#find(BY_SUBJECT, columnsOf(id));
  }

  async list({ cursor, limit }: { readonly cursor?: string; readonly limit: number }): Promise<Page<User>> {
    const after = cursor === undefined ? "" : String(decodeCursor(cursor, "name").key);
    const users = (await this.#db.all(LIST, [text(after), limit + 1])).map(toUser);
    return pageOf(users, limit, ({ id, name }) => encodeCursor({ order: "name", key: userNameKey(name), id }));
  }

  async hasAdmin(): Promise<boolean> {
    return await hasAdmin(this.#db);
  }

  async credentials(name: string): Promise<Credentials | null> {
    const [row] = await this.#db.all(BY_NAME, [text(userNameKey(name))]);
    return row === undefined ? null : toCredentials(row);
  }

  update(id: UserId, change: UserChange, by: By): Promise<User> {
    return refusing({ name: null, externalId: change.externalId ?? null }, () =>
      this.#db.transaction(async (tx) => {
        const mayLoseAdmin = change.role !== undefined && change.role !== "admin" || change.isDisabled === true;
        const rows = await tx.all(mayLoseAdmin ? LOCK_WITH_ADMINS : LOCK, [id]);
        const locked = rows.map(toCredentials);
        const found = locked.find(({ user }) => user.id === id);
        if (found === undefined) throw noUser(id);
        const admins = locked.filter(({ user }) => isActiveAdmin(user));
        const { after: { user, passwordHash }, losesAdmin, endsSessions } = changedUser(found, change);
        if (losesAdmin && admins.length < 2) throw lastAdmin(user);
        if (endsSessions) await endSessions(tx, id, change.keepSession ?? null);
        const { role, grants, isDisabled, externalId } = user;
        const values = [id, role, json(grants), isDisabled, passwordHash, ...columnsOf(externalId), instant(by.now)];
        const [updated = {}] = await tx.all(UPDATE, values);
        const changed = toUser(updated);
        const done = userChanged(found.user, changed, change.passwordHash !== undefined);
        if (done !== null) await audit(tx, by, done);
        return changed;
      }));
  }

  async rehash(id: UserId, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
    await this.#db.all(REHASH, [id, from, to]);
  }

  async #find(sql: Statement, values: readonly Value[]): Promise<User | null> {
    const [row]: readonly Row[] = await this.#db.all(sql, values);
    return row === undefined ? null : toUser(row);
  }
}

async function hasAdmin(db: Pick<Connection, "all">): Promise<boolean> {
  const [row] = await db.all(HAS_ADMIN);
  return row?.["found"] === true;
}

/** @throws {Conflict} */
async function assertNoAdmin(tx: Pick<Connection, "all">): Promise<void> {
  await tx.all(LOCK_FIRST);
  if (await hasAdmin(tx)) throw hasAdministrator();
}

/** Runs `work`; of two that write one name or external id at the same time an index lets one pass. @throws {Invalid} for the other. */
async function refusing<Result>(
  { name, externalId }: { readonly name: string | null; readonly externalId: ExternalId | null },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (name !== null && violatesUnique(error, "users_by_name")) throw nameTaken(name);
    if (externalId !== null && violatesUnique(error, "users_by_subject")) throw externalTaken(externalId);
    throw error;
  }
}

function columnsOf(id: ExternalId | null): readonly [issuer: string | null, subject: string | null] {
  return [text(id?.issuer ?? null), text(id?.subject ?? null)];
}
