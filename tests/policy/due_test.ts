import assert from "node:assert/strict";
import { type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import { decideDue, MOST_AT_ONCE, occurrencesOf } from "@jobtrigger/shared/policy";
import { calculateNextRun, nextRuns } from "@jobtrigger/shared/schedule";
import fc from "fast-check";
import { instant, inWords, iso, jobOf } from "./_due.ts";

interface Case {
  readonly name: string;
  readonly schedule: string;
  readonly dueAt: string;
  readonly now: string;
  readonly unfinished?: number;
  readonly dispatch: readonly string[];
  /** `reason first…last ×count`. */
  readonly ledger: readonly string[];
  readonly nextRun: string | null;
}

const cases: readonly Case[] = [
  {
    name: "dispatches an occurrence that is on time",
    schedule: "daily at 02:00",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T02:00:00.040Z",
    dispatch: ["2026-11-24T02:00:00Z"],
    ledger: [],
    nextRun: "2026-11-25T02:00:00Z",
  },
  {
    name: "runs the only missed occurrence late",
    schedule: "daily at 02:00",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T07:00:00Z",
    dispatch: ["2026-11-24T02:00:00Z"],
    ledger: [],
    nextRun: "2026-11-25T02:00:00Z",
  },
  {
    name: "runs only the latest of many missed occurrences",
    schedule: "daily at 02:00",
    dueAt: "2026-11-01T02:00:00Z",
    now: "2026-11-24T07:00:00Z",
    dispatch: ["2026-11-24T02:00:00Z"],
    ledger: ["missed 2026-11-01T02:00:00Z…2026-11-23T02:00:00Z ×23"],
    nextRun: "2026-11-25T02:00:00Z",
  },
  {
    name: "counts an occurrence a minute late as on time",
    schedule: "hourly at :00",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T02:01:00Z",
    dispatch: ["2026-11-24T02:00:00Z"],
    ledger: [],
    nextRun: "2026-11-24T03:00:00Z",
  },
  {
    name: "skips while an earlier run is unfinished",
    schedule: "hourly at :00",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T02:00:00Z",
    unfinished: 1,
    dispatch: [],
    ledger: ["overlap 2026-11-24T02:00:00Z…2026-11-24T02:00:00Z ×1"],
    nextRun: "2026-11-24T03:00:00Z",
  },
  {
    name: "skips the occurrences on time that follow the first",
    schedule: "every 10s",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T02:00:35Z",
    dispatch: ["2026-11-24T02:00:00Z"],
    ledger: ["overlap 2026-11-24T02:00:10Z…2026-11-24T02:00:30Z ×3"],
    nextRun: "2026-11-24T02:00:40Z",
  },
  {
    name: "settles missed and on-time occurrences in one pass: the first on time runs",
    schedule: "every 10s",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T02:02:05Z",
    dispatch: ["2026-11-24T02:01:10Z"],
    ledger: [
      "missed 2026-11-24T02:00:00Z…2026-11-24T02:01:00Z ×7",
      "overlap 2026-11-24T02:01:20Z…2026-11-24T02:02:00Z ×5",
    ],
    nextRun: "2026-11-24T02:02:10Z",
  },
  {
    name: "runs today's occurrence, which is on time, in place of yesterday's",
    schedule: "daily at 02:00",
    dueAt: "2026-11-22T02:00:00Z",
    now: "2026-11-24T02:00:05Z",
    dispatch: ["2026-11-24T02:00:00Z"],
    ledger: ["missed 2026-11-22T02:00:00Z…2026-11-23T02:00:00Z ×2"],
    nextRun: "2026-11-25T02:00:00Z",
  },
  {
    name: "gives overlap as the reason only for the occurrence that was on time",
    schedule: "daily at 02:00",
    dueAt: "2026-11-22T02:00:00Z",
    now: "2026-11-24T02:00:05Z",
    unfinished: 1,
    dispatch: [],
    ledger: [
      "missed 2026-11-22T02:00:00Z…2026-11-23T02:00:00Z ×2",
      "overlap 2026-11-24T02:00:00Z…2026-11-24T02:00:00Z ×1",
    ],
    nextRun: "2026-11-25T02:00:00Z",
  },
  {
    name: "keeps the rhythm of an interval however late the pass is",
    schedule: "every 7m",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T02:00:59.999Z",
    dispatch: ["2026-11-24T02:00:00Z"],
    ledger: [],
    nextRun: "2026-11-24T02:07:00Z",
  },
  {
    name: "has no next run after the only one",
    schedule: "once at 2026-11-24 02:00",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T02:00:00Z",
    dispatch: ["2026-11-24T02:00:00Z"],
    ledger: [],
    nextRun: null,
  },
];

for (const { name, schedule, dueAt, now, unfinished = 0, dispatch, ledger, nextRun } of cases) {
  Deno.test(`decideDue() ${name}`, () => {
    const verdict = decideDue({ job: jobOf(schedule), dueAt: instant(dueAt), unfinished, now: instant(now) });
    const words = inWords(verdict);
    assert.deepEqual(
      { dispatch: verdict.dispatch.map(({ scheduledFor }) => iso(scheduledFor)), ledger: words.ledger },
      { dispatch, ledger },
    );
    assert.equal(words.nextRun, nextRun);
  });
}

Deno.test("decideDue() settles each occurrence of the schedule exactly once, in whatever passes time comes", () => {
  const schedules = [
    "every 7s",
    "every 90m",
    "hourly at :15",
    "daily at 02:30",
    "cron */20 1-4 * * *",
    "cron 0 30 2 * * sun",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...schedules),
      fc.constantFrom("UTC", "Europe/Berlin", "Australia/Lord_Howe"),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4 * 3_600_000 }), fc.nat(1)), { minLength: 1, maxLength: 12 }),
      (text, timezone, passes) => {
        const job = jobOf(text, { timezone });
        const start = instant("2026-03-28T23:00:00Z");
        const first = calculateNextRun(job.schedule, { timezone, after: start });
        assert.ok(first !== null);
        let dueAt: EpochMs | null = first;
        let now = start;
        let settled = 0;
        let last: EpochMs | null = null;
        for (const [step, unfinished] of passes) {
          now = epochMs(now + step);
          if (dueAt === null || dueAt > now) continue;
          const verdict = decideDue({ job, dueAt, unfinished, now });
          const entries = [
            ...verdict.dispatch.map(({ scheduledFor: at }) => ({ firstAt: at, lastAt: at, count: 1 })),
            ...verdict.ledger,
          ].toSorted((a, b) => a.firstAt - b.firstAt);
          for (const { firstAt, lastAt, count } of entries) {
            assert.ok(last === null || firstAt > last, "in order, none twice");
            assert.ok(lastAt <= now, "none before its time");
            settled += count;
            last = lastAt;
          }
          assert.ok(
            verdict.dispatch.length <= 1 && (unfinished === 0 || verdict.dispatch.length === 0),
            "skip: one at a time",
          );
          dueAt = verdict.nextRun;
        }
        const anchored = job.schedule.kind === "interval"
          ? { ...job.schedule, anchor: new Date(first).toISOString() }
          : job.schedule;
        const expected = nextRuns(anchored, { timezone, after: epochMs(first - 1) }, settled + 1);
        assert.equal(expected[settled - 1] ?? null, last, "as many as the schedule has");
        if (settled > 0) assert.equal(expected[settled], dueAt, "and the next is next");
      },
    ),
    { seed: 20261124, numRuns: 300 },
  );
});

