import assert from "node:assert/strict";
import {
  alertRuleId,
  dispatchId,
  type EpochMs,
  epochMs,
  type ExecutionStatus,
  type Incident,
  incidentId,
  jobId,
  type QuietHours,
} from "../../shared/domain/mod.ts";
import {
  afterQuiet,
  conditionWords,
  coversJob,
  findInEnd,
  type Finding,
  type JobRecord,
  meetIncident,
  nextNoticeAt,
  NO_RECORD,
  noticeWords,
  openIncident,
  recordAfter,
  wakeIncident,
} from "../../shared/policy/mod.ts";

const T0 = epochMs(Date.UTC(2026, 0, 5, 12));
const at = (minutes: number): EpochMs => epochMs(T0 + minutes * 60_000);
const JOB = jobId(7);
const NIGHT: QuietHours = { from: 22 * 60, until: 7 * 60, timezone: "Europe/Berlin" };
const LOUD = { remindSeconds: null, quiet: null };

function broken(changed: Partial<Finding> = {}): Finding {
  return { jobId: JOB, isBroken: true, message: "Run 1 failed.", at: T0, isEvent: true, ...changed };
}

function incident(changed: Partial<Incident> = {}): Incident {
  return {
    id: incidentId(1),
    ruleId: alertRuleId(1),
    ruleName: "Failures",
    jobId: JOB,
    jobName: "Backup",
    message: "Run 1 failed.",
    openedAt: T0,
    lastAt: T0,
    count: 1,
    closedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    snoozedUntil: null,
    notifiedAt: T0,
    nextAt: null,
    ...changed,
  };
}

function end(execution: ExecutionStatus, isRetried = false) {
  return { jobId: JOB, dispatchId: dispatchId(1), at: T0, execution, isRetried, reason: "exit code 3" };
}

const QUIET: [name: string, quiet: QuietHours | null, at: string, end: string][] = [
  ["without quiet hours it is at once", null, "2026-01-05T23:00Z", "2026-01-05T23:00Z"],
  ["by day it is at once", NIGHT, "2026-01-05T12:00Z", "2026-01-05T12:00Z"],
  ["before midnight it is the next morning", NIGHT, "2026-01-05T21:30Z", "2026-01-06T06:00Z"],
  ["after midnight it is the same morning", NIGHT, "2026-01-06T03:00Z", "2026-01-06T06:00Z"],
  ["the minute in which they end is not quiet", NIGHT, "2026-01-06T06:00Z", "2026-01-06T06:00Z"],
  ["hours within a day end on it", { ...NIGHT, from: 600, until: 660 }, "2026-01-05T09:30Z", "2026-01-05T10:00Z"],
  ["the night in which clocks go forward is short", NIGHT, "2026-03-28T22:00Z", "2026-03-29T05:00Z"],
  [
    "an end that the clock skips is the first minute after",
    { ...NIGHT, until: 150 },
    "2026-03-28T23:00Z",
    "2026-03-29T01:30Z",
  ],
  [
    "an end that the clock shows twice is over after the first time",
    { ...NIGHT, until: 150 },
    "2026-10-25T01:15Z",
    "2026-10-25T01:15Z",
  ],
  ["hours that begin where they end are none", { ...NIGHT, from: 420 }, "2026-01-06T03:00Z", "2026-01-06T03:00Z"],
];
for (const [name, quiet, from, until] of QUIET) {
  Deno.test(`afterQuiet() ${name}`, () => {
    assert.equal(afterQuiet(quiet, epochMs(Date.parse(from))), Date.parse(until));
  });
}

const ENDS: [name: string, ends: [ExecutionStatus, boolean?][], limit: number, found: (boolean | null)[]][] = [
  ["the first failure breaks a limit of one", [["FAILURE"]], 1, [true]],
  [
    "a limit of three is broken by the third and each later one",
    [["FAILURE"], ["ERROR"], ["TIMEOUT"], ["FAILURE"]],
    3,
    [
      null,
      null,
      true,
      true,
    ],
  ],
  ["an attempt that is tried again does not count", [["FAILURE", true], ["FAILURE"]], 2, [null, null]],
  ["a success begins anew", [["FAILURE"], ["SUCCESS"], ["FAILURE"]], 2, [null, false, null]],
  ["a cancelled run changes nothing", [["FAILURE"], ["CANCELLED"], ["FAILURE"]], 2, [null, null, true]],
];
for (const [name, ends, limit, expected] of ENDS) {
  Deno.test(`findInEnd() ${name}`, () => {
    let record: JobRecord = NO_RECORD;
    const found = ends.map(([execution, isRetried]) => {
      record = recordAfter(record, end(execution, isRetried));
      return findInEnd({ kind: "failures", limit }, end(execution, isRetried), record)?.isBroken ?? null;
    });
    assert.deepEqual(found, expected);
  });
}

