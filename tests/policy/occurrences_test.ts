import assert from "node:assert/strict";
import { nextRunOf, occurrencesOf, type Timetable } from "@jobtrigger/shared/policy";
import { instant, iso, jobOf } from "./_due.ts";

const cases: readonly (readonly [
  name: string,
  schedule: string,
  startsAt: string | null,
  endsAt: string | null,
  after: string,
  next: string | null,
])[] = [
  [
    "counts the beginning of the validity",
    "daily at 09:00",
    "2026-12-01T09:00Z",
    null,
    "2026-11-24T00:00Z",
    "2026-12-01T09:00:00Z",
  ],
  [
    "counts the end of the validity",
    "daily at 09:00",
    null,
    "2026-12-01T09:00Z",
    "2026-12-01T08:59Z",
    "2026-12-01T09:00:00Z",
  ],
  ["has nothing after the end", "daily at 09:00", null, "2026-12-01T09:00Z", "2026-12-01T09:00Z", null],
  [
    "has nothing when the first is after the end",
    "daily at 09:00",
    "2026-12-01T10:00Z",
    "2026-12-02T08:00Z",
    "2026-11-01T00:00Z",
    null,
  ],
  [
    "counts an interval from the beginning",
    "every 7m",
    "2026-12-01T00:00Z",
    null,
    "2026-11-24T00:00Z",
    "2026-12-01T00:00:00Z",
  ],
  ["keeps that rhythm", "every 7m", "2026-12-01T00:00Z", null, "2026-12-01T00:10Z", "2026-12-01T00:14:00Z"],
];

function job(schedule: string, startsAt: string | null, endsAt: string | null): Timetable {
  const bound = (text: string | null) => text === null ? null : instant(text);
  return jobOf(schedule, { policies: { startsAt: bound(startsAt), endsAt: bound(endsAt) } });
}

for (const [name, schedule, startsAt, endsAt, after, next] of cases) {
  Deno.test(`nextRunOf() ${name}`, () => {
    const found = nextRunOf(job(schedule, startsAt, endsAt), instant(after));
    assert.equal(found === null ? null : iso(found), next);
  });
}

Deno.test("a span is cut to the validity, both ends included", () => {
  const occurrences = occurrencesOf(job("hourly at :00", "2026-12-01T03:00Z", "2026-12-01T05:00Z"));
  const stretch = occurrences.stretch(instant("2026-12-01T00:00Z"), instant("2026-12-02T00:00Z"));
  assert.deepEqual(stretch, {
    firstAt: instant("2026-12-01T03:00Z"),
    lastAt: instant("2026-12-01T05:00Z"),
    count: 3,
  });
  assert.equal(occurrences.stretch(instant("2026-12-01T06:00Z"), instant("2026-12-02T00:00Z")), null);
});
