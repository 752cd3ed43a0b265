import assert from "node:assert/strict";
import { Claiming } from "../../services/worker/claiming.ts";
import { type HeldAttempt, Holding } from "../../services/worker/holding.ts";
import { Slots } from "../../services/worker/slots.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { A, enter, given, manual } from "../store/_given.ts";
import { openTestStore } from "../support/store.ts";

const NOW = epochMs(1_000_000);

/** A worker whose scripts never end, polling every 5 s to 60 s. */
function worker({ queue }: Store, count: number): { readonly claiming: Claiming; readonly holding: Holding } {
  const slots = new Slots(count);
  const ended = new Promise<void>(() => {});
  const ignore = () => {};
  const holding = new Holding({
    slots,
    start: (claim): HeldAttempt => ({
      claim,
      ended,
      leaseUntil: claim.leaseUntil,
      cancel: ignore,
      release: ignore,
      lose: ignore,
      onLeaseLost: ignore,
      tryNoMore: ignore,
    }),
    onChange: ignore,
  });
  const config = { workerPollMs: 5_000, workerMaxPollMs: 60_000, workerOfflineMs: 180_000 };
  return { claiming: new Claiming({ queue, identity: { workerId: A, tags: [] }, config, slots, holding }), holding };
}

Deno.test("an idle worker claims at growing intervals, which begin again after a claim that found a run", async () => {
  await using test = await openTestStore();
  await enter(test.store, A);
  const { claiming } = worker(test.store, 4);
  const pauses: number[] = [];
  const claim = async () => pauses.push((await claiming.claim(NOW)).at - NOW);
  for (let i = 0; i < 5; i++) await claim();
  await test.store.runs.runNow(manual(await given(test.store), { now: NOW }));
  await claim();
  await claim();
  assert.deepEqual(pauses, [10_000, 20_000, 40_000, 60_000, 60_000, 5_000, 10_000]);
});

Deno.test("a worker without a free slot claims nothing and waits for no change of the queue", async () => {
  await using test = await openTestStore();
  await enter(test.store, A);
  const job = await given(test.store);
  for (let i = 0; i < 3; i++) await test.store.runs.runNow({ ...manual(job, { now: NOW }), force: true });
  const { claiming, holding } = worker(test.store, 2);
  await claiming.claim(NOW);
  assert.deepEqual([holding.running, holding.waiting], [2, 0]);
  assert.deepEqual(await claiming.claim(NOW), { at: NOW + 5_000, topics: [] });
  assert.deepEqual([holding.running, holding.waiting], [2, 0]);
});
