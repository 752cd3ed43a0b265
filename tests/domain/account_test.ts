import assert from "node:assert/strict";
import {
  apiTokenId,
  endOfSession,
  epochMs,
  isActiveAdmin,
  isPermission,
  parseUserName,
  PERMISSIONS,
  SESSION_IDLE_MS,
  SESSION_LIFE_MS,
  sessionId,
  userId,
  userNameKey,
} from "../../shared/domain/mod.ts";

const names: readonly (readonly [text: string, name: string | RegExp])[] = [
  ["  Alice   Example ", "Alice Example"],
  ["alice@example.com", "alice@example.com"],
  ["e\u0301lan", "\u00e9lan"],
  ["\uFF41lice", "alice"],
  ["管理者", "管理者"],
  ["x".repeat(100), "x".repeat(100)],
  ["", /^found the name "", expected 1 to 100 characters, without commas/],
  ["x".repeat(101), /expected 1 to 100 characters/],
  ["a,b", /without commas/],
  ['a"b', /without commas/],
  ["a\nb", /control characters/],
  ["a\u202Eb", /control characters/],
  ["a\u200Bb", /control characters/],
  ["a\uD800b", /control characters/],
];
for (const [text, expected] of names) {
  Deno.test(`parseUserName() ${typeof expected === "string" ? "takes" : "refuses"} ${JSON.stringify(text.slice(0, 20))}`, () => {
    if (typeof expected === "string") assert.equal(parseUserName(text), expected);
    else assert.throws(() => parseUserName(text), { name: "RangeError", message: expected });
  });
}

Deno.test("names that differ in case or in how a character is composed are the same", () => {
  for (const name of ["ALICE", "alice ", "\uFF21lice", "aLiCe"]) assert.equal(userNameKey(name), "alice");
  assert.equal(userNameKey("E\u0301LAN"), userNameKey("\u00e9lan"));
  for (const name of ["\u0130stanbul", "ﬁre", "K\u212A"]) {
    const key = userNameKey(name);
    assert.equal(userNameKey(key), key, name);
  }
  assert.notEqual(userNameKey("alice"), userNameKey("alicé"));
});

Deno.test("a session ends when it is idle or old, whichever is first", () => {
  const begun = epochMs(0);
  const expiresAt = epochMs(SESSION_LIFE_MS);
  assert.equal(endOfSession({ lastSeenAt: begun, expiresAt }), SESSION_IDLE_MS);
  assert.equal(endOfSession({ lastSeenAt: epochMs(SESSION_LIFE_MS - 1), expiresAt }), SESSION_LIFE_MS);
});

Deno.test("only an active administrator that is a person counts as one", () => {
  const admin = { role: "admin", isService: false, isDisabled: false } as const;
  assert.equal(isActiveAdmin(admin), true);
  for (const change of [{ role: "editor" }, { role: null }, { isService: true }, { isDisabled: true }] as const) {
    assert.equal(isActiveAdmin({ ...admin, ...change }), false);
  }
});

Deno.test("each permission is named once, by its object and its action", () => {
  assert.equal(new Set(PERMISSIONS).size, PERMISSIONS.length);
  for (const name of PERMISSIONS) assert.match(name, /^[a-z]+\.[a-z]+$/);
  assert.deepEqual(["jobs.read", "jobs.fly", "toString"].map(isPermission), [true, false, false]);
});

Deno.test("ids of accounts are positive whole numbers", () => {
  for (const value of [0, -1, 1.5, NaN, 2 ** 53]) {
    assert.throws(() => userId(value), /user id/);
    assert.throws(() => sessionId(value), /session id/);
    assert.throws(() => apiTokenId(value), /token id/);
  }
});
