/**
 * What is stored of a script's output is what the script wrote: real scripts, real databases, and a way to the database that
 * fails at random, before it has written or after.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { Attempt, type AttemptContext, type Reports } from "../../services/worker/attempt.ts";
import { Batch } from "../../services/worker/batch.ts";
import { ProcessTable } from "../../services/worker/execute/mod.ts";
import { Programs } from "../../services/worker/programs.ts";
import { scriptExecutor } from "../../services/worker/executor.ts";
import { StartNotes } from "../../services/worker/start_notes.ts";
import { workerConfig } from "../../shared/config/mod.ts";
import {
  DEFAULT_POLICIES,
  type DispatchId,
  type EpochMs,
  epochMs,
  type LogChunk,
  type LogStream,
  StoreUnavailable,
  workerId,
} from "../../shared/domain/mod.ts";
import { startLog } from "../../shared/log/mod.ts";
import { type Claim, DatabaseClock, type Output, type Store } from "../../shared/store/mod.ts";
import { type Clock, systemClock } from "../../shared/time/mod.ts";
import { joined } from "../support/output.ts";
import { eventually } from "../support/process.ts";
import { DATABASES, type TestStore } from "../support/store.ts";
import { by } from "../support/actor.ts";

const now = (): EpochMs => epochMs(Date.now());
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const BEGUN_ANEW = "\n… the worker released this run: from here on it runs again from the beginning …\n";

/** A clock whose sleeps end in the next turn of the event loop. */
const hurried: Clock = { ...systemClock, sleep: () => new Promise((resolve) => setTimeout(resolve)) };

/** Whether the next write fails, and when: before anything was written, or after, so that only the answer is lost. */
type Fate = "well" | "before" | "after";

/** A job's script and its way to the database. */
interface Bench extends AsyncDisposable {
  readonly store: Store;
  /** Writes a file beside the script. */
  file(name: string, bytes: Uint8Array): Promise<void>;
  /** A claim of a new run of a bash script. */
  claim(script: string): Promise<Claim>;
  /** The next claim of anything. */
  claimNext(): Promise<Claim>;
  /** Runs an attempt; `fates` decides of each write of output. */
  attempt(claim: Claim, fates?: () => Fate): Attempt;
}

