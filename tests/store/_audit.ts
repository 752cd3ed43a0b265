import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Actor,
  type AuditEvent,
  type AuditFault,
  definitionOf,
  dispatchId,
  type EpochMs,
  epochMs,
  type Job,
  SECRET_MARK,
  type UserId,
  userId,
} from "../../shared/domain/mod.ts";
import { MOST_ATTEMPTS_OF_ONE, MOST_OF_STRANGERS, type Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import type { Check } from "./contract.ts";
import { at, given, manual, MINUTELY, moved, pausing, T0 } from "./_given.ts";

const SECRET = "hunter2-do-not-keep";
const HASH = "c0ffee".repeat(11).slice(0, 64);
const NOBODY = { role: null, grants: [], isService: false, passwordHash: null, externalId: null } as const;

/** The audit list. */
export function auditContract(check: Check): void {
  check(
    "each change by a person makes one event, with its actor, its origin, and only the changed fields",
    async ({ store }) => {
      const actor: Actor = { kind: "user", name: "alice", userId: userId(7) };
      const from = { actor, now: at(5), origin: { address: "192.0.2.1", requestId: "r-1" } };
      const job = await given(store, { name: "Backup" });
      const definition = { ...definitionOf(job), name: "Nightly", policies: { ...job.policies, priority: 3 } };
      await store.jobs.update(job.id, { revision: 1, definition, nextRun: "keep", ...from });
      const [event] = await events(store);
      assert.ok(event !== undefined);
      const { hash: _hash, previousHash: _previous, ...rest } = event;
      assert.deepEqual(rest, {
        id: 2,
        at: at(5),
        actor: { kind: "user", name: "alice", userId: 7, tokenId: null },
        origin: { address: "192.0.2.1", requestId: "r-1" },
        action: "jobs.edit",
        subject: { kind: "job", id: job.id, name: "Nightly" },
        outcome: "done",
        reason: null,
        before: { name: "Backup", priority: 0 },
        after: { name: "Nightly", priority: 3 },
      });
    },
  );

  for (const [name, change, expected] of CHANGES) {
    check(`${name} makes one event, and none when it fails`, async ({ store }) => {
      const given = await prepare(store);
      const before = await events(store);
      await change(store, given);
      const made = (await events(store)).slice(0, -before.length);
      assert.deepEqual(made.map(({ action, outcome }) => [action, outcome]), [[expected, "done"]]);
      assert.equal((await store.audit.verify()).isIntact, true);
      // The same again fails or changes nothing.
      await Promise.resolve(change(store, given)).catch(() => {});
      assert.equal((await events(store)).length, before.length + (AGAIN.has(name) ? 2 : 1));
    });
  }

  check(
    "no secret gets into the list: values of an environment, arguments of a run, hashes",
    async ({ store, sql }) => {
      const policies = { ...MINUTELY.policies, env: { TOKEN: SECRET } };
      const job = await given(store, { policies });
      const edited = { ...definitionOf(job), policies: { ...policies, env: { TOKEN: `${SECRET}-2`, MORE: SECRET } } };
      await store.jobs.update(job.id, { revision: 1, definition: edited, nextRun: "keep", ...by(at(1)) });
      const [event] = await events(store);
      assert.deepEqual(event?.before, { env: { TOKEN: SECRET_MARK } });
      assert.deepEqual(event?.after, { env: { TOKEN: SECRET_MARK, MORE: SECRET_MARK } });
      await store.runs.runNow({ ...manual(job, { force: true }), args: [SECRET] });
      await store.jobs.remove(job.id, by(at(2)));
      const { id } = await store.users.create({ ...NOBODY, name: "alice", passwordHash: SECRET }, by(at(3)));
      await store.users.update(id, { passwordHash: `${SECRET}-3` }, by(at(4)));
      await store.sessions.begin({ ...sessionOf(id), secretHash: HASH, passwordHash: `${SECRET}-3` }, by(at(5)));
      await store.tokens.create({ ...tokenOf(id), tokenHash: HASH }, by(at(6)));
      const rows = JSON.stringify(await sql("SELECT * FROM audit_events"));
      assert.ok(!rows.includes(SECRET) && !rows.includes(HASH));
    },
  );

  check("the list is filtered and read page by page, newest first", async ({ store }) => {
    const job = await given(store);
    const other = { ...by(at(10)), actor: { kind: "local", name: "somebody" } } as const;
    await store.jobs.pause(job.id, { ...pausing(job.nextRun, { now: at(10) }), ...other });
    await store.jobs.resume(job.id, { nextRun: moved(null, at(60)), ...by(at(20)) });
    await store.audit.record(attempt(at(30)));
    const of = async (query: Partial<Parameters<Store["audit"]["list"]>[0]>) =>
      (await store.audit.list({ limit: 10, ...query })).items.map(({ id }) => id);
    assert.deepEqual(await of({}), [4, 3, 2, 1]);
    assert.deepEqual(await of({ actor: "somebody" }), [2]);
    assert.deepEqual(await of({ actor: "nobody" }), []);
    assert.deepEqual(await of({ action: "jobs.resume" }), [3]);
    assert.deepEqual(await of({ outcome: "failed" }), [4]);
    assert.deepEqual(await of({ subject: { kind: "job" } }), [3, 2, 1]);
    assert.deepEqual(await of({ subject: { kind: "job", id: 999 } }), []);
    assert.deepEqual(await of({ since: at(10), until: at(20) }), [2]);
    const first = await store.audit.list({ limit: 3 });
    assert.ok(first.next !== null);
    assert.deepEqual((await store.audit.list({ limit: 3, cursor: first.next })).items.map(({ id }) => id), [1]);
    await assert.rejects(store.audit.list({ limit: 3, cursor: "x" }), /cursor/);
    await assert.rejects(store.audit.list({ limit: 0 }), RangeError);
  });

  for (const [what, tamper, id, fault] of TAMPERED) {
    check(`a check of the list finds ${what}`, async ({ store, sql }) => {
      const job = await given(store);
      for (let now = 1; now < 5; now++) await store.runs.runNow(manual(job, { force: true, now: at(now) }));
      assert.deepEqual((await store.audit.verify()).isIntact, true);
      await sql(tamper);
      assert.deepEqual(await store.audit.verify(), { isIntact: false, id, fault });
    });
  }

  check("a check of a long list that grows meanwhile finds no fault", async ({ store, another }) => {
    const job = await given(store);
    const other = await another();
    for (let now = 0; now < 3; now++) {
      const [verdict] = await Promise.all([
        other.audit.verify(),
        ...[store, other].map((one) => one.runs.runNow(manual(job, { force: true, now: at(now) }))),
      ]);
      assert.equal(verdict.isIntact, true);
    }
  });

  check("what is done but changes no row is appended as such", async ({ store }) => {
    const subject = { kind: "session", id: null, name: "alice" } as const;
    const done = { action: "session.begin", subject, before: null, after: { method: "proxy" } } as const;
    await store.audit.append(done, by(at(1)));
    const [event] = await events(store);
    assert.deepEqual([event?.action, event?.subject, event?.outcome, event?.after], [
      "session.begin",
      subject,
      "done",
      { method: "proxy" },
    ]);
    assert.equal((await store.audit.verify()).isIntact, true);
  });

  check("a check rests between batches, says how far it is, and ends when it is told to", async ({ store }) => {
    for (let i = 0; i < 300; i++) await store.users.create({ ...NOBODY, name: `user ${i}` }, by(at(i)));
    const rests: number[] = [];
    const verdict = await store.audit.verify((events) => Promise.resolve(void rests.push(events)));
    assert.deepEqual([verdict.isIntact, rests], [true, [250]]);
    await assert.rejects(store.audit.verify(() => Promise.reject(new Error("enough"))), /enough/);
  });

  check("two processes that append at once keep one chain", async ({ store, another }) => {
    const job = await given(store);
    const stores = [store, await another()];
    await Promise.all(
      Array.from(
        { length: 40 },
        (_, index) => stores[index % 2]?.runs.runNow(manual(job, { force: true, now: at(index) })),
      ),
    );
    const { hash } = (await events(store))[0] ?? {};
    assert.deepEqual(await store.audit.verify(), { isIntact: true, events: 41, last: { id: 41, hash } });
  });

  check("pruning removes the oldest events, and the rest still verifies", async ({ store, sql }) => {
    const job = await given(store);
    for (const now of [10, 20, 30]) await store.runs.runNow(manual(job, { force: true, now: at(now) }));
    assert.equal(await store.audit.prune({ before: at(25), limit: 2 }), 2);
    assert.equal(await store.audit.prune({ before: at(25), limit: 2 }), 1);
    assert.equal(await store.audit.prune({ before: at(25), limit: 2 }), 0);
    assert.deepEqual((await events(store)).map(({ id }) => id), [4]);
    assert.equal((await store.audit.verify()).isIntact, true);
    assert.equal(await store.audit.prune({ before: at(99), limit: 10 }), 1);
    const empty = await store.audit.verify();
    assert.deepEqual(empty.isIntact && [empty.events, empty.last?.id], [0, 4]);
    await store.runs.runNow(manual(job, { force: true, now: at(40) }));
    assert.equal((await events(store))[0]?.id, 5);
    assert.equal((await store.audit.verify()).isIntact, true);
    await sql("DELETE FROM audit_events");
    assert.deepEqual(await store.audit.verify(), { isIntact: false, id: 5, fault: "missing" });
  });

  check("attempts that change nothing are recorded up to a limit for each and for all", async ({ store }) => {
    const tries = async (
      count: number,
      change: Partial<Parameters<Store["audit"]["record"]>[0]>,
      now: EpochMs = T0,
    ) => {
      let written = 0;
      for (let index = 0; index < count; index++) {
        if (await store.audit.record({ ...attempt(now), ...change })) written++;
      }
      return written;
    };
    const of = (address: string) => ({ origin: { address, requestId: null } });
    assert.equal(await tries(MOST_ATTEMPTS_OF_ONE + 5, of("192.0.2.1")), MOST_ATTEMPTS_OF_ONE);
    const mallory = { actor: { kind: "user", name: "mallory", userId: userId(3) }, outcome: "denied" } as const;
    assert.equal(await tries(MOST_ATTEMPTS_OF_ONE + 1, mallory), MOST_ATTEMPTS_OF_ONE);
    // A machine has all addresses of an IPv6 network of 64 bits.
    let ofNetwork = 0;
    for (let host = 0; host < MOST_ATTEMPTS_OF_ONE + 5; host++) ofNetwork += await tries(1, of(`2001:db8::${host}`));
    assert.equal(ofNetwork, MOST_ATTEMPTS_OF_ONE);
    for (const address of ["192.0.2.2", "192.0.2.3"]) await tries(MOST_ATTEMPTS_OF_ONE, of(address));
    // The two that were over their limits so far have an event each that says so.
    const left = MOST_OF_STRANGERS - 4 * MOST_ATTEMPTS_OF_ONE - 2;
    assert.equal(await tries(left + 1, of("192.0.2.4")), left);
    assert.equal(await tries(1, of("192.0.2.5")), 0);
    // Strangers take nothing of what is kept of those who are known, nor of another action.
    const alice = { actor: { kind: "user", name: "alice", userId: userId(4) }, outcome: "denied" } as const;
    assert.equal(await tries(1, alice), 1);
    assert.equal(await tries(1, { ...of("192.0.2.5"), action: "webhooks.receive" }), 1);
    // Changes are always recorded.
    await given(store);
    const hour = epochMs(T0 + 3_600_001);
    assert.equal(await tries(1, of("192.0.2.1"), hour), 1);
    const newest = (await store.audit.list({ limit: 3 })).items.map(({ reason, actor }) => [reason, actor]);
    assert.deepEqual(newest.slice(0, 2), [
      [
        "2 more attempts before this one were not written: too many were refused within an hour. The log has them",
        null,
      ],
      ["wrong", null],
    ]);
    assert.equal(await tries(1, of("192.0.2.1"), hour), 1, "and it is said once");
    assert.deepEqual((await store.audit.list({ limit: 2 })).items.map(({ reason }) => reason)[0], "wrong");
  });

  check("any sequence of changes, refusals and deletions leaves a chain that verifies", async ({ store, another }) => {
    const stores = [store, await another()] as const;
    const job = await given(store);
    let now = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(1), fc.nat(6)), { maxLength: 12 }), async (steps) => {
        for (const [which, kind] of steps) await step(stores[which] ?? store, job, kind, at(++now));
        assert.equal((await store.audit.verify()).isIntact, true);
      }),
      { numRuns: 12 },
    );
  });
}

