import assert from "node:assert/strict";
import { z } from "zod";
import {
  backfillForm,
  executionForm,
  JOB_FIELDS,
  jobForm,
  type Json,
  ledgerForm,
  parseJobInput,
  problemForm,
  runForm,
  workerForm,
} from "../../shared/api/mod.ts";
import { SHOWN, type ShownName } from "../../shared/api/schemas/mod.ts";
import { Invalid, jobId } from "../../shared/domain/mod.ts";
import { createJob, runNow } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES } from "../support/store.ts";
import { A, at, claimOne, enter, outcome } from "../store/_given.ts";
import { finish, markStarted } from "../support/attempts.ts";

/** Checks that a form is exactly what its schema says. */
function assertShown(name: ShownName, form: Json): void {
  assert.deepEqual(SHOWN[name].parse(form), form);
}

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: what programs are shown is what its schema says`, async () => {
    await using test = await open();
    const { store } = test;
    const unusual = { tags: ["gpu"], concurrency_key: "k", ends_at: "2030-01-01", catchup_window: "2d", spread: 5 };
    for (const more of [{}, unusual]) {
      const input = { name: "A", script: "a.sh", schedule: "daily at 09:00", ...more };
      const job = await createJob(
        operating(store, at(0)),
        await parseJobInput(input, { scriptsDirs: [], defaultTimezone: "UTC" }),
      );
      assertShown("Job", jobForm(job));
    }
    const run = await runNow(operating(store, at(1)), { id: jobId(1), args: null, force: false, idempotencyKey: null });
    assertShown("Run", runForm(run));
    await enter(store, A);
    const claim = await claimOne(store, A, at(2));
    for (const worker of await store.workers.list()) assertShown("Worker", workerForm(worker));
    await markStarted(store, claim, { now: at(2), timeoutAt: at(60) });
    await finish(store, claim, { outcome: outcome("FAILED"), startedAt: at(2), now: at(3), retryAt: null });
    const ended = await store.runs.get(run.id);
    const execution = await store.runs.execution(run.id);
    assert.ok(ended !== null && execution !== null);
    assertShown("Run", runForm(ended));
    assertShown("Execution", executionForm(execution));
    const entry = { jobId: jobId(1), reason: "missed", firstAt: at(0), lastAt: at(1), count: 2 } as const;
    assertShown("LedgerEntry", ledgerForm(entry));
    assertShown("Backfill", backfillForm({ id: "b", written: 2, present: 0 }));
    for (const problem of new Invalid([{ field: "a", message: "b" }]).problems) {
      assertShown("Problem", problemForm(problem));
    }
  });
}

Deno.test("the schema of a job says of each policy what the table of fields says", () => {
  const { properties } = z.object({ properties: z.record(z.string(), z.unknown()) }).parse(z.toJSONSchema(SHOWN.Job));
  const { label, flag: [, about], bounds } = JOB_FIELDS.misfire_limit;
  const [number] = z.object({ anyOf: z.array(z.unknown()) }).parse(properties["misfire_limit"]).anyOf;
  assert.deepEqual(number, { type: "integer", minimum: bounds?.min, maximum: bounds?.max });
  const { title, description } = Object(properties["misfire_limit"]);
  assert.deepEqual([title, description], [label, about]);
});
