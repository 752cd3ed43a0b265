import { DatabaseSync } from "node:sqlite";
import assert from "node:assert/strict";
import { type EpochMs, epochMs, eventId, type JobId } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { query } from "../support/postgres.ts";
import type { TestStore } from "../support/store.ts";
import {
  A,
  at,
  B,
  claim,
  claimOne,
  enter,
  given,
  LEASE_MS,
  LOCK_MS,
  manual,
  outcome,
  pausing,
  running,
  T0,
} from "./_given.ts";
import { by } from "../support/actor.ts";

/** Text that a copy may damage: quotes, escapes, emoji, U+FFFD for a NUL, other scripts, line breaks. */
export const ODD_TEXT = `it's "quoted" \\N \\\\ {a,NULL} 🚀👩‍👩‍👧 \uFFFD 備份 é\u0301 $1 \t tab\nnext\r\n\u2028`;

/** Instants that a copy may damage: before 1970, 1970 itself, odd milliseconds, and the last of JavaScript. */
export const ODD_INSTANTS: readonly EpochMs[] = [-2_208_988_800_001, -1, 0, 1, T0 + 123, 253_402_300_800_007, 8.64e15]
  .map(epochMs);

/** A stand-in for the hash of a secret. */
const SECRET_HASH = "a".repeat(64);

/** Fills every table of a store: each state of a run, output, ledger, workers, a paused and a deleted job, accounts. */
export async function fill({ store, url }: TestStore): Promise<void> {
  await store.events.register(ODD_TEXT);
  await enter(store, A, at(1));
  await enter(store, B, at(2));
  const job = await given(store, { name: ODD_TEXT, scriptArgs: [ODD_TEXT, "", "a\0b"] }, at(60));
  await given(store, {
    name: "Nightly",
    key: "nightly",
    labels: ["eu", "über"],
    policies: { ...job.policies, env: { ODD: ODD_TEXT }, timeoutSeconds: 1.5 },
  });
  for (const nextRun of ODD_INSTANTS) await given(store, { name: `Due ${nextRun}` }, nextRun);
  const paused = await given(store, { name: "Paused" });
  await store.jobs.pause(paused.id, pausing(paused.nextRun, { note: ODD_TEXT, now: at(3) }));

  await store.runs.runNow({ ...manual(job, { key: ODD_TEXT }), args: ["own", ODD_TEXT] });
  await finishWithOutput(store, await claimOne(store, A, at(4)));
  await store.runs.runNow(manual(job, { now: at(5) }));
  const failed = await claimOne(store, B, at(5));
  const end = { ...failed, outcome: outcome("FAILED"), startedAt: null, endedAt: at(6), retryAt: at(20) };
  assert.deepEqual(await store.queue.finish([end]), []);
  const cancelled = await store.runs.runNow(manual(job, { now: at(7), force: true }));
  await store.runs.cancel(cancelled.id, by(at(8)));

  await store.scheduling.dispatchDue({
    now: at(300),
    limit: 100,
    lockMs: LOCK_MS,
    decide: ({ dueAt }) => ({
      ...running(dueAt === at(60) ? [dueAt] : [], epochMs(dueAt + 3_600_000)),
      ledger: dueAt < T0 ? [{ reason: "missed", firstAt: dueAt, lastAt: epochMs(dueAt + 60_000), count: 2 }] : [],
    }),
  });
  const held = await claim(store, A, at(301), 2);
  const startedAt = at(302);
  await store.queue.markStarted(held.slice(1).map((ref) => ({ ...ref, startedAt, timeoutAt: at(900) })));
  await store.queue.heartbeat({ workerId: A, held, status: "BUSY", leaseMs: LEASE_MS, now: at(310) });
  await store.workers.retire(B, at(311));
  const removed = await given(store, { name: "Removed" });
  await store.runs.runNow(manual(removed));
  await store.jobs.remove(removed.id, { ...by(at(312)) });
  await fillAccounts(store);
  await execute(url, `INSERT INTO settings (name, value) VALUES ('odd', '{"b": [1, 2.50, null, true], "a": "🚀"}')`);
}