const policySets = fc.record({
  misfire: fc.record({
    kind: fc.constantFrom("run_latest" as const, "run_all" as const, "skip" as const),
    graceSeconds: fc.constantFrom(1, 60, 3600),
    limit: fc.integer({ min: 1, max: 5 }),
    catchupSeconds: fc.constantFrom(null, 30, 3600),
  }),
  overlap: fc.constantFrom(
    "skip" as const,
    "queue_one" as const,
    "queue_all" as const,
    "cancel_running" as const,
    "allow" as const,
  ),
  spreadSeconds: fc.constantFrom(0, 5, 86_400),
  startsAt: fc.constantFrom(null, instant("2026-03-29T00:30:00Z")),
  endsAt: fc.constantFrom(null, instant("2026-03-29T03:10:00Z")),
});

Deno.test("decideDue() settles each occurrence once under all policies, within every limit, and never before its time", () => {
  fc.assert(
    fc.property(
      policySets,
      fc.constantFrom("every 90s", "hourly at :15", "daily at 02:30", "cron */20 1-4 * * *"),
      fc.constantFrom("UTC", "Europe/Berlin", "Australia/Lord_Howe"),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 * 3_600_000 }), fc.nat(3)), { minLength: 1, maxLength: 10 }),
      (policies, text, timezone, passes) => {
        const job = jobOf(text, { timezone, policies });
        const start = instant("2026-03-28T23:00:00Z");
        const occurrences = occurrencesOf(job, policies.startsAt ?? start);
        let dueAt = occurrences.next(start);
        let [now, settled, last] = [start, 0, start];
        for (const [step, unfinished] of passes) {
          now = epochMs(now + step);
          if (dueAt === null || dueAt > now) continue;
          const verdict = decideDue({ job, dueAt, unfinished, now });
          const { dispatch, ledger } = verdict;
          const parts = [
            ...dispatch.map(({ scheduledFor }) => ({ firstAt: scheduledFor, lastAt: scheduledFor, count: 1 })),
            ...ledger,
          ].toSorted((a, b) => a.firstAt - b.firstAt);
          for (const { firstAt, lastAt, count } of parts) {
            assert.ok(
              firstAt > last && lastAt >= firstAt && lastAt <= now,
              "in order, none twice, none before its time",
            );
            settled += count;
            last = lastAt;
          }
          const late = dispatch.filter(({ decision }) => decision.timing !== "on_time");
          const { kind, limit, catchupSeconds } = policies.misfire;
          assert.ok(
            late.length <= (kind === "skip" ? 0 : kind === "run_latest" ? 1 : limit),
            "no more than made up for",
          );
          for (const { scheduledFor, availableAt } of dispatch) {
            const following = occurrences.next(scheduledFor);
            assert.ok(availableAt >= scheduledFor, "never in the past");
            assert.ok(availableAt <= scheduledFor + policies.spreadSeconds * 1000, "within the spread");
            assert.ok(following === null || availableAt < following || availableAt === scheduledFor, "before the next");
          }
          for (const { scheduledFor } of late) {
            assert.ok(catchupSeconds === null || scheduledFor >= now - catchupSeconds * 1000, "within the window");
          }
          if (policies.overlap === "skip") assert.ok(dispatch.length <= (unfinished === 0 ? 1 : 0));
          if (policies.overlap === "queue_one") assert.ok(dispatch.length <= Math.max(0, 2 - unfinished));
          if (policies.overlap === "cancel_running") assert.ok(dispatch.length <= 1);
          dueAt = verdict.nextRun;
        }
        const all = occurrences.stretch(epochMs(start + 1), last);
        assert.equal(settled, all?.count ?? 0, "dispatches and ledger are the schedule's own list");
      },
    ),
    { seed: 20261124, numRuns: 500 },
  );
});

