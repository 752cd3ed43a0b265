import assert from "node:assert/strict";
import fc from "fast-check";
import { Output } from "../../../services/worker/execute/output.ts";
import type { OutputChunk } from "../../../services/worker/execute/mod.ts";
import { bash, HandClock } from "./support.ts";

/** Passes chunks through an `Output` with a limit, and answers its output. */
async function through(
  parts: readonly Uint8Array[],
  limitBytes: number,
): Promise<{ readonly chunks: readonly OutputChunk[]; readonly output: Output }> {
  const chunks: OutputChunk[] = [];
  const output = new Output({
    limitBytes,
    clock: new HandClock(),
    onOutput: (chunk) => void chunks.push(chunk),
    onFailure: (error) => assert.fail(String(error)),
  });
  await output.read("stdout", ReadableStream.from(parts));
  await output.finish();
  return { chunks, output };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (chunks: readonly OutputChunk[], system = true): string =>
  chunks.filter(({ stream }) => system || stream !== "system").map(({ data }) => data).join("");

Deno.test("output under the limit is unchanged, however it is cut into chunks", async () => {
  const text = fc.string({ unit: "binary", maxLength: 300 }).filter((text) => !text.includes("\0"));
  await fc.assert(fc.asyncProperty(text, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), async (text, sizes) => {
    const bytes = encode(text);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = sizes.next().value ?? 1;
      parts.push(bytes.slice(at, at + size));
      at += size;
    }
    const { chunks, output } = await through(parts, 10_000);
    assert.equal(textOf(chunks), new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
    assert.deepEqual([output.bytes, output.truncated], [bytes.length, false]);
  }));
});

Deno.test("output over the limit keeps its beginning and its end, and the cut says how much is missing", async () => {
  const lines = Array.from({ length: 1000 }, (_, n) => `${String(n).padStart(5, "0")}\n`);
  const { chunks, output } = await through(lines.map(encode), 600);
  const text = textOf(chunks, false);
  assert.equal(text, [...lines.slice(0, 50), ...lines.slice(-50)].join(""));
  assert.deepEqual([output.bytes, output.truncated], [6000, true]);
  assert.match(textOf(chunks), /\n… 5,400 bytes left out here: LOG_MAX_BYTES is 600 …\n/);
});

Deno.test("the log says once that output is held back, while the script runs, and once how much is missing, at its end", async () => {
  const remarks: string[] = [];
  const heldBack = Promise.withResolvers<void>();
  const output = new Output({
    limitBytes: 20,
    clock: new HandClock(),
    onOutput: ({ stream, data }) => {
      if (stream !== "system") return;
      remarks.push(data.trim());
      heldBack.resolve();
    },
    onFailure: (error) => assert.fail(String(error)),
  });
  output.take("stdout", encode("0123456789abcdefghi\n"));
  await heldBack.promise;
  for (let more = 0; more < 3; more++) output.take("stderr", encode("0123456789\n"));
  await output.finish();
  assert.deepEqual(remarks, [
    "… over 10 bytes: what follows is held back until the script has ended …",
    "… 33 bytes left out here: LOG_MAX_BYTES is 20 …",
  ]);
});

Deno.test("a cut never goes through a character", async () => {
  for (const limit of [1024, 1025, 1026, 1027]) {
    const { chunks, output } = await through([encode("時".repeat(1000)), encode("🕐".repeat(1000))], limit);
    const text = textOf(chunks, false);
    assert.match(text, /^時+🕐+$/u, `${limit}`);
    const kept = encode(text).length;
    assert.ok(kept <= limit && kept > limit - 8, `${kept} of ${limit}`);
    assert.match(textOf(chunks), new RegExp(`… ${(output.bytes - kept).toLocaleString("en-US")} bytes left out here`));
  }
});

Deno.test("output exactly at the limit is not cut", async () => {
  const { chunks, output } = await through([encode("x".repeat(1024))], 1024);
  assert.deepEqual([textOf(chunks, false), output.truncated], ["x".repeat(1024), false]);
});

Deno.test("NUL and bytes that are not UTF-8 become U+FFFD", async () => {
  const { chunks } = await through([new Uint8Array([0x61, 0xff, 0x00, 0xe6, 0x99, 0x62, 0xf0, 0x9f])], 1024);
  assert.equal(textOf(chunks), "a\uFFFD\uFFFD\uFFFDb\uFFFD");
});

Deno.test("no chunk is over 64 KiB, even of bytes that are not UTF-8", async () => {
  const { chunks } = await through([new Uint8Array(200_000).fill(0xff)], 1_000_000);
  assert.equal(textOf(chunks).length, 200_000);
  for (const { data } of chunks) assert.ok(encode(data).length <= 65_536);
});

Deno.test("a flood of output neither blocks the script nor grows in memory while no one takes it", async () => {
  const gate = Promise.withResolvers<void>();
  const { result, stdout } = await bash("yes 0123456789abcde | head -c 50000000; echo; echo last; exit 3", {
    logMaxBytes: 20_000,
    onOutput: () => gate.promise,
    onStart: ({ pid }) => void ended(pid).then(gate.resolve),
  });
  assert.deepEqual([result.kind, result.kind === "exited" && result.exitCode], ["exited", 3]);
  assert.deepEqual([result.logBytes, result.truncated], [50_000_006, true]);
  assert.ok(stdout.length <= 20_000 && stdout.endsWith("\nlast\n"), `${stdout.length}`);

  /** Resolves when the script has ended; it could not while somebody held it up. */
  async function ended(pid: number): Promise<void> {
    await new Deno.Command("tail", { args: [`--pid=${pid}`, "-s", "0.05", "-f", "/dev/null"] }).output();
  }
});

Deno.test("stdout and stderr stay apart, each in its order", async () => {
  const { stdout, stderr } = await bash("for n in 1 2 3; do echo out $n; echo err $n >&2; done");
  assert.deepEqual([stdout, stderr], ["out 1\nout 2\nout 3\n", "err 1\nerr 2\nerr 3\n"]);
});
