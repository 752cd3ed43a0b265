import assert from "node:assert/strict";
import fc from "fast-check";
import type { LogChunk } from "../../shared/domain/mod.ts";
import type { Claim, LogPlace, Store } from "../../shared/store/mod.ts";
import { A, at, claimOne, enter, given, manual, T0 } from "./_given.ts";
import type { Check } from "./contract.ts";
import { append } from "../support/attempts.ts";

/** An attempt that has written these texts, a chunk each. */
async function written(store: Store, texts: readonly string[]): Promise<Claim> {
  await enter(store, A);
  await store.runs.runNow(manual(await given(store)));
  const held = await claimOne(store, A, at(1));
  await append(store, held, texts.map((data, seq): LogChunk => ({ seq, stream: "stdout", at: T0, data })));
  return held;
}

/** The beginnings of the chunks of these texts, and the end. */
function placesOf(texts: readonly string[]): readonly LogPlace[] {
  return [...texts, ""].map((_, seq) => {
    const before = texts.slice(0, seq).join("");
    return { seq, offset: new TextEncoder().encode(before).length, line: before.split("\n").length };
  });
}

/** Stored output of attempts. */
export function logsContract(check: Check): void {
  check("a byte and a line of the output are found in the chunk that has them", async ({ store }) => {
    const texts = ["one\ntwo\n", "thr", "ee", "\n", "時計", "\n\n\n", "🕐 end"];
    const { dispatchId } = await written(store, texts);
    const places = placesOf(texts);
    const end = places.at(-1);
    assert.deepEqual(await store.logs.end(dispatchId), end);
    for (let offset = 0; offset < (end?.offset ?? 0) + 3; offset++) {
      const expected = places.findLast((place, i) => i < texts.length && place.offset <= offset);
      const isBeyond = offset >= (end?.offset ?? 0);
      assert.deepEqual(await store.logs.find(dispatchId, { offset }), isBeyond ? end : expected, `byte ${offset}`);
    }
    for (let line = 1; line < (end?.line ?? 0) + 3; line++) {
      const expected = places.find((_, i) => (places[i + 1]?.line ?? Infinity) >= line) ?? end;
      const isBeyond = line > (end?.line ?? 0);
      assert.deepEqual(await store.logs.find(dispatchId, { line }), isBeyond ? end : expected, `line ${line}`);
    }
  });

  check("a position stays valid while the output grows", async ({ store }) => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "\n", "é", "🕐"), minLength: 1 }), { minLength: 1 });
    const held = await written(store, []);
    const all: string[] = [];
    await fc.assert(
      fc.asyncProperty(texts, async (more) => {
        const before = all.length;
        await append(store, held, more.map((data, i) => ({ seq: before + i, stream: "stderr", at: T0, data })));
        all.push(...more);
        for (const place of placesOf(all).slice(0, all.length)) {
          assert.deepEqual(await store.logs.find(held.dispatchId, { offset: place.offset }), place);
        }
        assert.deepEqual(await store.logs.end(held.dispatchId), placesOf(all).at(-1));
      }),
      { numRuns: 8 },
    );
  });

  check("an attempt that wrote nothing ends where it begins", async ({ store }) => {
    const { dispatchId } = await written(store, []);
    const start = { seq: 0, offset: 0, line: 1 };
    assert.deepEqual(await store.logs.end(dispatchId), start);
    assert.deepEqual(await store.logs.find(dispatchId, { offset: 7 }), start);
    assert.deepEqual(await store.logs.find(dispatchId, { line: 7 }), start);
  });

  check("there is nothing to read beyond the end, however far", async ({ store }) => {
    const { dispatchId } = await written(store, ["a"]);
    for (const fromSeq of [1, 2 ** 31 - 1, 2 ** 31, 999_999_999_999_999]) {
      assert.deepEqual(await store.logs.read(dispatchId, { fromSeq, maxBytes: 10 }), [], `${fromSeq}`);
    }
  });
}
