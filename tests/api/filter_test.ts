import assert from "node:assert/strict";
import fc from "fast-check";
import { epochMs, Invalid } from "../../shared/domain/mod.ts";
import {
  formatFilter,
  narrowedBy,
  parseFilter,
  readAuditFilter,
  readJobFilter,
  readLabels,
  readRunFilter,
} from "../../shared/api/mod.ts";

const NOW = epochMs(Date.UTC(2026, 10, 24, 12));
const context = { now: NOW, zone: "Asia/Hong_Kong" };
const iso = (at: number | undefined) => at === undefined ? null : new Date(at).toISOString();

const taken: readonly (readonly [text: string, words: string, ...terms: (readonly [string, ...string[]])[]])[] = [
  ["", ""],
  ["  disk   full ", "disk full"],
  ['"disk  full"', "disk  full"],
  ["status:failed", "", ["status", "failed"]],
  ["STATUS:failed", "", ["status", "failed"]],
  ["label:eu,us", "", ["label", "eu", "us"]],
  ['label:"month end",eu disk', "disk", ["label", "month end", "eu"]],
  ["label:eu label:us", "", ["label", "eu"], ["label", "us"]],
  ['"status:failed"', "status:failed"],
  ["a,b", "a,b"],
  ['label:"a\\"b\\\\c"', "", ["label", 'a"b\\c']],
  ["status:a:b", "", ["status", "a:b"]],
  ['label:pre"mid dle"post', "", ["label", "premid dlepost"]],
];
for (const [text, words, ...terms] of taken) {
  Deno.test(`parseFilter() takes ${JSON.stringify(text)} apart`, () => {
    const expected = { words, terms: terms.map(([field, ...values]) => ({ field, values })) };
    assert.deepEqual(parseFilter(text, ["status", "label"]), expected);
  });
}

const refused: readonly (readonly [text: string, message: RegExp])[] = [
  ["statsu:failed", /there is no field "statsu:" here, did you mean "status:"\?/],
  [
    "http://x",
    /there is no field "http:" here, expected status:, job:, label:, worker:, trigger:, since: or until:\. To search/,
  ],
  ["status:", /"status:" has no value; write status:value/],
  ["status:failed,", /"status:" has no value/],
  ["status:,failed", /"status:" has no value/],
  ['job:"a', /a quotation mark is open from character 5 on/],
  ["status:faild", /"status:": found "faild", did you mean failed\?/],
  ["status:constructor", /found "constructor", expected waiting, /],
  ["status:failed status:timeout", /"status:" stands there twice; write status:one,other/],
  [
    "trigger:hand",
    /"trigger:": found "hand" as the trigger, expected schedule, manual, api, webhook, retry, backfill or chain/,
  ],
  ["since:soon", /"since:": found "soon", expected a duration back from now, a day or a time, such as 24h/],
  ["since:90", /"since:": found "90", expected/],
  ["since:1h,2h", /"since:" takes one value, found 2/],
  [`label:${"x".repeat(51)}`, /"label:": found the label "x+", expected at most 50/],
  ["job:a disk", /found words beside "job:"; write job:"\*disk\*"/],
  ["x".repeat(2001), /found 2001 characters, expected at most 2000/],
];
for (const [text, message] of refused) {
  Deno.test(`a filter of runs ${JSON.stringify(text.slice(0, 40))} is refused with what would be right`, () => {
    assert.throws(
      () => readRunFilter(text, context),
      (error) => error instanceof Invalid && error.problems[0]?.field === "filter" && message.test(error.message),
    );
  });
}

Deno.test("readRunFilter() reads states by their names and by what pages call them, patterns, labels and times", () => {
  const filter = readRunFilter(
    'status:failed,Running,succeeded job:Backup*,12 worker:w1 label:EU,"month  end" label:nightly since:24h until:2026-11-24',
    context,
  );
  const { since, until, ...rest } = filter;
  assert.deepEqual(rest, {
    statuses: ["FAILED", "IN_PROGRESS", "COMPLETED"],
    jobs: ["Backup*", "12"],
    workers: ["w1"],
    labels: [["eu", "month end"], ["nightly"]],
  });
  // The whole day counts, in the zone.
  assert.deepEqual([iso(since), iso(until)], ["2026-11-23T12:00:00.000Z", "2026-11-24T16:00:00.000Z"]);
  assert.deepEqual(readRunFilter("disk full", context), { jobs: ["*disk full*"] });
  assert.deepEqual(readRunFilter("", context), {});
});

Deno.test("readJobFilter() reads words, states, labels and jobs", () => {
  assert.deepEqual(readJobFilter("back up state:paused label:eu,us job:a*"), {
    search: "back up",
    states: ["paused"],
    labels: [["eu", "us"]],
    jobs: ["a*"],
  });
  assert.deepEqual(readJobFilter("state:paused,failing,paused"), { states: ["paused", "failing"] });
  assert.throws(() => readJobFilter("state:on"), /"state:": found "on" as the state, expected active, paused, failing/);
});

Deno.test("readAuditFilter() reads who, what, about what and when", () => {
  const { since, ...rest } = readAuditFilter(
    "actor:alice action:jobs.edit outcome:denied subject:job/12 since:09:00",
    context,
  );
  assert.deepEqual(rest, {
    actor: "alice",
    action: "jobs.edit",
    outcome: "denied",
    subject: { kind: "job", id: 12 },
  });
  assert.equal(iso(since), "2026-11-24T01:00:00.000Z");
  assert.throws(() => readAuditFilter("alice", context), /found "alice" without a field; write actor:alice/);
});

Deno.test("narrowedBy() refuses what both name", () => {
  assert.deepEqual(narrowedBy({ jobs: ["a"] }, { state: "paused" }), { jobs: ["a"], state: "paused" });
  assert.throws(
    () => narrowedBy({ state: "active" }, { state: "paused" }),
    /it narrows by state, as another parameter/,
  );
});

Deno.test("readLabels() reads a group, and names the field of one that is none", () => {
  assert.deepEqual(readLabels("US, eu", "--label"), ["eu", "us"]);
  assert.throws(() => readLabels(" ", "--label"), /--label: found " ", expected a label/);
});

Deno.test("formatFilter() writes what parseFilter() reads", () => {
  const value = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a "b"', "a,b", "a:b", "\\", "*", " x "));
  const field = fc.constantFrom("label", "job");
  const values = fc.array(value, { minLength: 1, maxLength: 3 });
  const term = fc.record({ field, values }, { noNullPrototype: true });
  fc.assert(fc.property(fc.array(term, { minLength: 1, maxLength: 3 }), (terms) => {
    const text = formatFilter(terms);
    assert.deepEqual(parseFilter(text ?? "", ["label", "job"]), { words: "", terms });
  }));
  assert.equal(formatFilter([]), null);
});
