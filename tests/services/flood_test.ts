/**
 * Scripts that write without end. The bound is the one that `docs/output.md` states: 256 MiB for the worker itself, and for each
 * slot twice LOG_MAX_BYTES.
 *
 * @module
 */
import assert from "node:assert/strict";
import { openSite, Service, type Site } from "../support/process.ts";
import { lockSqlite } from "../support/sqlite_lock.ts";
import { DATABASES } from "../support/store.ts";
import { addJob, reaches, start } from "./_runs.ts";

const MIB = 1_048_576;
const SLOTS = 2;
const LOG_MAX_BYTES = 10 * MIB;
const BOUND = 256 * MIB + SLOTS * 2 * LOG_MAX_BYTES;

/** Bytes that each script writes: far more than the bound. */
const [LINES_BYTES, LINE_BYTES] = [1_000_000_000, 500_000_000];

const env = { WORKER_CONCURRENCY: String(SLOTS), LOG_MAX_BYTES: String(LOG_MAX_BYTES) };

/** The most memory that a process has ever had resident, in bytes (proc(5), VmHWM). */
async function peakOf({ pid }: Service): Promise<number> {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(await Deno.readTextFile(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? assert.fail("The kernel does not tell")) * 1024;
}

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: a gigabyte of lines and half of one on one line pass through a worker of bounded memory`, async () => {
    await using own = await openSite(env);
    await using test = await open();
    const site: Site = { ...own, store: test.store, env: { ...own.env, DATABASE_URL: test.url } };
    await site.script("lines.sh", `yes | head -c ${LINES_BYTES}`);
    await site.script("line.sh", `head -c ${LINE_BYTES} /dev/zero | tr '\\0' x`);
    const lines = await start(site, await addJob(site, "manual", "lines.sh"));
    const line = await start(site, await addJob(site, "manual", "line.sh"));
    await using worker = await Service.start("worker", site.env);
    for (const [run, bytes] of [[lines, LINES_BYTES], [line, LINE_BYTES]] as const) {
      await reaches(site, run, "COMPLETED", "FAILED", "TIMEOUT");
      const execution = await site.store.runs.execution(run.id);
      assert.deepEqual([execution?.status, execution?.logBytes, execution?.truncated], ["SUCCESS", bytes, true]);
      const { offset } = await site.store.logs.end(run.id);
      assert.ok(offset >= LOG_MAX_BYTES && offset < LOG_MAX_BYTES + 1000, `${offset} bytes are stored`);
    }
    const peak = await peakOf(worker);
    assert.ok(peak < BOUND, `The worker had ${Math.round(peak / MIB)} MiB`);
  });
}

Deno.test("a flood neither waits for a database that is away nor fills the worker", async () => {
  await using site = await openSite({ ...env, WORKER_OFFLINE_THRESHOLD: "600" });
  const pipe = `${site.env.SCRIPTS_DIR}/told`;
  assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
  await site.script(
    "flood.sh",
    `echo go > ${pipe}; read _ < ${pipe}; yes | head -c ${LINE_BYTES}; echo done > ${pipe}`,
  );
  const run = await start(site, await addJob(site, "manual", "flood.sh"));
  await using worker = await Service.start("worker", site.env);
  assert.equal(await Deno.readTextFile(pipe), "go\n");
  const lock = lockSqlite(site.path);
  await Deno.writeTextFile(pipe, "go\n");
  assert.equal(await Deno.readTextFile(pipe), "done\n");
  const peak = await peakOf(worker);
  assert.ok(peak < BOUND, `The worker had ${Math.round(peak / MIB)} MiB`);
  lock[Symbol.dispose]();
  await reaches(site, run, "COMPLETED", "FAILED", "TIMEOUT");
  const execution = await site.store.runs.execution(run.id);
  assert.deepEqual([execution?.status, execution?.logBytes], ["SUCCESS", LINE_BYTES]);
});
