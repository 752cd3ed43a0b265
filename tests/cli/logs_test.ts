/**
 * `runs logs` from a byte and for the last lines. Output comes as bytes here, as a terminal or a file gets it.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { runJobctl } from "../../cli/program.ts";
import { DEFAULT_POLICIES, type EpochMs, epochMs, workerId } from "../../shared/domain/mod.ts";
import type { Claim, Store } from "../../shared/store/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { append, complete } from "../support/attempts.ts";
import { anyPieces, anyText, chunksOf, joined } from "../support/output.ts";
import { run, start } from "./_cli.ts";
import { onEachDatabaseAndReach, onEachReach, type Reached } from "./_reach.ts";
import { by } from "../support/actor.ts";

const now = (): EpochMs => epochMs(Date.now());
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A new run that a worker of the test holds. */
async function begin({ queue, runs, jobs }: Store): Promise<Claim> {
  const job = await jobs.create({
    name: "Backup",
    key: null,
    labels: [],
    scriptPath: "a.sh",
    scriptArgs: [],
    schedule: { kind: "manual" },
    timezone: "UTC",
    policies: DEFAULT_POLICIES,
  }, { nextRun: null, ...by(now()) });
  const request = { jobId: job.id, trigger: "manual", args: null, force: true, idempotencyKey: null } as const;
  await runs.runNow({ ...request, ...by(now()) });
  const [claim] = await queue.claim({
    workerId: workerId("worker-a"),
    tags: new Set<string>(),
    limit: 1,
    leaseMs: 180_000,
    now: now(),
  });
  assert.ok(claim !== undefined);
  return claim;
}

async function end(store: Store, claim: Claim): Promise<void> {
  assert.ok(await complete(store, claim, now()));
}

/** What `jobctl` with `args` prints before it is cut off after `limit` bytes: Ctrl-C, and nothing after is kept. */
async function printed({ env }: Reached, args: readonly string[], limit = Infinity): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const cut = new AbortController();
  let length = 0;
  let errors = "";
  const code = await runJobctl(args, {
    clock: systemClock,
    env: (name) => env[name],
    isTerminal: false,
    size: () => ({ columns: 80, rows: 24 }),
    noColor: false,
    askHidden: null,
    ask: null,
    user: "test",
    stdin: new Blob([]).stream(),
    out(text) {
      const bytes = typeof text === "string" ? encode(text) : text;
      parts.push(bytes);
      length += bytes.length;
      if (length >= limit) cut.abort();
      return Promise.resolve();
    },
    err(text) {
      errors += String(text);
      return Promise.resolve();
    },
    interruption: () => cut.signal,
  });
  assert.deepEqual([code, errors], [0, ""]);
  return joined(parts).slice(0, limit);
}

onEachDatabaseAndReach(
  "runs logs -f, cut off at any byte and called again with --from, prints all output once",
  async (open) => {
    await using site = await open();
    await fc.assert(
      fc.asyncProperty(anyPieces, fc.infiniteStream(fc.integer({ min: 1, max: 300 })), async (pieces, cuts) => {
        const claim = await begin(site.store);
        const chunks = [...chunksOf(pieces, { at: now() })];
        const all = encode(pieces.map(([, data]) => data).join(""));
        let got: Uint8Array = new Uint8Array();
        while (chunks.length > 0) {
          await append(site.store, claim, chunks.splice(0, 9));
          const args = ["runs", "logs", String(claim.dispatchId), "--from", String(got.length)];
          got = joined([got, await printed(site, args, cuts.next().value)]);
        }
        const last = printed(site, ["runs", "logs", "-f", String(claim.dispatchId), "--from", String(got.length)]);
        await end(site.store, claim);
        assert.deepEqual(joined([got, await last]), all);
      }),
      { numRuns: 8 },
    );
  },
);

onEachDatabaseAndReach("runs logs --tail prints the last lines", async (open) => {
  await using site = await open();
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { maxLength: 20 }), async (texts) => {
      const claim = await begin(site.store);
      const [id, text] = [String(claim.dispatchId), texts.join("")];
      await append(site.store, claim, chunksOf(texts.map((data) => ["stdout", data]), { at: now() }));
      const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
      for (const tail of [1, 2, 3, lines.length + 1]) {
        const found = await printed(site, ["runs", "logs", id, "--tail", String(tail)]);
        assert.equal(new TextDecoder().decode(found), lines.slice(-tail).join(""));
      }
    }),
    { numRuns: 6 },
  );
});