async function openBench(open: () => Promise<TestStore>, env: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const database = await open();
  const { store } = database;
  const scripts = await Deno.makeTempDir({ prefix: "jobtrigger-scripts-" });
  const variables: Readonly<Record<string, string>> = { SCRIPTS_DIR: scripts, ...env };
  const config = workerConfig((name) => variables[name]);
  const databaseClock = new DatabaseClock(store, systemClock);
  await databaseClock.now();
  const log = await startLog("test", { logFormat: "json", logLevel: "error" });
  const table = new ProcessTable();
  const context: AttemptContext = {
    store,
    clock: hurried,
    databaseClock,
    log,
    config,
    executor: scriptExecutor(config, {
      base: { HOME: "/", LANG: "C.UTF-8", user: null },
      programs: await Programs.of(Deno.env.get("PATH")),
      user: null,
      table,
      owner: null,
      cgroups: null,
      onWarning: () => {},
    }),
    scriptClock: systemClock,
  };
  const claimNext = async () => {
    const request = { workerId: workerId("worker-a"), tags: new Set<string>(), limit: 1, leaseMs: 600_000, now: now() };
    const [claim] = await store.queue.claim(request);
    return claim ?? assert.fail("There is nothing to claim");
  };
  return {
    store,
    file: (name, bytes) => Deno.writeFile(`${scripts}/${name}`, bytes),
    claimNext,
    async claim(script) {
      await Deno.writeTextFile(`${scripts}/script.sh`, `cd "$(dirname "$0")"\n${script}\n`);
      const schedule = { kind: "manual" } as const;
      const definition = {
        name: "Speaks",
        key: null,
        labels: [],
        scriptPath: "script.sh",
        scriptArgs: [],
        timezone: "UTC",
        schedule,
      };
      const job = await store.jobs.create({ ...definition, policies: DEFAULT_POLICIES }, {
        nextRun: null,
        ...by(now()),
      });
      const request = { jobId: job.id, trigger: "manual", args: null, force: true, idempotencyKey: null } as const;
      await store.runs.runNow({ ...request, ...by(now()) });
      return await claimNext();
    },
    attempt: (claim, fates = () => "well") =>
      new Attempt(claim, { context, reports: reportsOf(store, fates), onScriptEnd: () => {} }),
    async [Symbol.asyncDispose]() {
      await table[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await Deno.remove(scripts, { recursive: true });
    },
  };
}

/** A worker's reports; those about output meet faults. */
function reportsOf({ queue }: Store, fates: () => Fate): Reports {
  const write = async (outputs: readonly Output[]) => {
    const fate = fates();
    if (fate === "before") throw new StoreUnavailable("The database is away");
    const lost = await queue.appendLogs(outputs);
    if (fate === "after") throw new StoreUnavailable("The answer was lost");
    return lost;
  };
  return {
    starts: new StartNotes({ write: (starts) => queue.markStarted(starts), clock: systemClock, onLost: () => {} }),
    outputs: new Batch(write, 50),
    ends: new Batch((ends) => queue.finish(ends), 50),
    releases: new Batch((refs) => queue.release(refs, systemClock.now()).then(() => []), 50),
  };
}

async function stored({ logs }: Store, id: DispatchId): Promise<readonly LogChunk[]> {
  const chunks = await logs.read(id, { fromSeq: 0, maxBytes: Infinity });
  assert.deepEqual(chunks.map(({ seq }) => seq), chunks.map((_, i) => i));
  return chunks;
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (chunks: readonly LogChunk[], of: LogStream): Uint8Array =>
  encode(chunks.filter(({ stream }) => stream === of).map(({ data }) => data).join(""));

/** Some megabytes of lines with characters of one to four bytes, no two alike. */
const BIG = encode(Array.from({ length: 120_000 }, (_, n) => `${n} plain é 時計 🕐 ${n * 7919 % 65_537}\n`).join(""));
const SMALL = BIG.subarray(0, 9_000);

/** A script, and its output on each stream. */
interface Case {
  readonly what: string;
  readonly script: string;
  readonly stdout: Uint8Array;
  readonly stderr?: Uint8Array;
}

const CASES: readonly Case[] = [
  { what: "a text", script: "cat small", stdout: SMALL },
  { what: "some megabytes", script: "cat big", stdout: BIG },
  { what: "many tiny writes that cut characters", script: "dd if=small bs=5 status=none", stdout: SMALL },
  {
    what: "characters whose bytes come one by one, with the other stream in between",
    script: String.raw`for n in {1..40}; do
      printf '\xe6'; printf '\xc3' >&2; printf '\x99'; printf '\xa9' >&2; sleep 0.001; printf '\x82'
      printf '\xf0\x9f'; echo x >&2; sleep 0.001; printf '\x95\x90\n'
    done`,
    stdout: encode("時🕐\n".repeat(40)),
    stderr: encode("éx\n".repeat(40)),
  },
  { what: "both streams at once", script: "cat big & cat big >&2; wait", stdout: BIG, stderr: BIG },
  { what: "nothing but line breaks", script: "yes '' | head -n 100000", stdout: encode("\n".repeat(100_000)) },
  { what: "a line without an end", script: "printf 'no end'", stdout: encode("no end") },
];

for (const [database, open] of Object.entries(DATABASES)) {
  for (const { what, script, stdout, stderr = new Uint8Array() } of CASES) {
    Deno.test(`${database}: output is stored unchanged although writes fail and answers are lost: ${what}`, async () => {
      await using bench = await openBench(open, { LOG_MAX_BYTES: "20000000" });
      await bench.file("big", BIG);
      await bench.file("small", SMALL);
      const fate = fc.constantFrom<Fate[]>("well", "before", "after");
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fate), async (fates) => {
          const claim = await bench.claim(script);
          await bench.attempt(claim, () => fates.next().value ?? "well").ended;
          const chunks = await stored(bench.store, claim.dispatchId);
          assert.equal(hashOf(bytesOf(chunks, "stdout")), hashOf(stdout));
          assert.equal(hashOf(bytesOf(chunks, "stderr")), hashOf(stderr));
          const execution = await bench.store.runs.execution(claim.dispatchId);
          assert.deepEqual([execution?.status, execution?.truncated, execution?.logBytes], [
            "SUCCESS",
            false,
            stdout.length + stderr.length,
          ]);
          assert.equal((await bench.store.logs.end(claim.dispatchId)).offset, stdout.length + stderr.length);
        }),
        { numRuns: 2 },
      );
    });
  }

  Deno.test(`${database}: output that comes while the database is away is stored when it is back`, async () => {
    await using bench = await openBench(open);
    await bench.file("small", SMALL);
    const claim = await bench.claim("cat small; until [ -e go ]; do sleep 0.01; done; cat small");
    const [tried, triedAgain] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let tries = 0;
    let isAway = true;
    const attempt = bench.attempt(claim, () => {
      tries += 1;
      if (tries === 1) tried.resolve();
      if (tries === 50) triedAgain.resolve();
      return isAway ? "before" : "well";
    });
    await tried.promise;
    await bench.file("go", new Uint8Array());
    await triedAgain.promise;
    assert.deepEqual(await stored(bench.store, claim.dispatchId), []);
    isAway = false;
    await attempt.ended;
    const chunks = await stored(bench.store, claim.dispatchId);
    assert.equal(hashOf(bytesOf(chunks, "stdout")), hashOf(joined([SMALL, SMALL])));
  });

  Deno.test(`${database}: a run that is released and claimed again keeps both outputs, with a mark between`, async () => {
    await using bench = await openBench(open);
    await bench.file("small", SMALL);
    const first = await bench.claim(
      "cat small; printf 'within a line'; until [ -e go ]; do sleep 0.01; done; echo end",
    );
    const fates = fc.sample(fc.constantFrom<Fate[]>("well", "before", "after"), 1000).values();
    const attempt = bench.attempt(first, () => fates.next().value ?? "well");
    const id = first.dispatchId;
    const isSpoken = (chunks: readonly LogChunk[]) => chunks.at(-1)?.data.endsWith("within a line") ?? false;
    await eventually(bench.store, async () => isSpoken(await stored(bench.store, id)));
    attempt.release({ atOnce: true });
    await attempt.ended;
    assert.equal((await bench.store.runs.get(id))?.state.status, "PENDING");
    await bench.file("go", new Uint8Array());
    const second = await bench.claimNext();
    assert.deepEqual([second.dispatchId, second.retryCount], [id, 0]);
    await bench.attempt(second, () => fates.next().value ?? "well").ended;
    const text = (await stored(bench.store, id)).map(({ data }) => data).join("");
    const written = `${new TextDecoder().decode(SMALL)}within a line`;
    assert.equal(text, `${written}${BEGUN_ANEW}${written}end\n`);
  });

  Deno.test(`${database}: a run that had no output when it was released has no mark`, async () => {
    await using bench = await openBench(open);
    const first = await bench.claim("[ -e go ] || exec sleep 600; echo end");
    const attempt = bench.attempt(first);
    attempt.release({ atOnce: true });
    await attempt.ended;
    await bench.file("go", new Uint8Array());
    const second = await bench.claimNext();
    await bench.attempt(second).ended;
    assert.deepEqual((await stored(bench.store, second.dispatchId)).map(({ data }) => data), ["end\n"]);
  });
}
