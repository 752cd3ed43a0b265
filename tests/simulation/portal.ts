/**
 * People at the portal, whose actions may interfere with the services.
 *
 * @module
 */
import { Conflict, definitionOf, type EpochMs, type Job, NotFound, StoreUnavailable } from "../../shared/domain/mod.ts";
import { cancelRun, createJob, deleteJob, editJob, pauseJob, resumeJob, runNow } from "../../shared/operations/mod.ts";
import type { DatabaseClock, Page, Store } from "../../shared/store/mod.ts";
import type { Clock } from "../../shared/time/mod.ts";
import { operating } from "../support/operating.ts";
import type { Random } from "../support/random.ts";
import { drawJob, drawTimes } from "./jobs.ts";
import type { Referee } from "./referee.ts";

/** The surroundings of a portal. */
export interface PortalContext {
  readonly name: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly random: Random;
  readonly referee: Referee;
  /** The true time. */
  readonly trueNow: () => EpochMs;
}

/** How far a portal's measurement of a clock that is right may be off. */
const CLOCK_ERROR_MS = 1_000;

/** Most jobs that people make. */
const MOST_JOBS = 4;

/** Acts until `signal` aborts. It ignores refusals. */
export async function runPortal(context: PortalContext, signal: AbortSignal): Promise<void> {
  const { random, clock } = context;
  for (let deed = 0; !signal.aborted; deed++) {
    await clock.sleep(random.int(0, 12_000), signal);
    if (signal.aborted) return;
    try {
      await doSomething(context, deed);
    } catch (error) {
      if (![StoreUnavailable, NotFound, Conflict].some((expected) => error instanceof expected)) throw error;
    }
  }
}

async function doSomething(context: PortalContext, deed: number): Promise<void> {
  const { store, random, databaseClock } = context;
  const { items: jobs } = await store.jobs.list({ limit: 10, sort: random.pick(["name", "nextRun", "id"]) });
  const now = await databaseClock.now();
  // Change no job while a clock is ahead: the checks could not tell which occurrences the change gives up.
  const [any] = jobs;
  if (now > context.trueNow() + CLOCK_ERROR_MS) return any === undefined ? undefined : await lookAround(context, any);
  if (jobs.length < MOST_JOBS && random.chance(jobs.length < 2 ? 1 : 0.3)) {
    await createJob(operating(store, now), drawJob(random, `${context.name}-${deed}`, now));
    return;
  }
  const job = random.pick(jobs);
  switch (random.int(0, 9)) {
    case 0:
    case 1:
      return await start(context, job, null);
    case 2:
      return await clickTwice(context, job, `${context.name}-${deed}`);
    case 3:
    case 4:
      return await cancelSome(context);
    case 5:
      return void await pauseJob(operating(store, now), { id: job.id, note: null, cancelsWaiting: random.chance(0.3) });
    case 6:
      return void await resumeJob(operating(store, now), {
        id: random.pick(jobs.filter(({ isActive }) => !isActive).concat(job)).id,
      });
    case 7:
      return await edit(context, job);
    case 8:
      return random.chance(0.3)
        ? await deleteJob(operating(store, now), { id: job.id })
        : await lookAround(context, job);
    default:
      return await lookAround(context, job);
  }
}

async function start({ store, random, databaseClock, referee }: PortalContext, job: Job, key: string | null) {
  const request = { id: job.id, args: null, force: random.chance(0.5), idempotencyKey: key };
  const run = await runNow(operating(store, await databaseClock.now()), request);
  if (key !== null) referee.manualRun(job.id, key, run.id);
}

/** Clicks twice, and again for as long as no answer comes. */
async function clickTwice(context: PortalContext, job: Job, key: string): Promise<void> {
  const click = async () => {
    for (let tries = 0; tries < 5; tries++) {
      try {
        return await start(context, job, key);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
      }
    }
  };
  for (const result of await Promise.allSettled([click(), click()])) {
    if (result.status === "rejected") throw result.reason;
  }
}

async function cancelSome({ store, random, databaseClock }: PortalContext): Promise<void> {
  const { items } = await store.runs.list({ statuses: ["PENDING", "IN_PROGRESS"], limit: 10 });
  if (items.length > 0) await cancelRun(operating(store, await databaseClock.now()), { id: random.pick(items).id });
}

async function edit({ store, random, databaseClock }: PortalContext, job: Job): Promise<void> {
  const now = await databaseClock.now();
  const times = random.chance(0.5) ? {} : drawTimes(random, now);
  const timeoutSeconds = random.pick([null, 5, 20]);
  const definition = { ...definitionOf(job), ...times, policies: { ...job.policies, timeoutSeconds } };
  await editJob(operating(store, now), { id: job.id, revision: job.revision, definition });
}

/** Reads all lists of the pages to their ends. */
async function lookAround({ store, random }: PortalContext, job: Job): Promise<void> {
  const sort = random.pick(["name", "id"] as const);
  await eachPage((cursor) => store.jobs.list({ limit: 2, sort, ...cursor }));
  const runs = await eachPage((cursor) => store.runs.list({ jobId: job.id, limit: 3, ...cursor }));
  await store.workers.list();
  await store.runs.ledger(job.id, 10);
  if (runs.length === 0) return;
  const run = random.pick(runs);
  await store.runs.attempts(run.rootId);
  await store.runs.execution(run.id);
  const { offset } = await store.logs.end(run.id);
  await store.logs.find(run.id, { offset: Math.max(0, offset - 20) });
  await store.logs.read(run.id, { fromSeq: 0, maxBytes: 20 });
}

async function eachPage<Item extends { readonly id: number }>(
  read: (cursor: { readonly cursor?: string }) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let page = await read({});
  items.push(...page.items);
  for (let pages = 0; page.next !== null && pages < 20; pages++) {
    page = await read({ cursor: page.next });
    items.push(...page.items);
  }
  return items;
}
