import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Attempt,
  beginAttempt,
  countersOf,
  isKnownDevice,
  KNOWN_MS,
  namesOf,
  succeedAttempt,
  withdrawAttempt,
} from "../../shared/access/mod.ts";
import { type EpochMs, epochMs, type GuessCounter } from "../../shared/domain/mod.ts";

const T0 = epochMs(Date.UTC(2026, 0, 5));
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const X = "192.0.2.1";
const Y = "198.51.100.7";

/** Counters as a database would keep them, and a clock that a test moves. */
class Guarded {
  readonly counters = new Map<string, GuessCounter>();
  now: EpochMs = T0;

  /** Waits. */
  wait(ms: number): this {
    this.now = epochMs(this.now + ms);
    return this;
  }

  /** Tries a password; answers how long to wait before it may be tried, or null: it was checked. */
  guess(attempt: Partial<Attempt> & { readonly isRight?: boolean } = {}): number | null {
    const names = countersOf({ account: "alice", address: X, device: null, ...attempt });
    const { retryAfterMs, changed } = beginAttempt(names, this.#known(names), this.now);
    this.#write(changed);
    if (retryAfterMs === null && attempt.isRight) this.#write(succeedAttempt(names, this.#known(names), this.now));
    return retryAfterMs;
  }

  /** Guesses as fast as the limits allow, for a time; answers how many passwords were checked. */
  guessFor(ms: number, attempt: Partial<Attempt> = {}): number {
    const end = this.now + ms;
    let checked = 0;
    while (this.now < end) {
      const waitMs = this.guess(attempt);
      if (waitMs === null) checked++;
      else this.now = epochMs(Math.min(end, this.now + waitMs));
    }
    return checked;
  }

  /** Forgets what may be forgotten. */
  prune(): void {
    for (const [name, { keepUntil }] of this.counters) if (keepUntil <= this.now) this.counters.delete(name);
  }

  #known(names: ReturnType<typeof countersOf>): ReadonlyMap<string, GuessCounter> {
    return new Map([...this.counters].filter(([name]) => namesOf(names).includes(name)));
  }

  #write(changed: ReadonlyMap<string, GuessCounter>): void {
    for (const [name, counter] of changed) this.counters.set(name, counter);
  }
}

Deno.test("five wrong passwords cost nothing, each further one twice the wait, up to a quarter of an hour", () => {
  const guarded = new Guarded();
  const waits: (number | null)[] = [];
  for (let count = 0; count < 18; count++) {
    const waitMs = guarded.guess();
    waits.push(waitMs);
    if (waitMs !== null) assert.equal(guarded.wait(waitMs).guess(), null);
  }
  assert.deepEqual(waits.slice(0, 9), [null, null, null, null, null, SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]);
  assert.equal(waits.at(-1), 15 * MINUTE);
});

Deno.test("from one address, an account is guessed about 20 times in the first hour and 4 times in each that follows", () => {
  const guarded = new Guarded();
  const first = guarded.guessFor(HOUR);
  const day = guarded.guessFor(24 * HOUR);
  assert.ok(first <= 20, `${first} in the first hour`);
  assert.ok(day <= 4 * 24 + 1, `${day} in the day after`);
});

