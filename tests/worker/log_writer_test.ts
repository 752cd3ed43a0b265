import assert from "node:assert/strict";
import { LogWriter } from "../../services/worker/log_writer.ts";
import { epochMs, type LogChunk } from "../../shared/domain/mod.ts";
import { HandClock } from "./execute/support.ts";

const at = epochMs(1);
const out = (data: string) => ({ stream: "stdout", at, data }) as const;

/** A writer that records its batches; `append` decides the answer to each. */
function writer(append: (batch: number) => Promise<boolean> = () => Promise.resolve(true), firstSeq = 0) {
  const batches: (readonly LogChunk[])[] = [];
  const clock = new HandClock();
  const log = new LogWriter({
    append: (chunks) => append(batches.push(chunks)),
    firstSeq,
    clock,
  });
  return { batches, clock, log };
}

/** Lets everything that is ready go on. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

Deno.test("the first output is written at once, later output together a little later", async () => {
  const { batches, clock, log } = writer();
  log.write(out("a"));
  await turn();
  log.write(out("b"));
  log.write(out("c"));
  await turn();
  assert.deepEqual(batches, [[{ seq: 0, stream: "stdout", at, data: "a" }]]);
  clock.pass(250);
  await turn();
  assert.deepEqual(batches[1], [{ seq: 1, stream: "stdout", at, data: "bc" }]);
  await log.close();
});

Deno.test("closing writes the waiting output at once", async () => {
  const { batches, log } = writer();
  log.write(out("a"));
  await turn();
  log.write(out("b"));
  await log.close();
  assert.deepEqual(batches.flat().map(({ seq, data }) => [seq, data]), [[0, "a"], [1, "b"]]);
});

Deno.test("chunks are numbered without gap, and streams stay apart", async () => {
  const { batches, log } = writer(undefined, 7);
  log.write(out("a"));
  log.write({ stream: "stderr", at, data: "b" });
  log.write(out("c"));
  log.write(out("d"));
  await log.close();
  assert.deepEqual(batches.flat().map(({ seq, stream, data }) => [seq, stream, data]), [
    [7, "stdout", "a"],
    [8, "stderr", "b"],
    [9, "stdout", "cd"],
  ]);
});

Deno.test("much output is written in several transactions, in chunks of a bounded size", async () => {
  const { batches, log } = writer();
  log.write(out("first"));
  await turn();
  for (let n = 0; n < 100; n++) log.write(out("x".repeat(10_000)));
  await log.close();
  const sizes = batches.map((chunks) => chunks.reduce((sum, { data }) => sum + data.length, 0));
  assert.equal(sizes.reduce((a, b) => a + b), 1_000_005);
  for (const size of sizes) assert.ok(size <= 262_144, `${size}`);
  for (const { data } of batches.flat()) assert.ok(data.length <= 16_384, `${data.length}`);
  assert.deepEqual(batches.flat().map(({ seq }) => seq), batches.flat().map((_, n) => n));
});

Deno.test("write() makes its caller wait for a slow database, so that waiting output is bounded", async () => {
  for (const chunk of [out("x".repeat(10_000)), out("x")]) {
    const gate = Promise.withResolvers<boolean>();
    const { batches, log } = writer(() => gate.promise);
    let [chunks, taken] = [0, 0];
    const bringing = (async () => {
      while (chunks < 30_000 && taken < 2_000_000) {
        // Alternating streams make a chunk of each write.
        await log.write({ ...chunk, stream: chunks % 2 === 0 ? "stdout" : "stderr" });
        chunks += 1;
        taken += chunk.data.length;
      }
    })();
    await turn();
    const room = chunks;
    await turn();
    assert.equal(chunks, room);
    assert.ok(taken <= 270_000 && chunks <= 5_000, `${chunks} chunks of ${taken} characters were taken`);
    assert.equal(batches.length, 1);
    gate.resolve(true);
    await bringing;
    await log.close();
    assert.equal(batches.flat().reduce((sum, { data }) => sum + data.length, 0), taken);
    for (const batch of batches) assert.ok(batch.length <= 4_096, `${batch.length} chunks`);
  }
});

Deno.test("full batches are written one after the other, without a pause", async () => {
  const { batches, log } = writer();
  for (let n = 0; n < 100; n++) await log.write(out("x".repeat(10_000)));
  assert.ok(batches.length >= 4, `${batches.length}`);
  await log.close();
});

Deno.test("a waiting write() resolves when the lease is lost, and rejects when writing has failed", async () => {
  for (const answer of [() => Promise.resolve(false), () => Promise.reject(new Error("defect"))]) {
    const gate = Promise.withResolvers<void>();
    const { log } = writer(() => gate.promise.then(answer));
    const bringing = (async () => {
      for (let n = 0; n < 100; n++) await log.write(out("x".repeat(10_000)));
      await log.close();
      return "let go";
    })();
    // By now no more goes in.
    await turn();
    gate.resolve();
    assert.equal(
      await bringing.catch(({ message }) => message),
      (await answer().catch(() => true)) ? "defect" : "let go",
    );
  }
});

Deno.test("after the lease is lost nothing more is written", async () => {
  const { batches, log } = writer(() => Promise.resolve(false));
  log.write(out("a"));
  await turn();
  log.write(out("b"));
  await log.close();
  assert.equal(batches.length, 1);
});

Deno.test("after a failed write, the next write and closing throw its error", async () => {
  const { log } = writer(() => Promise.reject(new Error("defect")));
  log.write(out("a"));
  await turn();
  assert.throws(() => log.write(out("b")), new Error("defect"));
  await assert.rejects(log.close(), new Error("defect"));
});
