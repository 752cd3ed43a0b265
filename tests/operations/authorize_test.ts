import assert from "node:assert/strict";
import { type Access, accessOf, FULL_ACCESS } from "../../shared/access/mod.ts";
import {
  type Actor,
  type DispatchId,
  Forbidden,
  type Grant,
  type JobDefinition,
  NotFound,
  type Role,
  sessionId,
  type User,
} from "../../shared/domain/mod.ts";
import {
  backfillJob,
  cancelRun,
  changeOwnPassword,
  createJob,
  createToken,
  createUser,
  deleteJob,
  disableUser,
  editJob,
  enableUser,
  type OperationContext,
  pauseJob,
  readJob,
  readRun,
  resumeJob,
  revokeSession,
  revokeSessions,
  revokeToken,
  rollBackJob,
  runNow,
  setPassword,
  setRole,
  signIn,
  signOut,
} from "../../shared/operations/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES, openTestStore } from "../support/store.ts";
import { at, MINUTELY, T0 } from "../store/_given.ts";

const PASSWORD = "tall otter paints fences";
const PLAN = { times: [at(-60)], atOnce: 1 };

/** What an operation acts on. */
interface Given {
  readonly job: { readonly id: Awaited<ReturnType<typeof createJob>>["id"]; readonly revision: number };
  readonly run: DispatchId;
  readonly other: User;
}

async function given(store: Store, labels: readonly string[] = ["finance"]): Promise<Given> {
  const context = operating(store, T0);
  const job = await createJob(context, { ...MINUTELY, labels });
  const { id: run } = await runNow(context, { id: job.id, args: null, force: true, idempotencyKey: null });
  return { job, run, other: await user(store, "other", "admin") };
}

function user(store: Store, name: string, role: Role | null): Promise<User> {
  const request = { name, role, grants: [], password: null, isService: false, externalId: null };
  return createUser(operating(store, T0), request);
}

function as(store: Store, access: Access, actor: Actor = { kind: "service", name: "somebody" }): OperationContext {
  return { ...operating(store, at(1)), access, actor };
}

function withRole(role: Role | null, ...grants: readonly Grant[]): Access {
  return accessOf({ role, grants, isDisabled: false });
}

const token = { name: "ci", scopes: ["jobs.read"], labels: null, expiresAt: null } as const;
const edited: JobDefinition = { ...MINUTELY, labels: ["finance"], name: "Edited" };

/** Each operation, the least role that may do it, and what it does. */
const operations: readonly (readonly [string, Role, (context: OperationContext, given: Given) => Promise<unknown>])[] =
  [
    ["createJob", "editor", (context) => createJob(context, edited)],
    ["editJob", "editor", (context, { job }) => editJob(context, { ...job, definition: edited })],
    ["rollBackJob", "editor", (context, { job }) => rollBackJob(context, { ...job, to: 1 })],
    ["pauseJob", "operator", (context, { job }) => pauseJob(context, { ...job, note: null, cancelsWaiting: true })],
    ["resumeJob", "operator", (context, { job }) => resumeJob(context, job)],
    ["deleteJob", "editor", (context, { job }) => deleteJob(context, job)],
    [
      "runNow",
      "operator",
      (context, { job: { id } }) => runNow(context, { id, args: null, force: true, idempotencyKey: null }),
    ],
    ["backfillJob", "operator", (context, { job: { id } }) => backfillJob(context, { id, key: "k", plan: PLAN })],
    ["cancelRun", "operator", (context, { run }) => cancelRun(context, { id: run })],
    [
      "createUser",
      "admin",
      (context) =>
        createUser(context, { name: "n", role: null, grants: [], password: null, isService: true, externalId: null }),
    ],
    ["setRole", "admin", (context, { other }) => setRole(context, { id: other.id, role: "admin", grants: [] })],
    ["enableUser", "admin", (context, { other }) => enableUser(context, other)],
    ["setPassword", "admin", (context, { other }) => setPassword(context, { id: other.id, password: PASSWORD })],
    ["revokeSessions", "admin", (context, { other }) => revokeSessions(context, { userId: other.id })],
    ["signOut", "admin", (context, { other }) => signOut(context, { userId: other.id, id: sessionId(1) })],
    ["createToken", "admin", (context, { other }) => createToken(context, { ...token, userId: other.id })],
  ];

