import assert from "node:assert/strict";
import { DEFAULT_POLICIES, type EpochMs, epochMs, type Job, jobId } from "@jobtrigger/shared/domain";
import { decideDue } from "@jobtrigger/shared/policy";
import { calculateNextRun, nextRuns, parseScheduleText } from "@jobtrigger/shared/schedule";
import fc from "fast-check";

const instant = (text: string): EpochMs => epochMs(Date.parse(text));
const iso = (at: EpochMs): string => new Date(at).toISOString().replace(".000", "");

function jobOf(schedule: string, timezone = "UTC"): Job {
  return {
    id: jobId(1),
    name: "nightly",
    scriptPath: "backup.sh",
    scriptArgs: [],
    schedule: parseScheduleText(schedule),
    timezone,
    policies: DEFAULT_POLICIES,
    isActive: true,
    pausedNote: null,
    nextRun: null,
    lastDispatchedAt: null,
    revision: 1,
    createdAt: epochMs(0),
    updatedAt: epochMs(0),
  };
}

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
    name: "settles missed and on-time occurrences in one pass",
    schedule: "every 10s",
    dueAt: "2026-11-24T02:00:00Z",
    now: "2026-11-24T02:02:05Z",
    dispatch: ["2026-11-24T02:01:00Z"],
    ledger: [
      "missed 2026-11-24T02:00:00Z…2026-11-24T02:00:50Z ×6",
      "overlap 2026-11-24T02:01:10Z…2026-11-24T02:02:00Z ×6",
    ],
    nextRun: "2026-11-24T02:02:10Z",
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
    assert.deepEqual({
      dispatch: verdict.dispatch.map(iso),
      ledger: verdict.ledger.map(({ reason, firstAt, lastAt, count }) =>
        `${reason} ${iso(firstAt)}…${iso(lastAt)} ×${count}`
      ),
      nextRun: verdict.nextRun === null ? null : iso(verdict.nextRun),
    }, { dispatch, ledger, nextRun });
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
        const job = jobOf(text, timezone);
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
            ...verdict.dispatch.map((at) => ({ firstAt: at, lastAt: at, count: 1 })),
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

Deno.test("decideDue() handles a month of missed minutes", () => {
  const verdict = decideDue({
    job: jobOf("cron * * * * *"),
    dueAt: instant("2026-10-24T00:00:00Z"),
    unfinished: 0,
    now: instant("2026-11-24T00:00:30Z"),
  });
  assert.deepEqual(verdict.dispatch.map(iso), ["2026-11-23T23:59:00Z"]);
  assert.deepEqual(verdict.ledger.map(({ reason, count }) => [reason, count]), [["missed", 31 * 1440 - 1], [
    "overlap",
    1,
  ]]);
});