async function step(store: Store, job: Job, kind: number, now: EpochMs): Promise<void> {
  const current = await store.jobs.get(job.id);
  if (current === null) return;
  const nextRun = moved(current.nextRun, null);
  switch (kind) {
    case 0:
      return void await store.runs.runNow(manual(job, { force: true, now }));
    case 1:
      return void await store.jobs.pause(job.id, { note: "é\0\uD800", cancelsWaiting: true, nextRun, ...by(now) });
    case 2:
      return void await store.jobs.resume(job.id, { nextRun: moved(null, at(1e6)), ...by(now) });
    case 3:
      return void await store.audit.record({ ...attempt(now), reason: "é\0\uD800\u2028" });
    case 4:
      return void await store.audit.prune({ before: epochMs(now - 5_000), limit: 3 });
    case 5:
      return void await store.users.create({ ...NOBODY, name: `u${now}` }, by(now));
    default:
      await assert.rejects(store.runs.cancel(dispatchId(999_999), by(now)));
  }
}

interface Given {
  readonly job: Job;
  readonly run: ReturnType<typeof dispatchId>;
  readonly user: UserId;
}

async function prepare(store: Store): Promise<Given> {
  const job = await given(store);
  const run = await store.runs.runNow(manual(job, { force: true }));
  const user = await store.users.create({ ...NOBODY, name: "alice" }, by(T0));
  return { job, run: run.id, user: user.id };
}