const ROLES: readonly (Role | null)[] = [null, "viewer", "operator", "editor", "admin"];
for (const [name, least, operation] of operations) {
  Deno.test(`${name}() takes the role ${least}, on everything or, where it is about a job, on one of its labels`, async () => {
    await using test = await openTestStore();
    const { store } = test;
    const context = await given(store);
    const isOfJob = least !== "admin";
    for (const role of ROLES) {
      const everywhere = () => operation(as(store, withRole(role)), context);
      const byLabel = () => operation(as(store, withRole(null, { label: "finance", role: role ?? "viewer" })), context);
      const elsewhere = () => operation(as(store, withRole(null, { label: "hr", role: "admin" })), context);
      await assert.rejects(elsewhere, (error) => error instanceof Forbidden || error instanceof NotFound);
      if (ROLES.indexOf(role) < ROLES.indexOf(least)) {
        // A job on which somebody may do nothing is not there for them; that one may be created is no secret.
        const isHidden = role === null && isOfJob && name !== "createJob";
        await assert.rejects(everywhere, isHidden ? NotFound : Forbidden);
        await assert.rejects(byLabel, Forbidden);
      } else if (isOfJob && role === least) {
        await byLabel();
      } else if (role === "admin" && !isOfJob) {
        await assert.rejects(byLabel, Forbidden);
        await everywhere();
      }
    }
  });
}

Deno.test("a job that was not seen answers like one that is not there", async () => {
  await using test = await openTestStore();
  const { job } = await given(test.store);
  const nobody = as(test.store, withRole(null, { label: "hr", role: "admin" }));
  await assert.rejects(deleteJob(nobody, job), new NotFound(`There is no job ${job.id}`));
});

Deno.test("an editor of one label neither takes a job of others nor gives one away", async () => {
  await using test = await openTestStore();
  const { job } = await given(test.store, ["finance", "hr"]);
  const context = as(test.store, withRole(null, { label: "finance", role: "editor" }));
  const edit = (labels: readonly string[]) => editJob(context, { ...job, definition: { ...MINUTELY, labels } });
  await assert.rejects(edit(["finance"]), /To add or remove the label "hr"/);
  await assert.rejects(edit(["finance", "hr", "ops"]), /To add or remove the label "ops"/);
  await assert.rejects(createJob(context, { ...MINUTELY, labels: ["hr"] }), Forbidden);
});

Deno.test("people see to their own account; their tokens and other people do not", async () => {
  await using test = await openTestStore();
  const { store } = test;
  const me = await user(store, "me", "viewer");
  const mine: Actor = { kind: "user", name: "me", userId: me.id };
  const other = await user(store, "other", "admin");
  const context = as(store, withRole("viewer"), mine);
  assert.equal(await revokeSessions(context, { userId: me.id }), 0);
  await assert.rejects(revokeSessions(context, { userId: other.id }), Forbidden);
  const { token: made } = await createToken(context, { ...token, userId: me.id });
  await assert.rejects(createToken(context, { ...token, userId: other.id }), Forbidden);
  await assert.rejects(revokeToken(context, { userId: other.id, id: made.id }), Forbidden);

  const byToken: Actor = { kind: "token", name: "ci of me", userId: me.id, tokenId: made.id };
  const limited = accessOf(me, { scopes: ["tokens.own", "jobs.read"], labels: null, expiresAt: at(60) });
  const last = { ...token, userId: me.id, expiresAt: at(60) };
  await createToken(as(store, limited, byToken), last);
  for (const more of [{ scopes: ["jobs.run"] }, { expiresAt: at(61) }, { expiresAt: null }] as const) {
    const tried = createToken(as(store, limited, byToken), { ...last, ...more });
    await assert.rejects(tried, /cannot make a token that may do more/);
  }
  await assert.rejects(revokeSessions(as(store, limited, byToken), { userId: me.id }), Forbidden);
  const change = { id: me.id, password: "x", newPassword: PASSWORD, session: sessionId(1), address: "", device: null };
  await assert.rejects(changeOwnPassword(as(store, limited, byToken), change), Forbidden);
  await assert.rejects(changeOwnPassword(as(store, FULL_ACCESS), change), Forbidden);
  await assert.rejects(
    revokeSession(as(store, withRole("viewer"), mine), { userId: other.id, id: sessionId(1) }),
    Forbidden,
  );
  await revokeToken(context, { userId: me.id, id: made.id });
});

Deno.test("an administrator resets no password of their own, signed in or by a token: a stolen session cannot keep the account", async () => {
  await using test = await openTestStore();
  const { store } = test;
  const [me, other] = [await user(store, "me", "admin"), await user(store, "other", "admin")];
  const { token: made } = await createToken(operating(store, T0), { ...token, userId: me.id });
  const mine = [
    { kind: "user", name: "me", userId: me.id },
    { kind: "token", name: "ci of me", userId: me.id, tokenId: made.id },
  ] as const;
  for (const actor of mine) {
    const context = as(store, withRole("admin"), actor);
    await assert.rejects(setPassword(context, { id: me.id, password: PASSWORD }), /takes the old one/);
    const [event] = (await store.audit.list({ limit: 1 })).items;
    assert.deepEqual([event?.outcome, event?.action, event?.subject.id], ["denied", "users.edit", me.id]);
    await setPassword(context, { id: other.id, password: PASSWORD });
  }
  assert.equal((await store.users.get(me.id))?.hasPassword, false);
  await setPassword(as(store, FULL_ACCESS, { kind: "cli", name: "me" }), { id: me.id, password: PASSWORD });
});