/** Missed occurrences for which each misfire policy makes up while one is on time. */
const outages: readonly (readonly [kind: "run_latest" | "run_all" | "skip", missed: number])[] = [
  ["run_latest", 0],
  ["run_all", 100],
  ["skip", 0],
];
for (const [kind, missed] of outages) {
  for (const overlap of ["skip", "queue_one", "queue_all", "cancel_running", "allow"] as const) {
    Deno.test(`decideDue() handles a month of missed minutes in bounded rows under ${kind} and ${overlap}`, () => {
      const { misfire } = jobOf("manual").policies;
      const job = jobOf("cron * * * * *", { policies: { misfire: { ...misfire, kind }, overlap } });
      const now = instant("2026-11-24T00:00:30Z");
      const verdict = decideDue({ job, dueAt: instant("2026-10-24T00:00:00Z"), unfinished: 0, now });
      const most = { skip: 1, queue_one: 2, queue_all: 101, cancel_running: 1, allow: MOST_AT_ONCE }[overlap];
      // One more is on time.
      assert.equal(verdict.dispatch.length, Math.min(missed + 1, most));
      assert.ok(verdict.ledger.length <= 2);
      const entered = verdict.ledger.reduce((sum, { count }) => sum + count, 0);
      assert.equal(verdict.dispatch.length + entered, 31 * 1440 + 1);
      assert.equal(verdict.nextRun, instant("2026-11-24T00:01:00Z"));
    });
  }
}