/** Users of each kind, a session, tokens, and counters. */
async function fillAccounts({ users, sessions, tokens, guesses }: Store): Promise<void> {
  const rest = { grants: [{ label: "über", role: "editor" }], passwordHash: null, externalId: null } as const;
  const { id: userId } = await users.create(
    { ...rest, name: "Álice 🚀", role: "admin", isService: false, passwordHash: SECRET_HASH },
    by(T0),
  );
  const externalId = { issuer: "https://id.example", subject: ODD_TEXT };
  const { id: disabled } = await users.create(
    { ...rest, name: "bob", role: null, isService: false, externalId },
    by(at(1)),
  );
  await users.update(disabled, { isDisabled: true }, by(at(2)));
  await users.create({ ...rest, name: "robot", role: "viewer", isService: true }, by(at(1)));
  const session = { userId, secretHash: SECRET_HASH, method: "oidc", passwordHash: null } as const;
  await sessions.begin({ ...session, address: "2001:db8::1", userAgent: ODD_TEXT }, by(at(3)));
  const token = { userId, prefix: "jtp_abcd", scopes: ["jobs.read", "jobs.run"], expiresAt: at(900) } as const;
  await tokens.create({ ...token, tokenHash: SECRET_HASH, name: ODD_TEXT, labels: ["über"] }, by(at(4)));
  const { id } = await tokens.create({ ...token, tokenHash: "b".repeat(64), name: "ci", labels: null }, by(at(5)));
  await tokens.revoke({ userId, id }, by(at(6)));
  const counter = { failures: 4.999_861_111_111_111, failedAt: at(7), succeededAt: null, keepUntil: at(900) };
  await guesses.change([], () => ({ answer: null, changed: new Map([[SECRET_HASH, counter]]) }));
}

async function finishWithOutput(store: Store, held: Awaited<ReturnType<typeof claimOne>>): Promise<void> {
  await store.queue.markStarted([{ ...held, startedAt: at(4), timeoutAt: at(600) }]);
  const texts = [ODD_TEXT, "\0\uD800", "🚀".repeat(300_000), ...Array.from({ length: 600 }, (_, line) => `${line}\n`)];
  const chunks = texts.map((data, seq) => ({ seq, stream: "stdout" as const, at: at(4), data }));
  assert.deepEqual(await store.queue.appendLogs([{ ...held, chunks }]), []);
  const end = { ...held, outcome: outcome("COMPLETED"), startedAt: at(4), endedAt: at(5), retryAt: null };
  assert.deepEqual(await store.queue.finish([end]), []);
}

/** All answers of a store's reading methods. */
export async function contents(store: Store): Promise<unknown> {
  const jobs = await all((page) => store.jobs.list({ limit: 200, sort: "id", ...page }));
  const runs = await all((page) => store.runs.list({ limit: 200, ...page }));
  const ids = [...new Set([...jobs.map(({ id }) => id), ...runs.map(({ jobId }) => jobId)])];
  const users = await all((page) => store.users.list({ limit: 100, ...page }));
  return cleaned({
    users,
    credentials: await Promise.all(users.map(({ name }) => store.users.credentials(name))),
    session: await store.sessions.find(SECRET_HASH, at(10)),
    token: await store.tokens.find(SECRET_HASH, at(10)),
    tokens: await store.tokens.list({ limit: 100 }),
    guesses: [...await store.guesses.read([SECRET_HASH])],
    jobs,
    runs,
    executions: await Promise.all(runs.map(({ id }) => store.runs.execution(id))),
    output: await Promise.all(runs.map(({ id }) => store.logs.read(id, { fromSeq: 0, maxBytes: 1e9 }))),
    ledger: await Promise.all(ids.map((id: JobId) => store.runs.ledger(id, 100))),
    workers: await store.workers.list(),
    events: await store.events.read({ after: eventId(0), limit: 1000 }),
    position: await store.events.register(ODD_TEXT),
    revisions: await Promise.all(ids.map((id: JobId) => store.jobs.revisions(id, { limit: 100 }))),
    audit: await all((page) => store.audit.list({ limit: 200, ...page })),
    verdict: await store.audit.verify(),
    labelled: await store.jobs.list({ labels: [["eu"]], limit: 100 }),
  });
}

async function all<Item>(
  list: (
    page: { readonly cursor?: string },
  ) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let next: string | null = null;
  do {
    const page = await list(next === null ? {} : { cursor: next });
    items.push(...page.items);
    next = page.next;
  } while (next !== null);
  return items;
}

/** A NUL in JSON, which SQLite keeps and PostgreSQL does not take, arrives as what stands for it. */
function cleaned(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll("\\u0000", "\uFFFD"));
}

/** Runs one statement on the database of a URL, beside its store. */
export async function execute(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  if (url.startsWith("postgres")) return await query(url, sql);
  const db = new DatabaseSync(url.slice("sqlite:///".length), { timeout: 60_000 });
  try {
    return db.prepare(sql).all().map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}
