import assert from "node:assert/strict";
import { epochMs, Invalid, type Problem } from "../../shared/domain/mod.ts";
import { type JobInput, parseJobInput } from "../../shared/api/mod.ts";
import { createJob, editJob, pauseJob, resumeJob } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES, openTestStore } from "../support/store.ts";

const T0 = epochMs(Date.UTC(2026, 0, 5, 12));
const at = (seconds: number) => epochMs(T0 + seconds * 1000);
const GOOD: JobInput = { name: "Backup", script: "backup.sh", schedule: "every 1m" };

/** No script directory exists here, so that scripts are not looked for. */
const context = { scriptsDirs: ["/nonexistent"], defaultTimezone: "Asia/Hong_Kong" };

const UTC = { ...context, defaultTimezone: "UTC" };
const ANCHORED = { kind: "interval", everySeconds: 60, anchor: "2026-01-05T00:00:40Z" };

async function problemsOf(input: JobInput): Promise<readonly Problem[]> {
  try {
    await parseJobInput(input, context);
    return [];
  } catch (error) {
    assert.ok(error instanceof Invalid, String(error));
    return error.problems;
  }
}

Deno.test("what is not said of a job is the default", async () => {
  const { timezone, scriptArgs, policies } = await parseJobInput(GOOD, context);
  assert.deepEqual([timezone, scriptArgs, policies.timeoutSeconds, policies.retry.max], [
    "Asia/Hong_Kong",
    [],
    null,
    null,
  ]);
});

Deno.test("all problems of a job are reported at once, by field", async () => {
  const input = { name: "", script: "../x", schedule: "dayly", timezone: "Mars", timeout: "soon", max_retries: -1 };
  const fields = (await problemsOf(input)).map(({ field }) => field).toSorted();
  assert.deepEqual([...new Set(fields)], ["max_retries", "name", "schedule", "script", "timeout", "timezone"]);
});

const wrong: readonly (readonly [name: string, change: JobInput, field: string])[] = [
  ["an interval of 0", { schedule: "every 0s" }, "schedule"],
  ["an unknown kind", { schedule: { kind: "sometimes" } }, "schedule"],
  ["a cron field out of range", { schedule: "cron 0 25 * * *" }, "schedule"],
  ["an argument with NUL", { args: ["a\0b"] }, "args"],
  ["arguments that are no texts", { args: [1] }, "args"],
  ["a name with a line break", { name: "a\nb" }, "name"],
  ["a name that is too long", { name: "x".repeat(201) }, "name"],
  ["a script path that is absolute", { script: "/etc/passwd" }, "script"],
  ["an environment that steers the linker", { env: { LD_PRELOAD: "x" } }, "env"],
  ["an environment that says where programs are", { env: { PATH: "/tmp" } }, "env"],
  ["an environment that says where configuration is", { env: { home: "/tmp" } }, "env"],
];
for (const [name, change, field] of wrong) {
  Deno.test(`parseJobInput() refuses ${name}`, async () => {
    assert.deepEqual((await problemsOf({ ...GOOD, ...change })).map((problem) => problem.field), [field]);
  });
}

Deno.test("an edit of anything but the times leaves the rhythm of an interval alone", async () => {
  await using test = await openTestStore();
  const definition = await parseJobInput(GOOD, context);
  const job = await createJob(operating(test.store, T0), definition);
  assert.equal(job.nextRun, at(60));
  const renamed = await editJob(operating(test.store, at(30)), {
    id: job.id,
    revision: 1,
    definition: { ...definition, name: "B" },
  });
  assert.equal(renamed.nextRun, at(60));
  const slower = await parseJobInput({ ...GOOD, schedule: "every 10m" }, context);
  const edited = await editJob(operating(test.store, at(30)), { id: job.id, revision: 2, definition: slower });
  assert.equal(edited.nextRun, at(630));
});

for (const [database, open] of Object.entries(DATABASES)) {
  const edits: readonly (readonly [what: string, before: JobInput, change: JobInput, next: number | null])[] = [
    ["the zone of an interval", {}, { timezone: "America/New_York" }, 60],
    ["what an interval does where clocks change", {}, { dst: { gap: "skip", fold: "both" } }, 60],
    ["the zone of an interval with an anchor", { schedule: ANCHORED }, { timezone: "America/New_York" }, 40],
    ["the end of an interval", {}, { ends_at: "2026-02-01" }, 60],
    ["the end of an interval away", { ends_at: "2026-02-01" }, { ends_at: "" }, 60],
    ["nothing of an interval", { starts_at: "2026-01-01" }, {}, 60],
    ["the end of an interval to before its next run", {}, { ends_at: "2026-01-05 12:00:45" }, null],
    ["the seconds of an interval", {}, { schedule: "every 10m" }, 630],
    ["the zone of a time of day", { schedule: "daily at 20:30" }, { timezone: "Asia/Hong_Kong" }, 1800],
  ];
  for (const [what, before, change, next] of edits) {
    Deno.test(`${database}: an edit that changes ${what} moves the next run where it has to, and nowhere else`, async () => {
      await using test = await open();
      const input = { ...GOOD, ...before };
      const job = await createJob(operating(test.store, T0), await parseJobInput(input, UTC));
      const definition = await parseJobInput({ ...input, ...change }, UTC);
      const edited = await editJob(operating(test.store, at(30)), { id: job.id, revision: 1, definition });
      assert.equal(edited.nextRun, next === null ? null : at(next));
    });
  }

  Deno.test(`${database}: an interval that had ended is due again from now when its end is moved`, async () => {
    await using test = await open();
    const over = await parseJobInput({ ...GOOD, ends_at: "2026-01-05 12:00:45" }, UTC);
    const job = await createJob(operating(test.store, T0), over);
    assert.equal(job.nextRun, null);
    const definition = await parseJobInput({ ...GOOD, ends_at: "2026-02-01" }, UTC);
    const edited = await editJob(operating(test.store, at(30)), { id: job.id, revision: 1, definition });
    assert.equal(edited.nextRun, at(90));
  });
}

Deno.test("a job resumed is next due from then on; resuming one that runs changes nothing", async () => {
  await using test = await openTestStore();
  const job = await createJob(operating(test.store, T0), await parseJobInput(GOOD, context));
  await pauseJob(operating(test.store, at(10)), { id: job.id, note: "moving" });
  const resumed = await resumeJob(operating(test.store, at(3600)), { id: job.id });
  assert.deepEqual([resumed.nextRun, resumed.pausedNote], [at(3660), null]);
  assert.deepEqual(await resumeJob(operating(test.store, at(3630)), { id: job.id }), resumed);
});
