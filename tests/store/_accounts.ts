import assert from "node:assert/strict";
import {
  apiTokenId,
  Conflict,
  epochMs,
  type GuessCounter,
  Invalid,
  isActiveAdmin,
  NotFound,
  SESSION_IDLE_MS,
  SESSION_LIFE_MS,
  type SessionId,
  sessionId,
  TOUCH_EVERY_MS,
  type User,
  userId,
} from "../../shared/domain/mod.ts";
import type { NewApiToken, NewSession, NewUser, Store, UserChange } from "../../shared/store/mod.ts";
import { at, T0 } from "./_given.ts";
import { by } from "../support/actor.ts";
import type { Check } from "./contract.ts";

/** A hash of a secret, which differs by its first letter. */
const hash = (letter: string): string => letter.repeat(64);

function user(store: Store, name: string, change: Partial<NewUser> = {}): Promise<User> {
  const nobody = { role: null, grants: [], isService: false, passwordHash: null, externalId: null };
  return store.users.create({ ...nobody, name, ...change }, by(T0));
}

const admin = (store: Store, name: string) => user(store, name, { role: "admin" });

function session(of: User, secretHash: string, change: Partial<NewSession> = {}): NewSession {
  const rest = { method: "password", address: "192.0.2.1", userAgent: "A browser", passwordHash: null } as const;
  return { userId: of.id, secretHash, ...rest, ...change };
}

async function begin(store: Store, of: User, secretHash: string, seconds = 0): Promise<SessionId> {
  const begun = await store.sessions.begin(session(of, secretHash), by(at(seconds)));
  assert.ok(begun !== null);
  return begun.id;
}

function token(of: User, tokenHash: string, change: Partial<NewApiToken> = {}): NewApiToken {
  const limits = { scopes: ["jobs.read"], labels: null, expiresAt: null } as const;
  return { userId: of.id, tokenHash, name: "ci", prefix: "jtp_abcd", ...limits, ...change };
}

const isOfField = (field: string) => (error: unknown) =>
  error instanceof Invalid && error.problems[0]?.field === field && error.problems[0].code === "taken";

const counter = (failures: number, keepUntil: number): GuessCounter => ({
  failures,
  failedAt: at(1),
  succeededAt: null,
  keepUntil: at(keepUntil),
});