onEachDatabaseAndReach("runs logs -f --tail prints the last lines and what comes after", async (open) => {
  await using site = await open();
  const claim = await begin(site.store);
  await append(site.store, claim, chunksOf([["stdout", "one\ntwo\nthr"], ["stdout", "ee\n"]], { at: now() }));
  const args = ["runs", "logs", "-f", String(claim.dispatchId), "--tail", "2"];
  const following = start(args, site);
  await following.prints("three\n");
  await append(site.store, claim, chunksOf([["stdout", "four\n"]], { firstSeq: 2, at: now() }));
  await end(site.store, claim);
  assert.deepEqual(await following.ended, { code: 0, stdout: "two\nthree\nfour\n", stderr: "" });
});

onEachDatabaseAndReach(
  "each piece of runs logs --json names its offset, from which the next call goes on",
  async (open) => {
    await using site = await open();
    const claim = await begin(site.store);
    await append(
      site.store,
      claim,
      chunksOf([["stdout", "時計\n"], ["stderr", "é"], ["stdout", "end"]], { at: now() }),
    );
    const id = String(claim.dispatchId);
    const text = new TextDecoder().decode(await printed(site, ["runs", "logs", id, "--json"]));
    const pieces = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(pieces.map(({ offset }) => offset), [0, 7, 9]);
    for (const { offset, data } of pieces) {
      const rest = await printed(site, ["runs", "logs", id, "--from", String(offset)]);
      assert.ok(new TextDecoder().decode(rest).startsWith(data), `from ${offset}`);
    }
  },
);

const wrong: readonly (readonly [args: string, expected: RegExp])[] = [
  ["--from 5 --tail 3", /--from: cannot go together with --tail/],
  ["--from 5 --stream stderr", /--from: cannot go together with --stream/],
  ["--from -1", /--from: found "-1", expected a whole number from 0/],
  ["--find a --tail 3", /--find: cannot go together with --tail/],
  [`--find ${"x".repeat(201)}`, /--find: takes 1 to 200 characters/],
  ["--tail 0", /--tail: found "0", expected a whole number from 1/],
];
for (const [args, expected] of wrong) {
  onEachReach(`runs logs ${args} is refused with the reason`, async (open) => {
    await using site = await open();
    const { code, stderr } = await run(["runs", "logs", "1", ...args.split(" ")], site);
    assert.equal(code, 2);
    assert.match(stderr, expected);
  });
}

const STEERED = [["stdout", "\x1b[3"], ["stderr", "\x1b]0;title\x07warn\n"], [
  "stdout",
  "2mgreen\x1b[0m\tone\r\n",
]] as const;
onEachReach("runs logs --plain takes out what steers a terminal, each stream by itself", async (open) => {
  await using site = await open();
  const claim = await begin(site.store);
  await append(site.store, claim, chunksOf(STEERED, { at: now() }));
  const id = String(claim.dispatchId);
  const text = async (...args: string[]) => (await run(["runs", "logs", id, ...args], site)).stdout;
  assert.equal(await text("--plain"), "warn\ngreen\tone\r\n");
  assert.equal(await text("--plain", "-n", "2"), "warn\ngreen\tone\r\n");
  assert.ok((await text()).startsWith("\x1b[3"));
});

onEachReach("runs logs --find prints the lines with a text, each after its number", async (open) => {
  await using site = await open();
  const claim = await begin(site.store);
  const lines = Array.from({ length: 450 }, (_, i) => ["stdout", `\x1b[32mERROR\x1b[0m ${i}\nfine\n`] as const);
  await append(site.store, claim, chunksOf([...lines, ["stderr", "an error\n"]], { at: now() }));
  const logs = async (...args: string[]) => await run(["runs", "logs", String(claim.dispatchId), ...args], site);
  const all = lines.map((_, i) => `${2 * i + 1}:ERROR ${i}\n`).join("");
  assert.equal((await logs("--find", "error")).stdout, `${all}901:an error\n`);
  assert.equal((await logs("--find", "error", "--stream", "stderr")).stdout, "901:an error\n");
  const form = JSON.parse((await logs("--find", "an e", "--json")).stdout);
  assert.deepEqual(form, { line: 901, stream: "stderr", text: "an error" });
  const { stdout, stderr } = await logs("--find", "(a+)+$");
  assert.deepEqual([stdout, stderr], ["", `No line of run ${claim.dispatchId} has "(a+)+$"\n`]);
});
