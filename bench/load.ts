/**
 * A queue at work, for benchmarks of what people see meanwhile: a hundred runs a second are made, claimed and finished in the database
 * that DATABASE_URL names, until the process is ended.
 *
 * @module
 */
import { type EpochMs, type Job, workerId } from "../shared/domain/mod.ts";
import { migrations } from "../shared/migrations/mod.ts";
import { openStore } from "../shared/store/mod.ts";
import { by } from "../tests/support/actor.ts";
import { complete } from "../tests/support/attempts.ts";

/** Runs of each step, and how long a step takes. */
const [BATCH, STEP_MS] = [10, 100];

const store = await openStore(Deno.env.get("DATABASE_URL") ?? "", { migrations });
const { items: jobs } = await store.jobs.page({ limit: 200, states: ["active"] });
console.log("The load has started");
const begun = performance.now();
for (let step = 0;; step++) {
  const now = await store.now();
  await Promise.all(Array.from({ length: BATCH }, (_, i) => run(jobs[(BATCH * step + i) % jobs.length], now)));
  const claims = await store.queue.claim({
    workerId: workerId("load"),
    tags: new Set<string>(),
    limit: 3 * BATCH,
    leaseMs: 60_000,
    now,
  });
  await Promise.all(claims.map((claim) => complete(store, claim, now)));
  // By the beginning, so that a slow step is made up for.
  const restMs = begun + (step + 1) * STEP_MS - performance.now();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, restMs)));
}

/** Asks for a run by hand. */
async function run(job: Job | undefined, now: EpochMs): Promise<void> {
  if (job === undefined) throw new Error("The load needs an active job");
  await store.runs.runNow({
    jobId: job.id,
    trigger: "manual",
    args: null,
    force: true,
    idempotencyKey: null,
    ...by(now),
  });
}
