import assert from "node:assert/strict";
import { Invalid } from "../../shared/domain/mod.ts";
import { parseJobInput, parseNote } from "../../shared/api/mod.ts";
import { createJob, runNow } from "../../shared/operations/mod.ts";
import { epochMs, workerId } from "../../shared/domain/mod.ts";
import { decodeCursor, encodeCursor } from "../../shared/store/cursor.ts";
import { operating } from "../support/operating.ts";
import { DATABASES } from "../support/store.ts";

const NOW = epochMs(Date.UTC(2026, 0, 1));
const INPUT = { name: "Backup", script: "backup.sh", schedule: "manual" };
const CONTEXT = { scriptsDirs: [], defaultTimezone: "UTC" };

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: a variable named __proto__ is kept and reaches the worker`, async () => {
    await using test = await open();
    const { store } = test;
    const env = JSON.parse('{"__proto__":"x","constructor":"y"}');
    const job = await createJob(operating(store, NOW), await parseJobInput({ ...INPUT, env }, CONTEXT));
    const stored = (await store.jobs.get(job.id))?.policies.env ?? {};
    assert.deepEqual(Object.entries(stored).toSorted(), [["__proto__", "x"], ["constructor", "y"]]);
    await runNow(operating(store, NOW), { id: job.id, args: null, force: true, idempotencyKey: null });
    const ask = { workerId: workerId("w"), tags: new Set<string>(), limit: 1, leaseMs: 60_000, now: NOW };
    const [claim] = await store.queue.claim(ask);
    assert.deepEqual(Object.entries(claim?.env ?? {}).toSorted(), [["__proto__", "x"], ["constructor", "y"]]);
  });
}

Deno.test("names and notes lose what is not seen", async () => {
  const { name } = await parseJobInput({ ...INPUT, name: " \u202EBackup\u2066 of\u200F all " }, CONTEXT);
  assert.equal(name, "Backup of all");
  await assert.rejects(parseJobInput({ ...INPUT, name: "\u202E\u2066" }, CONTEXT), /name: a job needs a name/);
  assert.equal(parseNote(" until\nthe \u202Emove\x1b[31m "), "until the move [31m");
  assert.equal(parseNote("\u202E "), null);
});

const cursors: readonly (readonly [name: string, order: "name" | "nextRun" | "id" | "newest", place: unknown])[] = [
  ["a text for an instant", "nextRun", ["nextRun", "x", 1]],
  ["an instant beyond all", "nextRun", ["nextRun", 1.7e308, 1]],
  ["a part of a millisecond", "nextRun", ["nextRun", 0.5, 1]],
  ["a number for a name", "name", ["name", 5, 1]],
  ["no name", "name", ["name", null, 1]],
  ["a name with NUL", "name", ["name", "a\0b", 1]],
  ["a key where there is none", "id", ["id", "x", 1]],
  ["an id below all", "newest", ["newest", null, -1]],
  ["an id beyond all", "newest", ["newest", null, 1e300]],
  ["an unknown order", "name", ["age", "x", 1]],
  ["no list", "name", { order: "name" }],
];
for (const [name, order, place] of cursors) {
  Deno.test(`decodeCursor() refuses ${name}`, () => {
    const cursor = new TextEncoder().encode(JSON.stringify(place)).toBase64({ alphabet: "base64url" });
    assert.throws(() => decodeCursor(cursor, order), Invalid);
  });
}

Deno.test("decodeCursor() takes what encodeCursor() gives", () => {
  for (
    const place of [
      { order: "name", key: "\ud800 名前", id: 1 },
      { order: "nextRun", key: -1, id: 2 },
      { order: "nextRun", key: null, id: 3 },
      { order: "newest", key: null, id: 4 },
    ] as const
  ) assert.deepEqual(decodeCursor(encodeCursor(place), place.order), place);
});
