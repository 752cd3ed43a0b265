import assert from "node:assert/strict";
import { hashPassword, needsRehash, problemOfPassword, verifyPassword } from "../../shared/access/mod.ts";
import { Busy } from "../../shared/domain/mod.ts";

/** A cost at which a test hashes in a moment. */
const CHEAP = { ln: 4, r: 8, p: 1 };

const PASSWORD = "tall otter paints fences";

Deno.test("a password is right against its own hash alone, and two hashes of one password differ", async () => {
  const hash = await hashPassword(PASSWORD, CHEAP);
  assert.match(hash, /^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(await hashPassword(PASSWORD, CHEAP), hash);
  assert.equal(await verifyPassword(PASSWORD, hash), true);
  for (const wrong of [`${PASSWORD} `, PASSWORD.toUpperCase(), PASSWORD.slice(0, -1), ""]) {
    assert.equal(await verifyPassword(wrong, hash), false, wrong);
  }
});

Deno.test("a password is the same however its characters were composed", async () => {
  const hash = await hashPassword("cafe\u0301 \uFB01re \u2460 tents", CHEAP);
  assert.equal(await verifyPassword("caf\u00e9 fire 1 tents", hash), true);
});

const damaged = [
  "",
  "hunter2hunter2",
  "$2b$12$abcdefghijklmnopqrstuv",
  "$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "$scrypt$ln=17,r=99,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "$scrypt$ln=4,r=8,p=99$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "$scrypt$ln=0,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
];
Deno.test("a text that is no hash, or asks for more than a hash may, is never right and is to be made anew", async () => {
  assert.deepEqual(damaged.map((stored) => needsRehash(stored)), damaged.map(() => true));
  assert.equal(await verifyPassword("", damaged[3] ?? null), false);
});

Deno.test("a hash of another cost is to be made anew", async () => {
  assert.equal(needsRehash(await hashPassword(PASSWORD, CHEAP)), true);
  assert.equal(
    needsRehash("$scrypt$ln=17,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    false,
  );
});

/** Prints what a process computes, in microseconds, to check a wrong password of a user who exists and of one who does not. */
const MEASURE = `
  import process from "node:process";
  import { verifyPassword } from "@jobtrigger/shared/access";
  for (const stored of ["$scrypt$ln=17,r=8,p=1$" + "A".repeat(22) + "$" + "A".repeat(43), null]) {
    const before = process.cpuUsage();
    await verifyPassword("a wrong password", stored);
    const { user, system } = process.cpuUsage(before);
    console.log(user + system);
  }`;

Deno.test("checking a password costs the same for a user who does not exist", async () => {
  // In a process of its own, because the processor time of this one is that of all test files that run beside this.
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", "--quiet", MEASURE] }).output();
  const [known = 0, unknown = 0] = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
  assert.ok(unknown > known / 2 && unknown < known * 2, `${unknown} µs against ${known} µs`);
});

Deno.test("the event loop goes on while a password is checked", async () => {
  const order: string[] = [];
  const timer = new Promise<void>((resolve) => setTimeout(() => resolve(void order.push("timer")), 0));
  await Promise.all([timer, verifyPassword("a wrong password", null).then(() => order.push("password"))]);
  assert.deepEqual(order, ["timer", "password"]);
});

Deno.test("few passwords are checked at once, the others wait, and a flood is refused", async () => {
  const hash = await hashPassword(PASSWORD, CHEAP);
  const answers = await Promise.allSettled(Array.from({ length: 110 }, () => verifyPassword(PASSWORD, hash)));
  const refused = answers.filter((answer) => answer.status === "rejected");
  assert.equal(refused.length, 8);
  for (const { reason } of refused) assert.ok(reason instanceof Busy);
  assert.equal(await verifyPassword(PASSWORD, hash), true);
});

const rules: readonly (readonly [password: string, problem: RegExp | null])[] = [
  [PASSWORD, null],
  ["x7Kq2mVb9LzT", null],
  ["密码密码很长的一个句子啊", null],
  ["🦦".repeat(3) + "otter rows", null],
  ["short", /^found 5 characters, expected 12 to 128 characters$/],
  ["🦦🐢🦊", /^found 3 characters/],
  ["ab ".repeat(43), /^found 129 characters/],
  ["passwordpassword", /everybody tries first/],
  ["Password2026!", /everybody tries first/],
  ["123456789012", /everybody tries first/],
  ["aaaaaaaaaaaa", /everybody tries first/],
  ["abc1abc1abc1", /everybody tries first/],
  ["qwertyuiop123", /everybody tries first/],
  ["Correct Horse Battery Staple", /everybody tries first/],
  ["jobtrigger1234", /everybody tries first/],
  ["alice.smith12", /little more than the user's name/],
  ["Alice.Smith99", /little more than the user's name/],
  ["alice.smith rides a tall horse", null],
];
for (const [password, problem] of rules) {
  Deno.test(`a new password ${JSON.stringify(password.slice(0, 30))} is ${problem === null ? "taken" : "refused"}`, () => {
    const found = problemOfPassword(password, "alice.smith");
    if (problem === null) assert.equal(found, null);
    else assert.match(found ?? "", problem);
  });
}

Deno.test("an IPv6 network of 56 bits has no more places among those who wait than one address of IPv4", async () => {
  const hash = await hashPassword(PASSWORD, CHEAP);
  const check = (address: string) => verifyPassword(PASSWORD, hash, address);
  const flood = Promise.allSettled(
    Array.from({ length: 256 }, (_, index) => check(`2001:db8:1:${(0xff00 + index).toString(16)}::1`)),
  );
  const others = [check("192.0.2.1"), check("2001:db8:2::1"), verifyPassword(PASSWORD, hash)];
  assert.deepEqual(await Promise.all(others), [true, true, true]);
  const taken = (await flood).filter(({ status }) => status === "fulfilled");
  assert.equal(taken.length, 62, "two at once and sixty that wait");
});