Deno.test("whoever guesses from one address keeps an account out nowhere else, whatever they do and however long", () => {
  const act = fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 * HOUR })),
    tries: fc.integer({ min: 1, max: 200 }),
    account: fc.constantFrom("alice", "alice", "bob", "nobody"),
    device: fc.constantFrom(null, "made up", "another"),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const guarded = new Guarded();
      for (const { waitMs, tries, ...attempt } of acts) {
        guarded.wait(waitMs);
        for (let count = 0; count < tries; count++) {
          const pauseMs = guarded.guess(attempt);
          if (pauseMs !== null) guarded.wait(pauseMs % (10 * MINUTE));
        }
        assert.equal(guarded.guess({ address: Y, isRight: true, device: null }), null);
        // The next time, alice comes from an address that nobody has seen.
        const { place, address } = countersOf({ account: "alice", address: Y, device: null });
        for (const name of [place, address]) guarded.counters.delete(name);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("a few addresses that guess as fast as they may keep an account out nowhere else either", () => {
  const guarded = new Guarded();
  for (let second = 0; second < 3600; second++) {
    for (let index = 1; index <= 7; index++) guarded.guess({ address: `203.0.113.${index}` });
    if (second % 20 === 0) {
      assert.equal(guarded.guess({ address: `198.51.100.${second / 20}`, isRight: true }), null, `after ${second} s`);
    }
    guarded.wait(SECOND);
  }
});

Deno.test("many addresses together slow down who has never signed in, and neither a known device nor a known address", () => {
  const guarded = new Guarded();
  assert.equal(guarded.guess({ address: Y, device: "of alice", isRight: true }), null);
  let checked = 0;
  for (let index = 0; index < 300; index++) {
    if (guarded.guess({ address: `203.0.113.${index % 256}.${index}` }) === null) checked++;
  }
  assert.ok(checked <= 100, `${checked} guesses were checked`);
  assert.ok((guarded.guess({ address: "203.0.113.9" }) ?? 0) > 0);
  assert.equal(guarded.guess({ address: Y, isRight: true }), null);
  assert.equal(guarded.guess({ address: "203.0.113.9", device: "of alice", isRight: true }), null);
});

Deno.test("one password tried on many accounts is stopped by the budget of the address, and nobody else is", () => {
  const guarded = new Guarded();
  const answers = Array.from({ length: 100 }, (_, index) => guarded.guess({ account: `user ${index}` }));
  assert.equal(answers.filter((answer) => answer === null).length, 30);
  assert.equal(guarded.guess({ account: "user 99", address: Y }), null);
  assert.equal(guarded.wait(MINUTE).guess({ account: "user 98" }), null);
  assert.ok((guarded.guess({ account: "user 97" }) ?? 0) > 0);
});

Deno.test("signing in to an account of one's own clears nothing of what was guessed about others", () => {
  const guarded = new Guarded();
  const mallory = { account: "mallory", isRight: true };
  guarded.guess(mallory);
  let checked = 0;
  for (let index = 0; index < 100; index++) {
    if (guarded.guess({ account: `user ${index}` }) === null) checked++;
    assert.equal(guarded.guess(mallory), null);
  }
  assert.equal(checked, 30);
});

Deno.test("a known device behind one address with someone who guesses is not slowed down, and does not clear their guesses", () => {
  const guarded = new Guarded();
  guarded.guess({ device: "of alice", isRight: true });
  for (let count = 0; count < 20; count++) guarded.guess();
  const waitMs = guarded.guess();
  assert.ok(waitMs !== null && waitMs > 0);
  assert.equal(guarded.guess({ device: "of alice", isRight: true }), null);
  assert.equal(guarded.guess(), waitMs);
});

Deno.test("a device that was taken is slowed down like an address", () => {
  const guarded = new Guarded();
  guarded.guess({ device: "of alice", isRight: true });
  const checked = guarded.guessFor(HOUR, { device: "of alice" });
  assert.ok(checked <= 20, `${checked} guesses were checked`);
});

Deno.test("a device is known to the account that signed in there alone, and for 90 days", () => {
  const guarded = new Guarded();
  guarded.guess({ device: "d", isRight: true });
  const isKnown = (account: string) =>
    isKnownDevice(countersOf({ account, address: X, device: "d" }), guarded.counters, guarded.now);
  assert.deepEqual([isKnown("alice"), isKnown("bob")], [true, false]);
  guarded.wait(KNOWN_MS);
  assert.equal(isKnown("alice"), false);
});

Deno.test("many attempts at once get no further than one after another", () => {
  const guarded = new Guarded();
  const answers = Array.from({ length: 50 }, () => guarded.guess());
  assert.equal(answers.filter((answer) => answer === null).length, 5);
});

Deno.test("an attempt that was withdrawn counts no more", () => {
  const guarded = new Guarded();
  for (let count = 0; count < 50; count++) {
    assert.equal(guarded.guess(), null);
    const names = countersOf({ account: "alice", address: X, device: null });
    for (const [name, counter] of withdrawAttempt(names, guarded.counters, guarded.now)) {
      guarded.counters.set(name, counter);
    }
  }
});

Deno.test("what may be forgotten changes no answer", () => {
  const act = fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 * MINUTE }), fc.integer({ min: 0, max: 24 * HOUR })),
    tries: fc.integer({ min: 1, max: 15 }),
    address: fc.constantFrom(X, Y),
    device: fc.constantFrom(null, "d"),
    isRight: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  });
  fc.assert(fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
    const [keeps, forgets] = [new Guarded(), new Guarded()];
    for (const { waitMs, tries, ...attempt } of acts) {
      keeps.wait(waitMs);
      forgets.wait(waitMs).prune();
      for (let count = 0; count < tries; count++) {
        const [pauseMs, same] = [keeps.guess(attempt), forgets.guess(attempt)];
        assert.equal(pauseMs, same);
        keeps.wait(pauseMs ?? 0);
        forgets.wait(pauseMs ?? 0);
      }
    }
  }));
});

const groups: readonly (readonly [address: string, other: string, isSame: boolean])[] = [
  ["192.0.2.1", "::ffff:192.0.2.1", true],
  ["192.0.2.1", "192.0.2.2", false],
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
  ["2001:db8:1:2::1", "2001:0DB8:1:2::1%eth0", true],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
  ["::1", "::2", true],
  ["no address", "no other", false],
];
for (const [address, other, isSame] of groups) {
  Deno.test(`limits take ${address} and ${other} for ${isSame ? "one" : "two"}`, () => {
    const placeOf = (text: string) => countersOf({ account: "alice", address: text, device: null }).address;
    assert.equal(placeOf(address) === placeOf(other), isSame);
  });
}