/** Users, sessions, tokens, and counters of failed sign-ins. */
export function accountsContract(check: Check): void {
  check(
    "a user is read as it was written, by id, by name in any case, and by external id",
    async ({ store }) => {
      const externalId = { issuer: "https://id.example", subject: "00u1" };
      const grants = [{ label: "finance", role: "operator" }, { label: "hr", role: "viewer" }] as const;
      const made = await user(store, "Álice Example", { role: "viewer", grants, passwordHash: "a hash", externalId });
      assert.deepEqual(made, {
        id: made.id,
        name: "Álice Example",
        role: "viewer",
        grants,
        isService: false,
        isDisabled: false,
        hasPassword: true,
        externalId,
        createdAt: T0,
        updatedAt: T0,
      });
      assert.deepEqual(await store.users.get(made.id), made);
      assert.deepEqual(await store.users.findByName("a\u0301LICE EXAMPLE"), made);
      assert.deepEqual(await store.users.findByExternal(externalId), made);
      assert.deepEqual(await store.users.credentials("álice example"), { user: made, passwordHash: "a hash" });
      assert.deepEqual(
        [
          await store.users.get(userId(999)),
          await store.users.findByName("nobody"),
          await store.users.findByExternal({ ...externalId, issuer: "https://other.example" }),
          await store.users.credentials("nobody"),
        ],
        [null, null, null, null],
      );
    },
  );

  check("a name in any case, and an external id, belong to one user", async ({ store }) => {
    const externalId = { issuer: "https://id.example", subject: "00u1" };
    const { id } = await user(store, "alice", { externalId });
    await assert.rejects(user(store, "ALICE"), isOfField("name"));
    await assert.rejects(user(store, "bob", { externalId }), isOfField("externalId"));
    const bob = await user(store, "bob");
    await assert.rejects(store.users.update(bob.id, { externalId }, by(at(1))), isOfField("externalId"));
    assert.deepEqual((await store.users.update(id, { externalId }, by(at(1)))).externalId, externalId);
  });

  check("of several users created with one name at once, one is made", async ({ store, another }) => {
    const other = await another();
    const stores = [store, other, store, other];
    const answers = await Promise.allSettled(
      stores.map((one, index) => user(one, index % 2 === 0 ? "alice" : "Alice")),
    );
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
    for (const answer of answers) if (answer.status === "rejected") assert.ok(isOfField("name")(answer.reason));
  });

  check("users are listed by name in pages", async ({ store }) => {
    for (const name of ["Carol", "alice", "Bob", "dave", "Älex"]) await user(store, name);
    const first = await store.users.list({ limit: 2 });
    assert.deepEqual(first.items.map(({ name }) => name), ["alice", "Bob"]);
    assert.ok(first.next !== null);
    const second = await store.users.list({ limit: 3, cursor: first.next });
    assert.deepEqual([second.items.map(({ name }) => name), second.next], [["Carol", "dave", "Älex"], null]);
    await assert.rejects(store.users.list({ limit: 2, cursor: "nonsense" }), Invalid);
  });

  check("a change of a user changes what it names and nothing else", async ({ store }) => {
    const made = await user(store, "alice", { role: "viewer", passwordHash: "a hash" });
    const grants = [{ label: "finance", role: "admin" }] as const;
    assert.deepEqual(await store.users.update(made.id, { grants }, by(at(1))), { ...made, grants, updatedAt: at(1) });
    const disabled = await store.users.update(made.id, { role: null, isDisabled: true, passwordHash: null }, by(at(2)));
    assert.deepEqual(disabled, {
      ...made,
      grants,
      role: null,
      isDisabled: true,
      hasPassword: false,
      updatedAt: at(2),
    });
    assert.deepEqual(await store.users.get(made.id), disabled);
    await assert.rejects(store.users.update(userId(999), {}, by(at(3))), NotFound);
  });

  check("of two first accounts made at once, one is made", async ({ store, another }) => {
    const other = await another();
    const context = { ...by(T0), actor: { kind: "local", name: "local administrator" } } as const;
    const rest = { grants: [], isService: false, passwordHash: null, externalId: null };
    await store.users.create({ ...rest, name: "viewer", role: "viewer" }, context);
    const answers = await Promise.allSettled(
      [store, other, store, other].map((one, index) =>
        one.users.create({ ...rest, name: `admin ${index}`, role: "admin" }, context)
      ),
    );
    for (const answer of answers) {
      if (answer.status === "rejected") assert.ok(answer.reason instanceof Conflict, String(answer.reason));
    }
    assert.equal((await store.users.list({ limit: 10 })).items.filter(isActiveAdmin).length, 1);
    await assert.rejects(store.users.create({ ...rest, name: "late", role: null }, context), Conflict);
    await admin(store, "made by another");
  });

  check("a password is changed only from the one that it was checked against", async ({ store }) => {
    const { id } = await user(store, "alice", { passwordHash: "a reset" });
    const change = { passwordHash: "their own", ifPasswordHash: "the old one" };
    await assert.rejects(store.users.update(id, change, by(at(1))), Conflict);
    assert.equal((await store.users.credentials("alice"))?.passwordHash, "a reset");
    await store.users.update(id, { ...change, ifPasswordHash: "a reset" }, by(at(2)));
    assert.equal((await store.users.credentials("alice"))?.passwordHash, "their own");
  });

  check("the last active administrator can neither be disabled nor lose the role", async ({ store }) => {
    assert.equal(await store.users.hasAdmin(), false);
    const alice = await admin(store, "alice");
    // None of these could sign in and manage users.
    await user(store, "robot", { role: "admin", isService: true });
    await user(store, "local", { grants: [{ label: "a", role: "admin" }] });
    const gone = await admin(store, "gone");
    await store.users.update(gone.id, { isDisabled: true }, by(at(1)));
    assert.equal(await store.users.hasAdmin(), true);
    const losses: readonly UserChange[] = [{ isDisabled: true }, { role: "editor" }, { role: null }];
    for (const change of losses) {
      await assert.rejects(store.users.update(alice.id, change, by(at(2))), Conflict);
    }
    assert.deepEqual(await store.users.get(alice.id), alice);
    await store.users.update(gone.id, { isDisabled: false }, by(at(3)));
    assert.equal((await store.users.update(alice.id, { role: "viewer" }, by(at(4)))).role, "viewer");
    await assert.rejects(store.users.update(gone.id, { isDisabled: true }, by(at(5))), Conflict);
  });

  check("of administrators who remove each other's role at once, one stays", async ({ store, another }) => {
    const other = await another();
    let a = await admin(store, "first");
    for (let round = 0; round < 5; round++) {
      const b = await admin(other, `b${round}`);
      const answers = await Promise.allSettled([
        store.users.update(a.id, { role: "viewer" }, by(at(1))),
        other.users.update(b.id, { isDisabled: true }, by(at(1))),
        store.users.update(b.id, { role: "editor" }, by(at(1))),
        other.users.update(a.id, { isDisabled: true }, by(at(1))),
      ]);
      for (const answer of answers) {
        if (answer.status === "rejected") assert.ok(answer.reason instanceof Conflict, String(answer.reason));
      }
      const [left, ...others] = (await store.users.list({ limit: 100 })).items.filter(isActiveAdmin);
      assert.ok(left !== undefined && others.length === 0);
      a = left;
    }
  });

  check(
    "a session is found by its secret with its user, until it was idle too long or is too old",
    async ({ store }) => {
      const alice = await user(store, "alice");
      const begun = await store.sessions.begin(session(alice, hash("a")), by(T0));
      assert.ok(begun !== null);
      assert.deepEqual(begun, {
        id: begun.id,
        userId: alice.id,
        createdAt: T0,
        lastSeenAt: T0,
        expiresAt: epochMs(T0 + SESSION_LIFE_MS),
        address: "192.0.2.1",
        userAgent: "A browser",
        method: "password",
      });
      assert.deepEqual(await store.sessions.find(hash("a"), at(1)), { session: begun, user: alice });
      assert.equal(await store.sessions.find(hash("b"), at(1)), null);
      const idle = (ms: number) => store.sessions.find(hash("a"), epochMs(T0 + ms));
      assert.ok(await idle(SESSION_IDLE_MS - 1) !== null);
      assert.equal(await idle(SESSION_IDLE_MS), null);
      for (let ms = 0; ms < SESSION_LIFE_MS; ms += SESSION_IDLE_MS / 2) {
        await store.sessions.touch(begun.id, epochMs(T0 + ms));
      }
      assert.ok(await idle(SESSION_LIFE_MS - 1) !== null);
      assert.equal(await idle(SESSION_LIFE_MS), null);
      assert.deepEqual(await store.sessions.list(alice.id, epochMs(T0 + SESSION_LIFE_MS)), []);
    },
  );

  check(
    "the use of a session and of a token is written once a minute at most, and never set back",
    async ({ store }) => {
      const alice = await user(store, "alice");
      const id = await begin(store, alice, hash("a"));
      const { id: made } = await store.tokens.create(token(alice, hash("b")), by(T0));
      const uses = async (ms: number) => {
        const now = epochMs(T0 + ms);
        await store.sessions.touch(id, now);
        await store.tokens.touch(made, now);
        const [found] = await store.sessions.list(alice.id, now);
        return [(found?.lastSeenAt ?? 0) - T0, ((await store.tokens.get(made))?.lastUsedAt ?? 0) - T0];
      };
      assert.deepEqual(await uses(0), [0, 0]);
      assert.deepEqual(await uses(TOUCH_EVERY_MS - 1), [0, 0]);
      assert.deepEqual(await uses(TOUCH_EVERY_MS), [TOUCH_EVERY_MS, TOUCH_EVERY_MS]);
      assert.deepEqual(await uses(5), [TOUCH_EVERY_MS, TOUCH_EVERY_MS]);
    },
  );

  check(
    "a session begins only for an active user who still has the checked password",
    async ({ store }) => {
      const alice = await user(store, "alice", { passwordHash: "old" });
      const tryTo = async (secretHash: string, change: Partial<NewSession> = {}) =>
        await store.sessions.begin(session(alice, secretHash, change), by(T0)) !== null;
      assert.equal(await tryTo(hash("a"), { passwordHash: "old" }), true);
      await store.users.update(alice.id, { passwordHash: "new" }, by(at(1)));
      assert.equal(await tryTo(hash("b"), { passwordHash: "old" }), false);
      assert.equal(await tryTo(hash("c"), { passwordHash: "new" }), true);
      assert.equal(await tryTo(hash("d"), { userId: userId(999) }), false);
      await store.users.update(alice.id, { isDisabled: true }, by(at(2)));
      assert.equal(await tryTo(hash("e")), false);
    },
  );

  check("no session of an old password outlives its change, in either order", async ({ store, another }) => {
    const other = await another();
    const alice = await user(store, "alice", { passwordHash: "0" });
    for (let round = 0; round < 10; round++) {
      const old = session(alice, String(round).repeat(64), { passwordHash: String(round) });
      await Promise.all([
        store.sessions.begin(old, by(T0)),
        other.users.update(alice.id, { passwordHash: String(round + 1) }, by(at(1))),
      ]);
      assert.deepEqual(await store.sessions.list(alice.id, at(2)), []);
    }
  });

  check("rehashing a password ends no session, and changes no newer password", async ({ store }) => {
    const alice = await user(store, "alice", { passwordHash: "old" });
    await begin(store, alice, hash("a"));
    await store.users.rehash(alice.id, { from: "old", to: "new" });
    await store.users.rehash(alice.id, { from: "old", to: "newer" });
    assert.deepEqual(await store.users.credentials("alice"), { user: alice, passwordHash: "new" });
    assert.ok(await store.sessions.find(hash("a"), at(1)) !== null);
  });

  check("disabling a user ends their sessions and tokens, a new password their other sessions", async ({ store }) => {
    const [alice, bob] = [await user(store, "alice"), await user(store, "bob")];
    const kept = await begin(store, alice, hash("a"));
    await begin(store, alice, hash("b"));
    await begin(store, bob, hash("c"));
    await store.tokens.create(token(alice, hash("d")), by(T0));
    const live = async () => {
      const secrets = [hash("a"), hash("b"), hash("c")];
      const found = await Promise.all(secrets.map((secret) => store.sessions.find(secret, at(1))));
      return [...found, await store.tokens.find(hash("d"), at(1))].map((one) => one !== null);
    };
    assert.deepEqual(await live(), [true, true, true, true]);
    await store.users.update(alice.id, { role: "viewer" }, by(at(1)));
    assert.deepEqual(await live(), [true, true, true, true]);
    await store.users.update(alice.id, { passwordHash: "new", keepSession: kept }, by(at(1)));
    assert.deepEqual(await live(), [true, false, true, true]);
    await store.users.update(alice.id, { isDisabled: true }, by(at(1)));
    assert.deepEqual(await live(), [false, false, true, false]);
    await store.users.update(alice.id, { isDisabled: false }, by(at(1)));
    assert.deepEqual(await live(), [false, false, true, true]);
  });

  check("sessions are listed newest first and revoked by their own user alone", async ({ store }) => {
    const [alice, bob] = [await user(store, "alice"), await user(store, "bob")];
    const ids = [await begin(store, alice, hash("a")), await begin(store, alice, hash("b"), 1)];
    const last = await begin(store, alice, hash("c"), 2);
    const listed = async () => (await store.sessions.list(alice.id, at(3))).map(({ id }) => id);
    assert.deepEqual(await listed(), [last, ...ids.toReversed()]);
    assert.equal(await store.sessions.revoke({ userId: bob.id, id: last }, by(at(3))), false);
    assert.equal(await store.sessions.revoke({ userId: alice.id, id: last }, by(at(3))), true);
    assert.equal(await store.sessions.revoke({ userId: alice.id, id: last }, by(at(3))), false);
    assert.equal(await store.sessions.revoke({ userId: alice.id, id: sessionId(999) }, by(at(3))), false);
    assert.deepEqual(await listed(), ids.toReversed());
    assert.equal(await store.sessions.revokeAll(alice.id, by(at(3)), ids[0]), 1);
    assert.deepEqual(await listed(), [ids[0]]);
    assert.equal(await store.sessions.revokeAll(alice.id, by(at(3))), 1);
    assert.deepEqual(await listed(), []);
  });

  check("a token is found by its secret with its user, unless it was revoked or has expired", async ({ store }) => {
    const [alice, bob] = [await user(store, "alice"), await user(store, "bob")];
    const limits = { scopes: ["jobs.read", "jobs.run"], labels: ["finance"], expiresAt: at(60) } as const;
    const made = await store.tokens.create(token(alice, hash("a"), limits), by(T0));
    assert.deepEqual(made, {
      id: made.id,
      userId: alice.id,
      name: "ci",
      prefix: "jtp_abcd",
      ...limits,
      lastUsedAt: null,
      createdAt: T0,
      revokedAt: null,
    });
    assert.deepEqual(await store.tokens.find(hash("a"), at(59)), { token: made, user: alice });
    assert.equal(await store.tokens.find(hash("a"), at(60)), null);
    assert.equal(await store.tokens.find(hash("b"), at(1)), null);
    const endless = await store.tokens.create(token(alice, hash("c")), by(at(1)));
    assert.deepEqual([endless.labels, endless.expiresAt], [null, null]);
    assert.equal(await store.tokens.revoke({ userId: bob.id, id: endless.id }, by(at(2))), false);
    assert.equal(await store.tokens.revoke({ userId: alice.id, id: endless.id }, by(at(2))), true);
    assert.equal(await store.tokens.revoke({ userId: alice.id, id: endless.id }, by(at(3))), false);
    assert.equal(await store.tokens.find(hash("c"), at(3)), null);
    assert.equal((await store.tokens.get(endless.id))?.revokedAt, at(2));
    assert.deepEqual(await store.tokens.findAny(hash("a")), made);
    assert.equal((await store.tokens.findAny(hash("c")))?.revokedAt, at(2));
    assert.equal(await store.tokens.findAny(hash("b")), null);
    assert.equal(await store.tokens.get(apiTokenId(999)), null);
    await assert.rejects(store.tokens.create({ ...token(alice, hash("d")), userId: userId(999) }, by(T0)), NotFound);
  });

  check("tokens are listed newest first in pages, of one user or of all", async ({ store }) => {
    const [alice, bob] = [await user(store, "alice"), await user(store, "bob")];
    const ids = [];
    for (const [index, of] of [alice, bob, alice, alice].entries()) {
      ids.push((await store.tokens.create(token(of, hash(String(index))), by(at(index)))).id);
    }
    const [first, ofBob, third, last] = ids;
    const of = async (query: { readonly userId?: User["id"]; readonly limit: number; readonly cursor?: string }) => {
      const { items, next } = await store.tokens.list(query);
      return { ids: items.map(({ id }) => id), next };
    };
    const page = await of({ userId: alice.id, limit: 2 });
    assert.deepEqual(page.ids, [last, third]);
    assert.deepEqual(await of({ userId: alice.id, limit: 2, cursor: page.next ?? "" }), { ids: [first], next: null });
    assert.deepEqual((await of({ limit: 10 })).ids, [last, third, ofBob, first]);
  });

  check("a scope that is no permission is none", async ({ store }) => {
    const alice = await user(store, "alice");
    const scopes: NewApiToken["scopes"] = JSON.parse('["jobs.read", "jobs.fly"]');
    assert.deepEqual((await store.tokens.create(token(alice, hash("a"), { scopes }), by(T0))).scopes, ["jobs.read"]);
  });

  check(
    "counters of failed sign-ins are written as one step, however many do it at once",
    async ({ store, another }) => {
      const other = await another();
      const names = [hash("a"), hash("b")];
      const count = (one: Store) =>
        one.guesses.change(names, (known) => {
          const failures = (known.get(hash("a"))?.failures ?? 0) + 0.5;
          return { answer: failures, changed: new Map([[hash("a"), counter(failures, 60)]]) };
        });
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => count(index % 2 === 0 ? store : other)),
      );
      assert.deepEqual(answers.toSorted((a, b) => a - b), Array.from({ length: 20 }, (_, index) => (index + 1) / 2));
      assert.deepEqual([...await store.guesses.read(names)], [[hash("a"), counter(10, 60)]]);
      await assert.rejects(
        store.guesses.change(names, () => {
          throw new RangeError("undecided");
        }),
        RangeError,
      );
    },
  );

  check("two calls that write the same counters in different orders do not deadlock", async ({ store, another }) => {
    const other = await another();
    const names = Array.from("0123456789", hash);
    const write = (one: Store, order: readonly string[]) =>
      one.guesses.change(order, () => ({
        answer: null,
        changed: new Map(order.map((name) => [name, counter(1, 60)])),
      }));
    await Promise.all(
      Array.from(
        { length: 10 },
        (_, index) => index % 2 === 0 ? write(store, names) : write(other, names.toReversed()),
      ),
    );
    assert.equal((await store.guesses.read(names)).size, 10);
  });

  check("expired sessions, tokens and counters are pruned in batches", async ({ store }) => {
    const alice = await user(store, "alice");
    const later = SESSION_IDLE_MS / 1000;
    for (const letter of "abc") await begin(store, alice, hash(letter));
    const live = await begin(store, alice, hash("d"), 1);
    for (const letter of "efg") await store.tokens.create(token(alice, hash(letter), { expiresAt: at(10) }), by(T0));
    const { id } = await store.tokens.create(token(alice, hash("h")), by(T0));
    await store.tokens.revoke({ userId: alice.id, id }, by(at(20)));
    const names = Array.from("ijkl", hash);
    const counters = new Map(names.map((name, index) => [name, counter(1, index)]));
    await store.guesses.change(names, () => ({ answer: null, changed: counters }));

    const now = at(later);
    assert.deepEqual([await store.sessions.prune({ now, limit: 2 }), await store.sessions.prune({ now, limit: 2 })], [
      2,
      1,
    ]);
    assert.deepEqual((await store.sessions.list(alice.id, now)).map(({ id }) => id), [live]);
    const before = at(20);
    assert.deepEqual([await store.tokens.prune({ before, limit: 2 }), await store.tokens.prune({ before, limit: 2 })], [
      2,
      1,
    ]);
    assert.deepEqual((await store.tokens.list({ limit: 10 })).items.map((one) => one.id), [id]);
    const pass = { now: at(2), limit: 2 };
    assert.deepEqual([await store.guesses.prune(pass), await store.guesses.prune(pass)], [2, 1]);
    assert.deepEqual([...(await store.guesses.read(names)).keys()], [hash("l")]);
    for (const prune of [store.sessions.prune({ now, limit: 2 }), store.guesses.prune(pass)]) {
      assert.equal(await prune, 0);
    }
  });
}