/** Changes that make another event when they are made again. */
const AGAIN: ReadonlySet<string> = new Set(["an edit", "a start", "a password", "a sign-in, which has a session"]);

const CHANGES: readonly (readonly [string, (store: Store, given: Given) => Promise<unknown>, AuditEvent["action"]])[] =
  [
    ["a start with a key", (store, { job }) => store.runs.runNow(manual(job, { force: true, key: "k" })), "jobs.run"],
    ["a start", (store, { job }) => store.runs.runNow(manual(job, { force: true })), "jobs.run"],
    [
      "a job",
      (store) => store.jobs.create({ ...MINUTELY, key: "own" }, { nextRun: null, ...by(at(1)) }),
      "jobs.create",
    ],
    ["an edit of a revision", (store, { job }) => {
      const definition = { ...definitionOf(job), name: "Other" };
      return store.jobs.update(job.id, { revision: 1, definition, nextRun: "keep", ...by(at(1)) });
    }, "jobs.edit"],
    ["a rollback", (store, { job }) => {
      const change = { revision: 1, definition: definitionOf(job), nextRun: "keep", restores: 1 } as const;
      return store.jobs.update(job.id, { ...change, ...by(at(1)) });
    }, "jobs.rollback"],
    ["a pause", async (store, { job }) => {
      const { nextRun = null } = await store.jobs.get(job.id) ?? {};
      return await store.jobs.pause(job.id, pausing(nextRun, { now: at(1) }));
    }, "jobs.pause"],
    ["a deletion", (store, { job }) => store.jobs.remove(job.id, by(at(1))), "jobs.delete"],
    [
      "a backfill",
      (store, { job }) =>
        store.runs.backfill({ jobId: job.id, times: [at(-60)], backfill: { id: "b", atOnce: 1 }, ...by(at(1)) }),
      "jobs.backfill",
    ],
    ["a cancellation", (store, { run }) => store.runs.cancel(run, by(at(1))), "runs.cancel"],
    ["a user", (store) => store.users.create({ ...NOBODY, name: "bob" }, by(at(1))), "users.create"],
    ["a role", (store, { user }) => store.users.update(user, { role: "editor" }, by(at(1))), "users.edit"],
    ["a disabling", (store, { user }) => store.users.update(user, { isDisabled: true }, by(at(1))), "users.disable"],
    ["a password", (store, { user }) => store.users.update(user, { passwordHash: "x" }, by(at(1))), "users.password"],
    ["a sign-in", (store, { user }) => store.sessions.begin(sessionOf(user), by(at(1))), "session.begin"],
    ["a token", (store, { user }) => store.tokens.create(tokenOf(user), by(at(1))), "tokens.create"],
  ];