Deno.test("an incident is said once when it opens, however often the rule is broken", () => {
  const opened = openIncident(LOUD, broken(), T0);
  assert.deepEqual([opened.notice, opened.notifiedAt, opened.nextAt], [{ kind: "opened", at: T0 }, T0, null]);
  const again = meetIncident(LOUD, incident(), broken({ message: "Run 2 failed.", at: at(1) }), at(1));
  assert.deepEqual([again?.count, again?.message, again?.notice], [2, "Run 2 failed.", null]);
  assert.equal(meetIncident(LOUD, incident(), broken({ isEvent: false }), at(1)), null);
});

Deno.test("quiet hours hold the opening back, and an incident that ends meanwhile is never said", () => {
  const night = epochMs(Date.parse("2026-01-05T23:00Z"));
  const morning = epochMs(Date.parse("2026-01-06T06:00Z"));
  const rule = { remindSeconds: null, quiet: NIGHT };
  const opened = openIncident(rule, broken(), night);
  assert.deepEqual([opened.notice, opened.notifiedAt, opened.nextAt], [null, null, morning]);
  const held = incident({ notifiedAt: null, nextAt: morning });
  assert.deepEqual(wakeIncident(rule, held, morning).notice, { kind: "opened", at: morning });
  assert.equal(meetIncident(rule, held, broken({ isBroken: false }), morning)?.notice, null);
});

Deno.test("the end of an incident that was said is said too, after quiet hours", () => {
  const night = epochMs(Date.parse("2026-01-05T23:00Z"));
  const ended = meetIncident({ remindSeconds: 60, quiet: NIGHT }, incident(), broken({ isBroken: false }), night);
  assert.deepEqual([ended?.closedAt, ended?.nextAt, ended?.notice], [night, null, {
    kind: "recovered",
    at: epochMs(Date.parse("2026-01-06T06:00Z")),
  }]);
});

Deno.test("reminders come until somebody acknowledges, and a snoozed incident is said once more", () => {
  const rule = { remindSeconds: 3600, quiet: null };
  assert.equal(openIncident(rule, broken(), T0).nextAt, at(60));
  const reminded = wakeIncident(rule, incident({ nextAt: at(60) }), at(60));
  assert.deepEqual([reminded.notice, reminded.nextAt], [{ kind: "reminder", at: at(60) }, at(120)]);
  assert.equal(nextNoticeAt(rule, incident({ acknowledgedAt: at(1) }), at(1)), null);
  assert.equal(nextNoticeAt(LOUD, incident({ snoozedUntil: at(30) }), at(1)), at(30));
  const after = wakeIncident(LOUD, incident({ snoozedUntil: at(30), nextAt: at(30) }), at(30));
  assert.deepEqual([after.notice, after.nextAt], [{ kind: "reminder", at: at(30) }, null]);
});

Deno.test("a rule covers all jobs, those with a label, or one", () => {
  const job = { id: JOB, labels: ["nightly"] };
  assert.equal(coversJob({ kind: "all" }, job), true);
  assert.equal(coversJob({ kind: "label", label: "nightly" }, job), true);
  assert.equal(coversJob({ kind: "label", label: "night" }, job), false);
  assert.equal(coversJob({ kind: "job", jobId: jobId(8) }, job), false);
});

Deno.test("words say what, how long and how often", () => {
  assert.equal(conditionWords({ kind: "failures", limit: 3 }), "fails 3 times in a row");
  assert.equal(conditionWords({ kind: "no_success", limit: 5400 }), "has no success in 1 hour 30 minutes");
  assert.deepEqual(noticeWords("recovered", incident({ count: 4 }), at(90)), {
    title: "Recovered: job Backup: Failures",
    text: "It was open for 1 hour 30 minutes. Run 1 failed. Counted 4 times.",
  });
});
