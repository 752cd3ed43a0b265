import assert from "node:assert/strict";
import { hashPassword, isApiToken } from "../../shared/access/mod.ts";
import {
  Busy,
  Conflict,
  type EpochMs,
  epochMs,
  Invalid,
  NotFound,
  type Permission,
  sessionId,
  type User,
  userId,
} from "../../shared/domain/mod.ts";
import {
  beginSession,
  changeOwnPassword,
  createToken,
  createUser,
  disableUser,
  enableUser,
  findSession,
  findToken,
  findUser,
  getUser,
  revokeSession,
  revokeSessions,
  revokeToken,
  setPassword,
  setRole,
  type SignedIn,
  signIn,
  signOut,
  type TokenRequest,
  type UserRequest,
} from "../../shared/operations/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { chaoticStore } from "../simulation/chaotic_store.ts";
import { operating } from "../support/operating.ts";
import { fullPasswords } from "../support/password_cost.ts";
import { DATABASES, openTestStore } from "../support/store.ts";
import { at, T0 } from "../store/_given.ts";

const PASSWORD = "tall otter paints fences";
const NOBODY: UserRequest = {
  name: "alice",
  role: null,
  grants: [],
  password: null,
  isService: false,
  externalId: null,
};
const PLACE = { address: "192.0.2.1", userAgent: "A browser" };

/** Hashed at a cost at which a test can check it often. */
const CHEAP = await hashPassword(PASSWORD, { ln: 4, r: 8, p: 1 });

/** A user whose password is hashed anew when it is right. */
function cheapUser(store: Store, name: string): Promise<User> {
  return store.users.create({ ...NOBODY, name, passwordHash: CHEAP }, operating(store, T0));
}

function tryTo(
  store: Store,
  { name = "alice", password = PASSWORD, now = T0, device = null, address = PLACE.address }: {
    readonly name?: string;
    readonly password?: string;
    readonly now?: EpochMs;
    readonly device?: string | null;
    readonly address?: string;
  } = {},
) {
  return signIn(operating(store, now), { name, password, device, address, userAgent: PLACE.userAgent });
}

function assertSignedIn(answer: Awaited<ReturnType<typeof signIn>>): asserts answer is SignedIn {
  assert.equal(answer.outcome, "signed_in");
}

