/**
 * Readers of a log that are cut off anywhere and come back: nothing is missing and nothing is there twice.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { epochMs } from "../../shared/domain/mod.ts";
import type { Claim } from "../../shared/store/mod.ts";
import { append, complete } from "../support/attempts.ts";
import { anyPieces, chunksOf, joined } from "../support/output.ts";
import { DATABASES } from "../support/store.ts";
import { openPortal, type TestPortal } from "./_portal.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const at = epochMs(0);

/** What a reader got before it was cut off after `limit` bytes; `isWhole`: the answer ended before. */
async function readUpTo(
  response: Response,
  limit: number,
): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean }> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  for (let length = 0; length < limit;) {
    const read = await reader?.read();
    if (read?.value === undefined) return { bytes: joined(parts), isWhole: true };
    parts.push(read.value);
    length += read.value.length;
  }
  await reader?.cancel();
  return { bytes: joined(parts).slice(0, limit), isWhole: false };
}

async function end({ store }: TestPortal, claim: Claim): Promise<void> {
  await complete(store, claim, epochMs(Date.now()));
}

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: a follower that is cut off at any byte and comes back sees all output once`, async () => {
    await using portal = await openPortal(open);
    const job = await portal.job();
    await fc.assert(
      fc.asyncProperty(anyPieces, fc.infiniteStream(fc.integer({ min: 1, max: 900 })), async (pieces, cuts) => {
        const claim = await portal.claim(job);
        const chunks = [...chunksOf(pieces, { at })];
        let text = "";
        let lastId: string | null = null;
        let hasEnded = false;
        while (!hasEnded) {
          // More comes between two connections; when all has come, the run ends.
          const more = chunks.splice(0, 5);
          if (more.length > 0) await append(portal.store, claim, more);
          else await end(portal, claim);
          const init: RequestInit = lastId === null ? {} : { headers: { "last-event-id": lastId } };
          const poll = chunks.length === 0 && more.length === 0 ? "" : "?poll=1";
          const response = await portal.get(`/api/runs/${claim.dispatchId}/events${poll}`, init);
          const { bytes } = await readUpTo(response, cuts.next().value ?? 1);
          // An event counts once its empty line has come (HTML Standard, 9.2.6).
          for (const block of new TextDecoder().decode(bytes).split("\n\n").slice(0, -1)) {
            const event = /^event: (.*)$/m.exec(block)?.[1];
            if (event === "chunk") text += JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "").data;
            lastId = /^id: (.*)$/m.exec(block)?.[1] ?? lastId;
            hasEnded ||= event === "end";
          }
        }
        assert.equal(text, pieces.map(([, data]) => data).join(""));
      }),
      { numRuns: 15 },
    );
  });

  Deno.test(`${database}: a download that is cut off at any byte and goes on by Range has all output once`, async () => {
    await using portal = await openPortal(open);
    const job = await portal.job();
    await fc.assert(
      fc.asyncProperty(anyPieces, fc.infiniteStream(fc.integer({ min: 1, max: 120 })), async (pieces, cuts) => {
        const claim = await portal.claim(job);
        const chunks = [...chunksOf(pieces, { at })];
        const all = encode(pieces.map(([, data]) => data).join(""));
        let got: Uint8Array = new Uint8Array();
        while (got.length < all.length) {
          await append(portal.store, claim, chunks.splice(0, 5));
          const stored = (await portal.store.logs.end(claim.dispatchId)).offset;
          const path = `/runs/${claim.dispatchId}/log`;
          const response = await portal.get(path, { headers: { range: `bytes=${got.length}-` } });
          const { status, headers } = response;
          const { bytes, isWhole } = await readUpTo(response, cuts.next().value ?? 1);
          if (got.length === stored) {
            assert.deepEqual([status, headers.get("content-range")], [416, `bytes */${stored}`]);
            continue;
          }
          assert.deepEqual([status, headers.get("content-range"), headers.get("content-length")], [
            206,
            `bytes ${got.length}-${stored - 1}/${stored}`,
            String(stored - got.length),
          ]);
          if (isWhole) assert.equal(bytes.length, stored - got.length);
          got = joined([got, bytes]);
        }
        assert.deepEqual(got, all);
      }),
      { numRuns: 15 },
    );
  });

  Deno.test(`${database}: any part of a log can be downloaded`, async () => {
    await using portal = await openPortal(open);
    const claim = await portal.claim(await portal.job());
    const pieces = [["stdout", "one\n"], ["stderr", "時計🕐"], ["stdout", "\nend"]] as const;
    await append(portal.store, claim, chunksOf(pieces, { at }));
    const all = encode("one\n時計🕐\nend");
    const get = (range: string) => portal.get(`/runs/${claim.dispatchId}/log`, { headers: { range } });
    for (let start = 0; start < all.length; start++) {
      for (let last = start; last < all.length + 2; last++) {
        const response = await get(`bytes=${start}-${last}`);
        assert.equal(response.status, 206);
        assert.deepEqual(new Uint8Array(await response.arrayBuffer()), all.slice(start, last + 1), `${start}-${last}`);
      }
    }
    assert.equal(await (await get("bytes=-3")).text(), "end");
    for (const ignored of ["bytes=0-1,3-4", "lines=1-2", "bytes=5-3", "bytes=-"]) {
      const response = await get(ignored);
      assert.deepEqual([response.status, await response.text()], [200, "one\n時計🕐\nend"], ignored);
    }
    for (const beyond of [`bytes=${all.length}-`, "bytes=999999999999999-", "bytes=-0"]) {
      assert.equal((await get(beyond)).status, 416, beyond);
    }
  });

  Deno.test(`${database}: a follower that asks for what is far beyond the end waits, as any other`, async () => {
    await using portal = await openPortal(open);
    const claim = await portal.claim(await portal.job());
    await append(portal.store, claim, chunksOf([["stdout", "one\n"]], { at }));
    for (const from of ["1", "2147483647", "2147483648", "999999999999999"]) {
      const response = await portal.get(`/api/runs/${claim.dispatchId}/events?poll=1&from=${from}`);
      assert.equal(response.status, 200);
      assert.doesNotMatch(await response.text(), /event: chunk/);
    }
  });
}
