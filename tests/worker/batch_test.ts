import assert from "node:assert/strict";
import { Batch } from "../../services/worker/batch.ts";
import { type DispatchId, dispatchId } from "../../shared/domain/mod.ts";
import type { ClaimRef } from "../../shared/store/mod.ts";

const ref = (id: number, epoch: number): ClaimRef => ({ dispatchId: dispatchId(id), epoch });

/** A batch that records its writes, and answers that the runs in `lost` have lost their lease. */
function watched(limit: number, lost: readonly ClaimRef[] = []) {
  const writes: string[] = [];
  const batch = new Batch<ClaimRef>((notes): Promise<readonly DispatchId[]> => {
    writes.push(notes.map(({ dispatchId, epoch }) => `${dispatchId}.${epoch}`).join(" "));
    const gone = notes.filter((note) => lost.some((one) => one.epoch === note.epoch));
    return Promise.resolve(gone.map(({ dispatchId }) => dispatchId));
  }, limit);
  return { batch, writes };
}

Deno.test("notes of one turn are written together, in batches of at most the limit", async () => {
  const { batch, writes } = watched(2);
  await Promise.all([1, 2, 3].map((id) => batch.add(ref(id, 1))));
  assert.deepEqual(writes, ["1.1 2.1", "3.1"]);
});

Deno.test("two claims of one run are written apart, and only the lost one is answered as lost", async () => {
  const { batch, writes } = watched(10, [ref(1, 6)]);
  const answers = await Promise.all([batch.add(ref(1, 6)), batch.add(ref(1, 7)), batch.add(ref(2, 8))]);
  assert.deepEqual(answers, [false, true, true]);
  assert.deepEqual(writes, ["1.6 2.8", "1.7"]);
});

Deno.test("a failed write rejects for all of its notes, and waiting notes are written afterwards", async () => {
  let calls = 0;
  const batch = new Batch<ClaimRef>(() => calls++ === 0 ? Promise.reject(new Error("away")) : Promise.resolve([]), 1);
  const [first, second] = [batch.add(ref(1, 1)), batch.add(ref(2, 2))];
  await assert.rejects(first, /away/);
  assert.equal(await second, true);
});