const TAMPERED: readonly (readonly [what: string, sql: string, id: number, fault: AuditFault])[] = [
  ["a changed actor", "UPDATE audit_events SET actor_name = 'bob' WHERE id = 3", 3, "changed"],
  ["changed facts", "UPDATE audit_events SET after = '{}' WHERE id = 2", 2, "changed"],
  ["a changed reason", "UPDATE audit_events SET reason = 'x' WHERE id = 1", 1, "changed"],
  ["a removed event", "DELETE FROM audit_events WHERE id = 3", 3, "missing"],
  ["a removed first event", "DELETE FROM audit_events WHERE id = 1", 1, "missing"],
  ["a removed last event", "DELETE FROM audit_events WHERE id = 5", 5, "missing"],
  ["an event that replaces another", "UPDATE audit_events SET hash = previous_hash WHERE id = 3", 3, "changed"],
  ["a chain that was bent", "UPDATE audit_chain SET last_hash = first_hash", 5, "changed"],
  ["an event behind the last one", "UPDATE audit_events SET id = 6 WHERE id = 5", 5, "missing"],
  [
    "an inserted event",
    `INSERT INTO audit_events (id, at, action, subject_kind, outcome, previous_hash, hash)
      SELECT 6, at, action, subject_kind, outcome, hash, hash FROM audit_events WHERE id = 5`,
    6,
    "inserted",
  ],
  [
    "an event that was put before the first",
    `INSERT INTO audit_events (id, at, action, subject_kind, outcome, previous_hash, hash)
      SELECT 0, at, action, subject_kind, outcome, hash, hash FROM audit_events WHERE id = 5`,
    0,
    "inserted",
  ],
];

function events(store: Store): Promise<readonly AuditEvent[]> {
  return store.audit.list({ limit: 200 }).then(async ({ items, next }) =>
    next === null ? items : [...items, ...(await store.audit.list({ limit: 200, cursor: next })).items]
  );
}

function attempt(now: EpochMs): Parameters<Store["audit"]["record"]>[0] {
  const subject = { kind: "user", id: null, name: null } as const;
  return { ...by(now), actor: null, action: "session.begin", subject, outcome: "failed", reason: "wrong" };
}

function sessionOf(id: UserId) {
  const place = { address: "192.0.2.1", userAgent: "" };
  return { userId: id, secretHash: "d".repeat(64), method: "oidc", passwordHash: null, ...place } as const;
}

function tokenOf(id: UserId) {
  const limits = { scopes: ["jobs.read"], labels: null, expiresAt: null } as const;
  return { userId: id, tokenHash: "e".repeat(64), name: "ci", prefix: "jtp_abcd", ...limits };
}