const allPolicies = fc.record({
  kind: fc.constantFrom("run_latest" as const, "run_all" as const, "skip" as const),
  limit: fc.integer({ min: 1, max: 5 }),
  catchupSeconds: fc.constantFrom(null, 600, 3600),
  overlap: fc.constantFrom(
    "skip" as const,
    "queue_one" as const,
    "queue_all" as const,
    "cancel_running" as const,
    "allow" as const,
  ),
});

Deno.test("decideDue() never runs a missed occurrence instead of one on time, and gives overlap only where a run was unfinished", () => {
  fc.assert(
    fc.property(
      allPolicies,
      fc.constantFrom("every 10s", "every 50s", "cron */3 * * * *", "daily at 02:00"),
      fc.integer({ min: 0, max: 5 * 86_400_000 }),
      fc.integer({ min: 0, max: 3 }),
      ({ overlap, ...misfire }, text, lateMs, unfinished) => {
        const job = jobOf(text, { policies: { misfire: { graceSeconds: 60, ...misfire }, overlap } });
        const dueAt = instant("2026-11-24T02:00:00Z");
        const now = epochMs(dueAt + lateMs);
        const { dispatch, ledger } = decideDue({ job, dueAt, unfinished, now });
        const occurrences = occurrencesOf(job, dueAt);
        const punctual = occurrences.stretch(epochMs(Math.max(dueAt, now - 60_000)), now);
        const onTime = dispatch.filter(({ decision }) => decision.timing === "on_time" || misfire.kind === "skip");
        const late = dispatch.length - onTime.length;
        if (misfire.kind === "run_latest" && punctual !== null) {
          assert.equal(late, 0, "today's in place of yesterday's");
        }
        if (late > 0) {
          assert.equal(onTime.length, punctual?.count ?? 0, "all that are on time run before one that is not");
        }
        const [first] = dispatch;
        for (const { reason, firstAt } of ledger) {
          if (reason !== "overlap" || overlap === "cancel_running" || unfinished > 0) continue;
          assert.ok(first !== undefined && first.scheduledFor < firstAt, "a run before it had not ended");
        }
      },
    ),
    { seed: 20261124, numRuns: 1000 },
  );
});

Deno.test("decideDue() neither dispatches nor enters an occurrence that has been dispatched before its time", () => {
  const job = jobOf("hourly at :00", { policies: { overlap: "queue_all" } });
  const [two, three, six] = ["02", "03", "06"].map((hour) => instant(`2026-11-24T${hour}:00:00Z`));
  assert.ok(two !== undefined && three !== undefined && six !== undefined);
  const facts = { job, dueAt: two, now: epochMs(six + 5000) };
  const early = decideDue({ ...facts, unfinished: 0, settled: [three, six] });
  assert.deepEqual(inWords(early), {
    dispatch: [],
    ledger: [
      "missed 2026-11-24T02:00:00Z…2026-11-24T02:00:00Z ×1",
      "missed 2026-11-24T04:00:00Z…2026-11-24T05:00:00Z ×2",
    ],
    nextRun: "2026-11-24T07:00:00Z",
  });
});

Deno.test("decideDue() leaves occurrences on time due when they are too many for one pass", () => {
  const { misfire } = jobOf("manual").policies;
  const job = jobOf("every 1s", { policies: { overlap: "allow", misfire: { ...misfire, graceSeconds: 3600 } } });
  const dueAt = instant("2026-11-24T00:00:00Z");
  const verdict = decideDue({ job, dueAt, unfinished: 0, now: epochMs(dueAt + 1_999_000) });
  assert.equal(verdict.dispatch.length, MOST_AT_ONCE);
  assert.deepEqual([verdict.ledger, verdict.nextRun], [[], dueAt + 1000 * MOST_AT_ONCE]);
});
