import { DEFAULT_POLICIES, type EpochMs, epochMs, type Job, type JobDefinition } from "../../shared/domain/mod.ts";
import { by } from "../support/actor.ts";
import { type WorkerId, workerId } from "../../shared/domain/mod.ts";
import type {
  Claim,
  DueDecision,
  DuePass,
  NewRun,
  NextRunChange,
  Outcome,
  Pausing,
  Store,
} from "../../shared/store/mod.ts";

/** When the tests begin: 2026-01-05T00:00:00Z. */
export const T0: EpochMs = epochMs(Date.UTC(2026, 0, 5));

/** A moment of a test, in seconds after its beginning. */
export function at(seconds: number): EpochMs {
  return epochMs(T0 + seconds * 1000);
}

/** The default job of tests. */
export const MINUTELY: JobDefinition = {
  name: "Minutely",
  key: null,
  labels: [],
  scriptPath: "test_job.sh",
  scriptArgs: ["1"],
  schedule: { kind: "interval", everySeconds: 60 },
  timezone: "UTC",
  policies: { ...DEFAULT_POLICIES, retry: { ...DEFAULT_POLICIES.retry, max: 1 } },
};

/** Two workers. */
export const A: WorkerId = workerId("worker-a");
export const B: WorkerId = workerId("worker-b");

/** Length of a lease. */
export const LEASE_MS = 180_000;

/** Longest time that a scheduler may hold due jobs. */
export const LOCK_MS = 300_000;

/** Creates a job that is due at `due`. */
export function given(store: Store, change: Partial<JobDefinition> = {}, due: EpochMs | null = at(60)): Promise<Job> {
  return store.jobs.create({ ...MINUTELY, ...change }, { nextRun: due, ...by(T0) });
}

/** Enters a worker. */
export async function enter(store: Store, id: WorkerId, now: EpochMs = T0): Promise<void> {
  await store.workers.register({
    workerId: id,
    hostname: `${id}.example`,
    platform: "linux x86_64",
    processId: 1,
    version: "0.0.0",
    tags: [],
    concurrency: 4,
  }, now);
}

/** A pause of a job whose next run is `from`, which skips nothing. */
export function pausing(
  from: EpochMs | null,
  { note = null, cancelsWaiting = false, now = T0 }: {
    readonly note?: string | null;
    readonly cancelsWaiting?: boolean;
    readonly now?: EpochMs;
  } = {},
): Pausing {
  return { note, cancelsWaiting, nextRun: moved(from, null), ...by(now) };
}

/** A move of a next run that skips nothing. */
export function moved(from: EpochMs | null, to: EpochMs | null): NextRunChange {
  return { from, to, ledger: [] };
}

/** The decision that occurrences run on time, and nothing else. */
export function running(times: readonly EpochMs[], nextRun: EpochMs | null): DueDecision {
  return {
    dispatch: times.map((scheduledFor) => ({
      scheduledFor,
      availableAt: scheduledFor,
      decision: { timing: "on_time", overlap: null },
    })),
    cancelsEarlier: false,
    ledger: [],
    nextRun,
  };
}

/** What a pass did, in numbers. */
export function counted({ runs, ...pass }: DuePass): Omit<DuePass, "runs"> & { readonly dispatched: number } {
  return { ...pass, dispatched: runs.length };
}

/** Dispatches all that is due, each job once, a minute apart. */
export function dispatch(store: Store, now: EpochMs): Promise<DuePass> {
  return store.scheduling.dispatchDue({
    now,
    limit: 100,
    lockMs: LOCK_MS,
    decide: ({ dueAt }) => running([dueAt], epochMs(dueAt + 60_000)),
  });
}

/** Claims as a worker. */
export function claim(
  store: Store,
  id: WorkerId,
  now: EpochMs,
  limit = 10,
  tags: readonly string[] = [],
): Promise<readonly Claim[]> {
  return store.queue.claim({ workerId: id, tags: new Set(tags), limit, leaseMs: LEASE_MS, now });
}

/** Claims one attempt as a worker. @throws {Error} when there is none. */
export async function claimOne(store: Store, id: WorkerId, now: EpochMs): Promise<Claim> {
  const [found] = await claim(store, id, now, 1);
  if (found === undefined) throw new Error("There is nothing to claim");
  return found;
}

/** How an attempt ended. */
export function outcome(status: "COMPLETED" | "FAILED" | "TIMEOUT" | "CANCELLED"): Outcome {
  return {
    status,
    execution: status === "COMPLETED" ? "SUCCESS" : status === "FAILED" ? "FAILURE" : status,
    exitCode: status === "COMPLETED" ? 0 : status === "FAILED" ? 3 : null,
    signal: null,
    errorMessage: status === "COMPLETED" ? null : "It went wrong",
    durationMs: 1000,
    logBytes: 10,
    truncated: false,
  };
}

/** The request of a manual run. */
export function manual(
  { id }: Job,
  change: { readonly now?: EpochMs; readonly key?: string | null; readonly force?: boolean } = {},
): NewRun {
  const { now = T0, key = null, force = false } = change;
  return { jobId: id, trigger: "manual", args: null, force, idempotencyKey: key, ...by(now) };
}
