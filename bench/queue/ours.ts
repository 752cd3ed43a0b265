import { FULL_ACCESS } from "@jobtrigger/shared/access";
import { workerConfig } from "@jobtrigger/shared/config";
import { type Actor, DEFAULT_POLICIES, epochMs, HERE, type JobDefinition, type JobId } from "@jobtrigger/shared/domain";
import { createJob, guardStore } from "@jobtrigger/shared/operations";
import { startLog } from "@jobtrigger/shared/log";
import { decideDue } from "@jobtrigger/shared/policy";
import { parseScheduleText } from "@jobtrigger/shared/schedule";
import { DatabaseClock, type DueJob, openStore, type Store } from "@jobtrigger/shared/store";
import { systemClock } from "@jobtrigger/shared/time";
import { migrations } from "@jobtrigger/shared/migrations";
import type { Executor } from "../../services/worker/executor.ts";
import { identify } from "../../services/worker/identity.ts";
import { runWorker } from "../../services/worker/worker.ts";
import type { Contestant, Queue, Span, Work } from "./contestant.ts";

/** Occurrences of one job that one dispatch enqueues, as a catch-up does. */
const OCCURRENCES = 100;
/** Jobs in one pass, as in the scheduler; fewer when each has many occurrences. */
const PASS = { due: 500, catchUp: 50 } as const;
const CONCURRENCY = 24;
const LOCK_MS = 300_000;
const BENCH: Actor = { kind: "cli", name: "bench" };
/** A job whose next run is an hour away: only its copies become due. */
const JOB: JobDefinition = {
  name: "Nothing",
  key: null,
  labels: [],
  scriptPath: "nothing.sh",
  scriptArgs: [],
  schedule: parseScheduleText("every 1h"),
  timezone: "UTC",
  policies: DEFAULT_POLICIES,
};

/** SQL for which the store has no method. */
export interface Backdoor extends AsyncDisposable {
  /** Adds `count` copies of the job with this id; the first is due at `dueAt`, each other `stepMs` later. */
  addDueJobs(
    id: JobId,
    jobs: { readonly count: number; readonly dueAt: number; readonly stepMs: number },
  ): Promise<void>;
  hasUnfinished(): Promise<boolean>;
  /** Adds `rows` finished attempts of the job with this id, and their log rows. */
  fillHistory(id: JobId, rows: number): Promise<void>;
}

/** An executor that ends each run at once, with success. */
export function nothing(onStart: () => void): Executor {
  return (_claim, { clock }) => {
    onStart();
    const at = clock.now();
    const facts = { startedAt: at, endedAt: at, durationMs: 0, logBytes: 0, truncated: false, survivors: 0 };
    return Promise.resolve({ kind: "exited", exitCode: 0, ...facts });
  };
}

/** This project, on a database that `openBackdoor` knows. */
export function ours(name: string, openBackdoor: (url: string) => Promise<Backdoor>): Contestant {
  return {
    name,
    settings: `the real store and worker loop, WORKER_CONCURRENCY ${CONCURRENCY}, an executor that does nothing`,
    keeps: "every attempt with its times, worker and result, and its row of the execution log; a lease with an epoch",
    async open(url) {
      const store = await openStore(url, { migrations, onMade: () => {} });
      return await openQueue(store, await openBackdoor(url));
    },
  };
}

async function openQueue(store: Store, backdoor: Backdoor): Promise<Queue> {
  const log = await startLog("worker", { logFormat: "json", logLevel: "warning" });
  const databaseClock = new DatabaseClock(store, systemClock);
  const job = await createJob({
    store: guardStore(store),
    now: epochMs(Date.now()),
    actor: BENCH,
    origin: HERE,
    access: FULL_ACCESS,
  }, JOB);

  return {
    async enqueue(count) {
      const jobs = Math.ceil(count / OCCURRENCES);
      // So that attempts become available in the order of their ids, as they do when jobs are due one after the other.
      await backdoor.addDueJobs(job.id, { count: jobs, dueAt: Date.now() - count, stepMs: OCCURRENCES });
      let left = count;
      while (left > 0) {
        const { runs } = await store.scheduling.dispatchDue({
          now: epochMs(Date.now()),
          limit: PASS.catchUp,
          lockMs: LOCK_MS,
          decide: ({ dueAt }) => ({
            dispatch: Array.from({ length: OCCURRENCES }, (_, index) => {
              const at = epochMs(dueAt + index);
              return { scheduledFor: at, availableAt: at, decision: { timing: "run_all", overlap: null } };
            }),
            cancelsEarlier: false,
            ledger: [],
            nextRun: null,
          }),
        });
        if (runs.length === 0) throw new Error(`${left} jobs could not be enqueued`);
        left -= runs.length;
      }
    },
    async add() {
      const request = { jobId: job.id, trigger: "api", args: null, force: true, idempotencyKey: null } as const;
      await store.runs.runNow({ ...request, actor: BENCH, now: epochMs(Date.now()), origin: HERE });
    },
    async dispatch(count): Promise<Span> {
      const now = epochMs(Date.now());
      await backdoor.addDueJobs(job.id, { count, dueAt: now - 1000, stepMs: 0 });
      const from = performance.now();
      for (let isDone = false; !isDone;) {
        const decide = (due: DueJob) => decideDue({ ...due, now });
        ({ isDone } = await store.scheduling.dispatchDue({ now, limit: PASS.due, lockMs: LOCK_MS, decide }));
      }
      return { from, to: performance.now() };
    },
    work(onStart): Promise<Work> {
      const stop = new AbortController();
      const never = new AbortController();
      const config = workerConfig((variable) => variable === "WORKER_CONCURRENCY" ? String(CONCURRENCY) : undefined);
      const identity = identify(config);
      const context = { store, clock: systemClock, databaseClock, log, config, identity, executor: nothing(onStart) };
      const ended = runWorker(context, { stop: stop.signal, now: never.signal });
      return Promise.resolve({
        stop() {
          stop.abort();
          return ended;
        },
      });
    },
    hasUnfinished: () => backdoor.hasUnfinished(),
    fillHistory: (rows) => backdoor.fillHistory(job.id, rows),
    async [Symbol.asyncDispose]() {
      await store.close();
      await backdoor[Symbol.asyncDispose]();
    },
  };
}
