import assert from "node:assert/strict";
import { Conflict, NotFound } from "../../shared/domain/mod.ts";
import { createJob, editJob, getRevision, rollBackJob } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES } from "../support/store.ts";
import { at, MINUTELY } from "../store/_given.ts";

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: a rollback is an edit: its next run follows from now, and nothing past fires`, async () => {
    await using test = await open();
    const by = (seconds: number) => operating(test.store, at(seconds));
    const hourly = { ...MINUTELY, schedule: { kind: "hourly", minute: 15 } } as const;
    const { id } = await createJob(by(0), hourly);
    const edited = await editJob(by(60), { id, revision: 1, definition: { ...MINUTELY, name: "Other" } });
    const back = await rollBackJob(by(7200), { id, revision: edited.revision, to: 1 });
    assert.deepEqual([back.name, back.schedule, back.nextRun, back.revision], [
      MINUTELY.name,
      hourly.schedule,
      at(7200 + 900),
      3,
    ]);
    const { change, actor } = await getRevision(test.store, id, 3);
    assert.deepEqual([change, actor], [{ action: "rolled_back", to: 1 }, by(0).actor]);
    const late = rollBackJob(by(7201), { id, revision: edited.revision, to: 1 });
    await assert.rejects(late, Conflict);
    await assert.rejects(rollBackJob(by(7201), { id, revision: 3, to: 4 }), NotFound);
    assert.equal((await test.store.jobs.get(id))?.revision, 3);
  });
}