const hasProblem = (field: string) => (error: unknown) => {
  assert.ok(error instanceof Invalid, String(error));
  assert.deepEqual(error.problems.map((problem) => problem.field), [field]);
  return true;
};

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: whoever has an account signs in, stays signed in, and signs out`, async () => {
    await using test = await open();
    const by = (seconds: number) => operating(test.store, at(seconds));
    const made = await createUser(by(0), { ...NOBODY, name: " Alice ", role: "admin", password: PASSWORD });
    assert.deepEqual([made.name, made.role, made.hasPassword], ["Alice", "admin", true]);

    const wrong = await tryTo(test.store, { password: `${PASSWORD}!` });
    assert.deepEqual(wrong, { outcome: "refused" });
    const answer = await tryTo(test.store, { name: "ALICE", now: at(1) });
    assertSignedIn(answer);
    assert.deepEqual([answer.user, answer.session.method], [made, "password"]);
    assert.deepEqual((await findSession(by(2), answer.secret))?.user, made);
    assert.equal(await findSession(by(2), `${answer.secret}x`), null);
    const later = await findSession(by(90), answer.secret);
    assert.equal((await findSession(by(91), answer.secret))?.session.lastSeenAt, at(90));
    assert.equal(later?.session.lastSeenAt, at(1));

    const session = { userId: made.id, id: answer.session.id };
    await signOut(by(92), session);
    await signOut(by(92), session);
    assert.equal(await findSession(by(92), answer.secret), null);
  });

  Deno.test(`${database}: limits on guessing outlive the process, and keep out nobody elsewhere`, async () => {
    await using test = await open();
    await cheapUser(test.store, "alice");
    const outcomes: string[] = [];
    for (let count = 0; count < 6; count++) {
      outcomes.push((await tryTo(test.store, { password: "not the right one" })).outcome);
    }
    assert.deepEqual(outcomes, [...Array.from({ length: 5 }, () => "refused"), "wait"]);
    const restarted = await test.another();
    assert.deepEqual(await tryTo(restarted), { outcome: "wait", retryAfterMs: 1000 });
    const elsewhere = await tryTo(restarted, { address: "198.51.100.7" });
    assertSignedIn(elsewhere);
    assert.ok(elsewhere.device !== null);
    const known = await tryTo(restarted, { device: elsewhere.device });
    assertSignedIn(known);
    assert.equal(known.device, null);
    // A device secret that somebody made up is not taken over.
    const made = await tryTo(restarted, { device: "made up", now: at(1) });
    assertSignedIn(made);
    assert.ok(made.device !== null && made.device !== "made up");
  });

  Deno.test(`${database}: an API token acts for its user until it is revoked, and its secret is shown once`, async () => {
    await using test = await open();
    const by = (seconds: number) => operating(test.store, at(seconds));
    const { id } = await createUser(by(0), { ...NOBODY, name: "robot", role: "operator", isService: true });
    const request: TokenRequest = {
      userId: id,
      name: "ci",
      scopes: ["jobs.run", "jobs.run"],
      labels: ["Finance "],
      expiresAt: null,
    };
    const { token, secret } = await createToken(by(1), request);
    assert.ok(isApiToken(secret) && secret.startsWith(token.prefix));
    assert.deepEqual([token.scopes, token.labels], [["jobs.run"], ["finance"]]);
    assert.equal(JSON.stringify(await test.sql("SELECT * FROM api_tokens")).includes(secret), false);
    assert.deepEqual((await findToken(by(2), secret))?.user.name, "robot");
    assert.equal((await findToken(by(3), secret))?.token.lastUsedAt, at(2));
    assert.equal(await findToken(by(3), `${secret.slice(0, -1)}${secret.endsWith("0") ? 1 : 0}`), null);
    await assert.rejects(revokeToken(by(4), { userId: userId(999), id: token.id }), NotFound);
    await revokeToken(by(4), { userId: id, id: token.id });
    assert.equal(await findToken(by(5), secret), null);
    await assert.rejects(revokeToken(by(6), { userId: id, id: token.id }), NotFound);
  });
}

Deno.test("who does not exist, is disabled or has no password is refused like a wrong password", async () => {
  await using test = await openTestStore();
  const { store } = test;
  const disabled = await cheapUser(store, "disabled");
  await store.users.update(disabled.id, { isDisabled: true }, operating(store, T0));
  await createUser(operating(store, T0), { ...NOBODY, name: "without" });
  await createUser(operating(store, T0), { ...NOBODY, name: "robot", isService: true });
  const answers = await Promise.all(["nobody", "disabled", "without", "robot"].map((name) => tryTo(store, { name })));
  for (const answer of answers) assert.deepEqual(answer, { outcome: "refused" });
  // The password of a disabled user counts as wrong even where it is right: nothing says that it was.
  assert.equal((await store.users.credentials("disabled"))?.passwordHash, CHEAP);
});

Deno.test("a password that was kept at a lower cost is kept at the full cost once it was right, and no session ends", async () => {
  await using test = await openTestStore();
  using _ = fullPasswords();
  await cheapUser(test.store, "alice");
  const first = await tryTo(test.store);
  assertSignedIn(first);
  const { passwordHash } = await test.store.users.credentials("alice") ?? {};
  assert.match(passwordHash ?? "", /^\$scrypt\$ln=17,r=8,p=1\$/);
  assertSignedIn(await tryTo(test.store, { now: at(1) }));
  assert.ok(await findSession(operating(test.store, at(2)), first.secret) !== null);
});

Deno.test("an own password is changed with the old one alone, within the limits on guessing, and ends the other sessions", async () => {
  await using test = await openTestStore();
  const { id } = await cheapUser(test.store, "alice");
  const context = { ...operating(test.store, at(1)), actor: { kind: "user", name: "alice", userId: id } } as const;
  const [here, other] = [await tryTo(test.store), await tryTo(test.store)];
  assertSignedIn(here);
  assertSignedIn(other);
  const change = { id, session: here.session.id, address: PLACE.address, device: null };
  const wrong = await changeOwnPassword(context, { ...change, password: "not it", newPassword: "eight blue kettles" });
  assert.deepEqual(wrong, { outcome: "refused" });
  const short = changeOwnPassword(context, { ...change, password: PASSWORD, newPassword: "short" });
  await assert.rejects(short, hasProblem("password"));
  const right = await changeOwnPassword(context, {
    ...change,
    password: PASSWORD,
    newPassword: "eight blue kettles",
  });
  assert.equal(right.outcome, "changed");
  const live = [here, other].map(({ secret }) => findSession(context, secret));
  assert.deepEqual((await Promise.all(live)).map((one) => one !== null), [true, false]);
});

Deno.test("an own change of password that an administrator's reset overtakes is refused", async () => {
  await using test = await openTestStore();
  const { id } = await cheapUser(test.store, "alice");
  // Right after the old password was read, an administrator resets it.
  const store = chaoticStore(test.store, {
    changes: test.store.changes,
    carry: async ({ name }, run) => {
      const answer = await run();
      if (name === "users.credentials") {
        await test.store.users.update(id, { passwordHash: "a reset" }, operating(test.store, T0));
      }
      return answer;
    },
  });
  const context = { ...operating(store, T0), actor: { kind: "user", name: "alice", userId: id } } as const;
  const change = { id, session: sessionId(1), address: PLACE.address, device: null, newPassword: "eight blue kettles" };
  assert.deepEqual(await changeOwnPassword(context, { ...change, password: PASSWORD }), { outcome: "refused" });
  assert.equal((await test.store.users.credentials("alice"))?.passwordHash, "a reset");
});

Deno.test("a sign-in that meets too many others is refused and counts as no attempt", async () => {
  await using test = await openTestStore();
  await cheapUser(test.store, "alice");
  // When the password is to be checked, others of the same network have all slots and all its places.
  let others: Promise<unknown> = Promise.resolve();
  const store = chaoticStore(test.store, {
    changes: test.store.changes,
    carry: async ({ name }, run) => {
      const answer = await run();
      if (name === "users.credentials") {
        others = Promise.all(
          Array.from({ length: 62 }, () => hashPassword(PASSWORD, { ln: 1, r: 1, p: 1 }, PLACE.address)),
        );
      }
      return answer;
    },
  });
  for (let count = 0; count < 10; count++) {
    await assert.rejects(tryTo(store), Busy);
    await others;
  }
  assertSignedIn(await tryTo(test.store));
});

Deno.test("accounts are managed: roles, sessions, passwords, and the last administrator stays", async () => {
  await using test = await openTestStore();
  const by = (seconds: number) => operating(test.store, at(seconds));
  const { id } = await createUser(by(0), { ...NOBODY, role: "admin" });
  await assert.rejects(disableUser(by(1), { id }), Conflict);
  await assert.rejects(setRole(by(1), { id, role: "editor", grants: [] }), Conflict);
  await createUser(by(1), { ...NOBODY, name: "bob", role: "admin" });
  const grants = [{ label: " HR", role: "viewer" }, { label: "finance", role: "operator" }] as const;
  const changed = await setRole(by(2), { id, role: null, grants });
  assert.deepEqual(changed.grants, [{ label: "finance", role: "operator" }, { label: "hr", role: "viewer" }]);

  const user = await getUser(test.store, id);
  const begun = await beginSession(by(3), { ...PLACE, user, method: "oidc", userAgent: "x".repeat(999) });
  assert.ok(begun !== null);
  assert.deepEqual([begun.session.method, begun.session.userAgent.length], ["oidc", 200]);
  await assert.rejects(revokeSession(by(4), { userId: id, id: sessionId(999) }), NotFound);
  await revokeSession(by(4), { userId: id, id: begun.session.id });
  assert.equal(await findSession(by(4), begun.secret), null);
  for (let count = 0; count < 2; count++) await beginSession(by(5), { ...PLACE, user, method: "proxy" });
  assert.equal(await revokeSessions(by(6), { userId: id }), 2);

  await disableUser(by(7), { id });
  assert.equal(await beginSession(by(8), { ...PLACE, user, method: "oidc" }), null);
  assert.equal((await enableUser(by(9), { id })).isDisabled, false);
  assert.equal((await setPassword(by(10), { id, password: PASSWORD })).hasPassword, true);
  assert.equal((await findUser(test.store, "ALICE")).id, id);
  await assert.rejects(findUser(test.store, "nobody"), /There is no user "nobody"/);
  await assert.rejects(getUser(test.store, userId(999)), NotFound);
});

const users: readonly (readonly [what: string, change: Partial<UserRequest>, field: string])[] = [
  ["without a name", { name: " " }, "name"],
  ["with a line break in the name", { name: "a\nb" }, "name"],
  ["with a bidi mark in the name", { name: "a\u202Eb" }, "name"],
  ["with a name that is too long", { name: "x".repeat(101) }, "name"],
  ["with a short password", { password: "short" }, "password"],
  ["with the name as the password", { name: "alice.example", password: "alice.example1" }, "password"],
  ["that is a service account with a password", { isService: true, password: PASSWORD }, "password"],
  ["with an empty label", { grants: [{ label: " ", role: "viewer" }] }, "grants"],
  ["with a wrong label", { grants: [{ label: "a,b", role: "viewer" }] }, "grants"],
  ["with two roles for a label", { grants: [{ label: "a", role: "viewer" }, { label: "A", role: "admin" }] }, "grants"],
  [
    "with too many labels",
    { grants: Array.from({ length: 101 }, (_, index) => ({ label: `l${index}`, role: "viewer" })) },
    "grants",
  ],
];
for (const [what, change, field] of users) {
  Deno.test(`createUser() refuses a user ${what}`, async () => {
    await using test = await openTestStore();
    await assert.rejects(createUser(operating(test.store, T0), { ...NOBODY, ...change }), hasProblem(field));
  });
}

const UNKNOWN: readonly Permission[] = JSON.parse('["jobs.fly"]');
const tokens: readonly (readonly [what: string, change: Partial<TokenRequest>, field: string])[] = [
  ["without a name", { name: "" }, "name"],
  ["without a scope", { scopes: [] }, "scopes"],
  ["with a scope that is none", { scopes: UNKNOWN }, "scopes"],
  ["that is limited to no label", { labels: [] }, "labels"],
  ["with a wrong label", { labels: ["a,b"] }, "labels"],
  ["that has expired", { expiresAt: T0 }, "expiresAt"],
  ["that expired long ago", { expiresAt: epochMs(0) }, "expiresAt"],
];
for (const [what, change, field] of tokens) {
  Deno.test(`createToken() refuses a token ${what}`, async () => {
    await using test = await openTestStore();
    const { id } = await createUser(operating(test.store, T0), NOBODY);
    const request: TokenRequest = { userId: id, name: "ci", scopes: ["jobs.read"], labels: null, expiresAt: null };
    await assert.rejects(createToken(operating(test.store, T0), { ...request, ...change }), hasProblem(field));
  });
}