Deno.test("who is disabled does nothing, and a check that crashes allows nothing", async () => {
  await using test = await openTestStore();
  const { store } = test;
  const { job, other } = await given(store);
  const disabled = accessOf({ role: "admin", grants: [], isDisabled: true });
  await assert.rejects(createJob(as(store, disabled), edited), Forbidden);
  const self: Actor = { kind: "user", name: other.name, userId: other.id };
  await assert.rejects(revokeSessions(as(store, disabled, self), { userId: other.id }), Forbidden);
  const crashing: Access = {
    ...FULL_ACCESS,
    get role(): Role {
      throw new Error("broken");
    },
  };
  await assert.rejects(deleteJob(as(store, crashing), job), /broken/);
  await assert.rejects(disableUser(as(store, crashing), other), /broken/);
  assert.ok(await store.jobs.get(job.id) !== null);
});

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: what was denied, and who did not get in, stands in the audit list`, async () => {
    await using test = await open();
    const { store } = test;
    const { job } = await given(store);
    const [last] = (await store.audit.list({ limit: 1 })).items;
    const me = await user(store, "me", "viewer");
    const viewer = {
      ...as(store, withRole("viewer"), { kind: "user", name: "me", userId: me.id }),
      origin: { address: "192.0.2.7", requestId: "r-9" },
    };
    await assert.rejects(deleteJob(viewer, job), Forbidden);
    const attempt = { password: "not it", address: "192.0.2.7", device: null, userAgent: "" };
    assert.equal((await signIn(viewer, { ...attempt, name: "ME" })).outcome, "refused");
    assert.equal((await signIn(viewer, { ...attempt, name: "a password by mistake" })).outcome, "refused");
    const { items } = await store.audit.list({ limit: 10 });
    const told = items.filter(({ outcome }) => outcome !== "done").map((
      { actor, action, subject, outcome, reason, origin },
    ) => ({
      ...{ who: actor?.name ?? null, action, subject, outcome, reason, from: origin.address },
    }));
    const failed = { who: null, action: "session.begin", outcome: "failed", from: "192.0.2.7" };
    const reason = "The name or the password is wrong";
    assert.deepEqual(told, [
      { ...failed, subject: { kind: "user", id: null, name: null }, reason },
      { ...failed, subject: { kind: "user", id: me.id, name: "me" }, reason },
      {
        who: "me",
        action: "jobs.delete",
        subject: { kind: "job", id: job.id, name: MINUTELY.name },
        outcome: "denied",
        reason: "To delete jobs takes the role editor on this job or one of its labels",
        from: "192.0.2.7",
      },
    ]);
    assert.ok(last !== undefined && (await store.audit.verify()).isIntact);
  });

  Deno.test(`${database}: whoever guesses on fills no list: limits on guessing come first`, async () => {
    await using test = await open();
    await user(test.store, "alice", null);
    const attempt = { name: "alice", password: "not it", address: "192.0.2.7", device: null, userAgent: "" };
    for (let count = 0; count < 40; count++) await signIn(operating(test.store, T0), attempt);
    assert.equal((await test.store.audit.list({ outcome: "failed", limit: 200 })).items.length, 5);
  });
}

Deno.test("who may not see a job or a run reads the same answer as when there is none", async () => {
  await using test = await openTestStore();
  const { store } = test;
  const { job, run } = await given(store);
  const by = (access: Access) => as(store, access);
  const finance = by(withRole(null, { label: "finance", role: "viewer" }));
  const others = by(withRole(null, { label: "hr", role: "admin" }));
  assert.deepEqual([(await readJob(finance, job.id)).id, (await readRun(finance, run)).id], [job.id, run]);
  await assert.rejects(readJob(others, job.id), new NotFound(`There is no job ${job.id}`));
  await assert.rejects(readRun(others, run), new NotFound(`There is no run ${run}`));
  const token = accessOf({ role: "viewer", grants: [], isDisabled: false }, {
    scopes: ["runs.read"],
    labels: null,
    expiresAt: null,
  });
  assert.equal((await readRun(by(token), run)).id, run);
  await assert.rejects(readRun(by(token), run, "logs.read"), NotFound);
  await assert.rejects(readJob(by(token), job.id), NotFound);
  await deleteJob(operating(store, at(2)), job);
  await assert.rejects(readRun(finance, run), NotFound);
  assert.equal((await readRun(by(withRole("viewer")), run)).id, run);
});
