import assert from "node:assert/strict";
import { Conflict, jobId, NotFound } from "../../shared/domain/mod.ts";
import { at, claim, claimOne, dispatch, enter, given, manual, MINUTELY, moved, pausing, T0 } from "./_given.ts";
import { A } from "./_given.ts";
import type { Check } from "./contract.ts";
import { by } from "../support/actor.ts";

/** Jobs and their definitions. */
export function jobsContract(check: Check): void {
  check("a job is read as it was written", async ({ store }) => {
    const definition = {
      ...MINUTELY,
      name: `<b>"Über" & 'näh' \u{1f680}</b>`,
      scriptArgs: ["--help", "", "a b", "$(id)", "ü"],
      policies: {
        timeoutSeconds: 5,
        retry: { max: 0, baseSeconds: 1, capSeconds: 60 },
        dst: { gap: "skip" as const, fold: "both" as const },
        misfire: { kind: "run_all" as const, graceSeconds: 5, limit: 7, catchupSeconds: 3600 },
        overlap: "queue_all" as const,
        spreadSeconds: 30,
        startsAt: at(0),
        endsAt: at(9999),
        priority: -3,
        tags: ["eu", "gpu"],
        concurrency: { key: "backup", limit: 2 },
        env: { A: "1" },
      },
    };
    const job = await store.jobs.create(definition, { nextRun: at(60), ...by(T0) });
    const { id, isActive, pausedNote, nextRun, revision, createdAt, ...rest } = job;
    assert.deepEqual(await store.jobs.get(id), job);
    assert.deepEqual([isActive, pausedNote, nextRun, revision, createdAt], [true, null, at(60), 1, T0]);
    for (const [key, value] of Object.entries(definition)) {
      assert.deepEqual(Object.entries(rest).find(([k]) => k === key)?.[1], value);
    }
  });

  check("a job can begin paused, which its audit row says", async ({ store }) => {
    const job = await store.jobs.create(MINUTELY, { nextRun: null, paused: { note: "tried first" }, ...by(T0) });
    assert.deepEqual([job.isActive, job.pausedNote, job.nextRun], [false, "tried first", null]);
    const { items: [row] } = await store.audit.list({ limit: 1 });
    assert.deepEqual([row?.after?.["isActive"], row?.after?.["note"]], [false, "tried first"]);
    const silent = await store.jobs.create(MINUTELY, { nextRun: null, paused: { note: null }, ...by(T0) });
    assert.deepEqual([silent.isActive, silent.pausedNote], [false, null]);
  });

  check("a missing job is null, or NotFound for a change", async ({ store }) => {
    const none = jobId(77);
    assert.equal(await store.jobs.get(none), null);
    const change = { revision: 1, definition: MINUTELY, nextRun: moved(null, null), ...by(T0) };
    await assert.rejects(store.jobs.update(none, change), NotFound);
    await assert.rejects(store.jobs.pause(none, pausing(null)), NotFound);
    await assert.rejects(store.jobs.resume(none, { nextRun: moved(null, null), ...by(T0) }), NotFound);
    await assert.rejects(store.jobs.remove(none, { ...by(T0) }), NotFound);
  });

  check("of two edits made on one revision the second is refused and changes nothing", async ({ store, another }) => {
    const job = await given(store);
    const change = {
      revision: 1,
      definition: { ...MINUTELY, name: "First" },
      nextRun: moved(at(60), at(90)),
      ...by(at(1)),
    };
    const edited = await store.jobs.update(job.id, change);
    assert.ok(edited !== "moved");
    assert.deepEqual([edited.name, edited.revision, edited.nextRun, edited.updatedAt], ["First", 2, at(90), at(1)]);
    const second = { ...change, definition: { ...MINUTELY, name: "Second" } };
    await assert.rejects((await another()).jobs.update(job.id, second), Conflict);
    assert.deepEqual(await store.jobs.get(job.id), edited);
  });

  check(
    "an edit that keeps the next run keeps a scheduler's later move of it",
    async ({ store, another }) => {
      const job = await given(store);
      await dispatch(await another(), at(60));
      const change = {
        revision: 1,
        definition: { ...MINUTELY, name: "New" },
        nextRun: "keep" as const,
        ...by(at(61)),
      };
      const edited = await store.jobs.update(job.id, change);
      assert.ok(edited !== "moved" && edited.nextRun === at(120));
    },
  );

  check(
    "planned starts are those of active jobs in a span, without one job, of labels that are seen",
    async ({ store }) => {
      const labels = [["eu"], ["us"], ["eu", "us"], []];
      const jobs = await Promise.all(labels.map((of, index) => given(store, { labels: of }, at(60 + 20 * index))));
      await given(store, {}, null);
      const [first] = jobs;
      assert.ok(first !== undefined);
      const span = { from: at(60), until: at(120), except: null, limit: 10 };
      assert.deepEqual(await store.jobs.plannedStarts(span), [at(60), at(80), at(100)]);
      assert.deepEqual(await store.jobs.plannedStarts({ ...span, except: first.id }), [at(80), at(100)]);
      assert.deepEqual(await store.jobs.plannedStarts({ ...span, visible: ["eu"] }), [at(60), at(100)]);
      assert.deepEqual(await store.jobs.plannedStarts({ ...span, visible: [] }), []);
      assert.deepEqual(await store.jobs.plannedStarts({ ...span, limit: 2 }), [at(60), at(80)]);
      await store.jobs.pause(first.id, pausing(at(60), { now: at(1) }));
      assert.deepEqual(await store.jobs.plannedStarts(span), [at(80), at(100)]);
    },
  );

  check("a paused job has a note and no next run, also after an edit", async ({ store }) => {
    const job = await given(store);
    const paused = await store.jobs.pause(job.id, pausing(at(60), { note: "moving", now: at(1) }));
    assert.ok(paused !== "moved");
    const { isActive, pausedNote, nextRun, revision } = paused.job;
    assert.deepEqual([isActive, pausedNote, nextRun, revision], [false, "moving", null, 2]);
    const change = { revision: 2, definition: MINUTELY, nextRun: moved(null, at(90)), ...by(at(2)) };
    const edited = await store.jobs.update(job.id, change);
    assert.ok(edited !== "moved" && edited.nextRun === null);
    assert.equal((await dispatch(store, at(600))).jobs, 0);
  });

  check("pausing or resuming twice changes nothing the second time", async ({ store, another }) => {
    const job = await given(store);
    const paused = await store.jobs.pause(job.id, pausing(at(60), { note: "first", now: at(1) }));
    assert.deepEqual(await store.jobs.pause(job.id, pausing(at(60), { note: "second", now: at(2) })), paused);
    const resumed = await store.jobs.resume(job.id, { nextRun: moved(null, at(60)), ...by(at(3)) });
    await dispatch(await another(), at(60));
    const again = await store.jobs.resume(job.id, { nextRun: moved(null, at(61)), ...by(at(60)) });
    assert.ok(resumed !== "moved" && again !== "moved");
    assert.deepEqual([resumed.nextRun, again.nextRun, again.revision], [at(60), at(120), resumed.revision]);
  });

  check("deleting a job cancels waiting runs, asks running ones to stop, and keeps its history", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    const running = await store.runs.runNow(manual(job));
    await claimOne(store, A, at(1));
    const waiting = await store.runs.runNow(manual(job, { force: true, now: at(2) }));
    await store.jobs.remove(job.id, { ...by(at(3)) });
    assert.equal(await store.jobs.get(job.id), null);
    assert.deepEqual((await store.jobs.list({ limit: 10 })).items, []);
    const [one, two] = await Promise.all([store.runs.get(running.id), store.runs.get(waiting.id)]);
    assert.ok(one?.state.status === "IN_PROGRESS" && one.state.cancelRequestedAt === at(3));
    assert.deepEqual(one.state.cancel, { reason: "delete" });
    assert.ok(two?.state.status === "CANCELLED");
    assert.equal(two.state.errorMessage, "Cancelled because its job was deleted");
    assert.equal(two?.jobName, "Minutely");
    assert.equal((await store.runs.execution(waiting.id))?.status, "CANCELLED");
    await assert.rejects(store.runs.runNow(manual(job)), NotFound);
  });

  check("a list is paged by key in each order, without gap or repeat", async ({ store }) => {
    const names = ["beta", "Alpha", "gamma", "alpha", "Ärger", "beta"];
    for (const [i, name] of names.entries()) {
      await given(store, { name }, i % 2 === 0 ? at(60 * (10 - i)) : null);
    }
    for (const sort of ["name", "nextRun", "lastRun", "worst", "id"] as const) {
      const whole = (await store.jobs.list({ sort, now: T0, limit: 100 })).items.map(({ id }) => id);
      const paged: number[] = [];
      let cursor: string | null = null;
      do {
        const query: Parameters<typeof store.jobs.list>[0] = {
          sort,
          now: T0,
          limit: 2,
          ...(cursor !== null && { cursor }),
        };
        const { items, next } = await store.jobs.list(query);
        paged.push(...items.map(({ id }) => id));
        cursor = next;
      } while (cursor !== null);
      assert.deepEqual(paged, whole, sort);
      assert.equal(new Set(whole).size, names.length);
    }
    const due = (await store.jobs.list({ sort: "nextRun", limit: 100 })).items.map(({ nextRun }) => nextRun);
    assert.deepEqual(due, [at(360), at(480), at(600), null, null, null]);
  });

  check("a list is narrowed by state and by part of a name or path in any case", async ({ store }) => {
    const backup = await given(store, { name: "Nightly BACKUP 100%" });
    const report = await given(store, { name: "Report", scriptPath: "reports/Daily_1.py" });
    await store.jobs.pause(report.id, pausing(at(60)));
    const found = async (query: object) => (await store.jobs.list({ limit: 10, ...query })).items.map(({ id }) => id);
    assert.deepEqual(await found({ search: "backup" }), [backup.id]);
    assert.deepEqual(await found({ search: "0%" }), [backup.id]);
    assert.deepEqual(await found({ search: "DAILY_" }), [report.id]);
    assert.deepEqual(await found({ search: "daily%" }), []);
    assert.deepEqual(await found({ states: ["active"] }), [backup.id]);
    assert.deepEqual(await found({ states: ["paused"] }), [report.id]);
  });

  check("a list shows each job with its newest run", async ({ store }) => {
    const job = await given(store);
    await given(store, { name: "Never ran" });
    await store.runs.runNow(manual(job));
    const last = await store.runs.runNow(manual(job, { force: true, now: at(5) }));
    const { items } = await store.jobs.list({ limit: 10 });
    assert.deepEqual(items.map(({ lastRun }) => lastRun?.id ?? null), [last.id, null]);
  });

  check("a move of a next run is refused if a scheduler has moved it since it was read", async (opened) => {
    const { store, another } = opened;
    const job = await given(store);
    await dispatch(await another(), at(60));
    const before = await store.jobs.get(job.id);
    const givenUp = { reason: "missed", firstAt: at(60), lastAt: at(60), count: 1 } as const;
    const nextRun = { from: at(60), to: at(90), ledger: [givenUp] };
    assert.equal(
      await store.jobs.update(job.id, { revision: 1, definition: MINUTELY, nextRun, ...by(at(61)) }),
      "moved",
    );
    const pause = { ...pausing(null, { now: at(61) }), nextRun: { ...nextRun, to: null } };
    assert.equal(await store.jobs.pause(job.id, pause), "moved");
    assert.deepEqual(await store.jobs.get(job.id), before);
    assert.deepEqual(await store.runs.ledger(job.id, 10), []);
  });

  check("the ledger has the occurrences that a person skips by moving a next run", async ({ store }) => {
    const job = await given(store);
    const entry = { reason: "paused", firstAt: at(60), lastAt: at(180), count: 3 } as const;
    const nextRun = { from: at(60), to: null, ledger: [entry] };
    await store.jobs.pause(job.id, { ...pausing(null, { now: at(200) }), nextRun });
    assert.deepEqual(await store.runs.ledger(job.id, 10), [{ jobId: job.id, ...entry }]);
  });

  check("an edit changes the needs of waiting runs", async ({ store }) => {
    await enter(store, A);
    const gpu = { ...MINUTELY, policies: { ...MINUTELY.policies, tags: ["gpu"] } };
    const job = await given(store, gpu);
    await store.runs.runNow(manual(job));
    assert.deepEqual(await claim(store, A, at(1)), []);
    const definition = { ...MINUTELY, policies: { ...MINUTELY.policies, priority: 5 } };
    await store.jobs.update(job.id, { revision: 1, definition, nextRun: "keep", ...by(at(2)) });
    const [held] = await claim(store, A, at(3));
    assert.ok(held !== undefined);
    const run = await store.runs.get(held.dispatchId);
    assert.deepEqual([run?.priority, run?.needs], [5, { tags: [], concurrency: null, serial: null }]);
  });
}
