import assert from "node:assert/strict";
import { LINE_CHARS_MAX, linesOf } from "../../cli/commands/schedule_lines.ts";
import { json, run } from "./_cli.ts";
import { onEachReach } from "./_reach.ts";

const AFTER = ["--after", "2026-03-28T12:00:00Z"];
const BERLIN = ["--schedule", "daily at 02:30", "--timezone", "Europe/Berlin", ...AFTER];

Deno.test("schedule next prints an array of ISO UTC instants, without a database", async () => {
  const args = ["schedule", "next", "--schedule", "daily at 09:00", "--timezone", "Asia/Hong_Kong", ...AFTER];
  const broken = { DATABASE_URL: "nonsense", SCRIPTS_DIR: ":" };
  assert.deepEqual(await json([...args, "--count", "3"], { env: broken }), [
    "2026-03-29T01:00:00Z",
    "2026-03-30T01:00:00Z",
    "2026-03-31T01:00:00Z",
  ]);
});

Deno.test("schedule next takes an offset for Z, and the zone of the display where none is given", async () => {
  const args = ["schedule", "next", "--schedule", "daily at 09:00", "--after", "2026-03-29T10:00:00+09:00"];
  const env = { DISPLAY_TIMEZONE: "Asia/Tokyo" };
  assert.deepEqual(await json([...args, "--count", "1"], { env }), ["2026-03-30T00:00:00Z"]);
});

Deno.test("schedule next follows the policies for clock changes", async () => {
  const one = ["schedule", "next", ...BERLIN, "--count", "1"];
  assert.deepEqual(await json(one), ["2026-03-29T01:00:00Z"]);
  assert.deepEqual(await json([...one, "--dst-gap", "skip"]), ["2026-03-30T00:30:00Z"]);
  const fold = ["schedule", "next", ...BERLIN, "--after", "2026-10-24T12:00:00Z", "--count", "2"];
  assert.deepEqual(await json([...fold, "--dst-fold", "both"]), ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]);
});

Deno.test("schedule next prints a line for each when piped, and local time on a terminal", async () => {
  const args = ["schedule", "next", ...BERLIN, "--count", "2"];
  assert.equal((await run(args)).stdout, "2026-03-29T01:00:00Z\n2026-03-30T00:30:00Z\n");
  assert.equal(
    (await run(args, { isTerminal: true })).stdout,
    "2026-03-29 03:00:00 Europe/Berlin\n2026-03-30 02:30:00 Europe/Berlin\n",
  );
});

Deno.test("schedule next says of a schedule that never fires that it does not occur", async () => {
  const { code, stdout, stderr } = await run(["schedule", "next", "--schedule", "cron 0 0 31 2 *"]);
  assert.deepEqual([code, stdout, stderr], [0, "", "It does not occur after that\n"]);
  assert.deepEqual(await json(["schedule", "next", "--schedule", "cron 0 0 31 2 *"]), []);
});

const wrong: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
  ["no schedule", [], /^jobctl: --schedule: is missing/],
  ["an unknown kind", ["--schedule", "dayly at 9"], /^jobctl: --schedule: .*did you mean "daily"\?/],
  ["an unknown property", ["--schedule", '{"kind":"daily","tme":"09:00"}'], /^jobctl: --schedule: /],
  ["an unknown zone", ["--schedule", "manual", "--timezone", "Mars"], /^jobctl: --timezone: .*no such zone/],
  ["an instant without a zone", ["--after", "2026-01-01T00:00"], /^jobctl: --after: found .* expected an instant/],
  ["a count of 0", ["--count", "0"], /^jobctl: --count: found "0", expected a whole number from 1 to 10000/],
  ["a count above the most", ["--count", "10001"], /^jobctl: --count: /],
  ["a policy that is none", ["--dst-gap", "before"], /^jobctl: --dst-gap: found "before", expected after or skip/],
  ["--stdin with a schedule", ["--stdin", "--schedule", "manual"], /^jobctl: .*'--stdin' cannot be used with option/],
];
for (const [what, args, message] of wrong) {
  Deno.test(`schedule next refuses ${what} with exit code 2 in one line`, async () => {
    const { code, stdout, stderr } = await run(["schedule", "next", ...args]);
    assert.deepEqual([code, stdout, stderr.split("\n").length], [2, "", 2], stderr);
    assert.match(stderr, message);
  });
}

Deno.test("schedule explain says what a schedule means, what to know and when it is next", async () => {
  assert.deepEqual(await json(["schedule", "explain", ...BERLIN, "--count", "1"]), {
    text: "daily at 02:30",
    sentence: "At 02:30 every day (Europe/Berlin)",
    schedule: { kind: "daily", time: "02:30" },
    warnings: [
      "2026-03-29 02:30 does not exist in Europe/Berlin (clocks go forward): it runs at 2026-03-29 03:00.",
      "2026-10-25 02:30 comes twice in Europe/Berlin (clocks go back): it runs the first time.",
      "2027-03-28 02:30 does not exist in Europe/Berlin (clocks go forward): it runs at 2027-03-28 03:00.",
    ],
    next: ["2026-03-29T01:00:00Z"],
  });
  const { stdout } = await run(["schedule", "explain", "--schedule", "cron 0 0 31 2 *"]);
  assert.match(stdout, /^means\t.*\ntext\tcron 0 0 31 2 \*\nJSON\t.*\nnote\tIt never fires/);
});

const question = { schedule: "daily at 09:00", timezone: "UTC", after: "2026-01-01T00:00:00Z" };
const answers: readonly (readonly [what: string, line: string, answer: unknown])[] = [
  ["a text", JSON.stringify(question), { next: ["2026-01-01T09:00:00Z"] }],
  [
    "an object, a count and policies",
    JSON.stringify({
      schedule: { kind: "daily", time: "02:30" },
      timezone: "Europe/Berlin",
      after: "2026-03-28T12:00:00Z",
      count: 2,
      dst: { gap: "skip", fold: "both" },
    }),
    { next: ["2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"] },
  ],
  ["one that never fires", JSON.stringify({ ...question, schedule: "cron 0 0 31 2 *" }), { next: [] }],
  ["a line that ends as on Windows", `${JSON.stringify(question)}\r`, { next: ["2026-01-01T09:00:00Z"] }],
  ["broken JSON", "{broken", { field: "line", message: /^Cannot parse as JSON/ }],
  ["a list", "[]", { field: "line", message: /^expected a JSON object$/ }],
  ["an unknown property", JSON.stringify({ ...question, zone: "UTC" }), { field: "line", message: /zone/ }],
  ["no schedule", JSON.stringify({ ...question, schedule: undefined }), { field: "schedule", message: /^expected/ }],
  ["an unknown kind", JSON.stringify({ ...question, schedule: "dayly" }), { field: "schedule.kind", message: /daily/ }],
  ["an unknown zone", JSON.stringify({ ...question, timezone: "Mars" }), {
    field: "timezone",
    message: /no such zone/,
  }],
  ["no instant", JSON.stringify({ ...question, after: "soon" }), { field: "after", message: /found "soon", expected/ }],
  ["a count of 0", JSON.stringify({ ...question, count: 0 }), { field: "count", message: /at least 1/ }],
  ["half a count", JSON.stringify({ ...question, count: 1.5 }), { field: "count", message: /whole number/ }],
  ["a wrong policy", JSON.stringify({ ...question, dst: { gap: "x" } }), {
    field: "dst.gap",
    message: /after or skip/,
  }],
];
Deno.test("schedule next --stdin answers each line in its place, errors too", async () => {
  const { code, stdout, stderr } = await run(["schedule", "next", "--stdin"], {
    stdin: answers.map(([, line]) => line).join("\n"),
  });
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, answers.length);
  for (const [index, [what, , expected]] of answers.entries()) {
    const answer = JSON.parse(lines[index] ?? "");
    const { field, message } = Object(expected);
    if (!(message instanceof RegExp)) assert.deepEqual(answer, expected, what);
    else {
      assert.deepEqual([Object.keys(answer), answer.error.field], [["error"], field], what);
      assert.match(answer.error.message, message, what);
    }
  }
});

Deno.test("schedule next --stdin answers ten thousand lines in order", async () => {
  const minutes = Array.from({ length: 10_000 }, (_, index) => index % 60);
  const lines = minutes.map((minute, index) =>
    index % 1000 === 999
      ? "{"
      : JSON.stringify({ ...question, schedule: `hourly at :${String(minute).padStart(2, "0")}` })
  );
  const { code, stdout } = await run(["schedule", "next", "--stdin"], { stdin: `${lines.join("\n")}\n\n` });
  const expected = minutes.map((minute, index) => {
    if (index % 1000 === 999) return "error";
    return `2026-01-01T0${minute === 0 ? 1 : 0}:${String(minute).padStart(2, "0")}:00Z`;
  });
  const found = stdout.trimEnd().split("\n").map((line) => {
    const { next, error } = JSON.parse(line);
    return error === undefined ? next.join() : "error";
  });
  assert.equal(code, 0);
  assert.deepEqual(found, expected);
});

Deno.test("schedule next --stdin refuses a line that is too long in its place, and answers the others", async () => {
  const line = JSON.stringify(question);
  // The longest line that is read, one character more, and one of many pieces.
  const padded = (length: number) => line.padEnd(length);
  const lines = [line, padded(16_384), padded(16_385), "x".repeat(1_000_000), line];
  const { code, stdout, stderr } = await run(["schedule", "next", "--stdin"], { stdin: lines.join("\n") });
  const next = { next: ["2026-01-01T09:00:00Z"] };
  const error = { error: { field: "line", message: "it is longer than 16384 characters" } };
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(stdout.trimEnd().split("\n").map((found) => JSON.parse(found)), [next, next, error, error, next]);
});

Deno.test("linesOf() keeps no more of an endless line than shows that it is too long", async () => {
  const pieces = ["a\nb", ...Array.from({ length: 100 }, () => "x".repeat(65_536)), "\nc\n", "d"];
  const lengths: number[] = [];
  for await (const lines of linesOf(ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece))))) {
    lengths.push(...lines.map((line) => line.length));
  }
  assert.deepEqual(lengths, [1, LINE_CHARS_MAX + 1, 1, 1]);
});

Deno.test("schedule explain says what a pasted expression does that may not be meant", async () => {
  const notes = async (schedule: string) => {
    const { warnings } = Object(
      await json(["schedule", "explain", "--schedule", schedule, "--timezone", "UTC", ...AFTER]),
    );
    return warnings;
  };
  assert.match((await notes("0/7 * * * *")).join(), /the last pause is 4 minutes; .* write "every 7m"/);
  assert.match(
    (await notes("0 0 9 ? * 2-6")).join(),
    /it runs on Tuesday to Saturday; if you mean Monday to Friday, as in Quartz/,
  );
  assert.deepEqual(await notes("0 9 * * * # morning"), []);
});

Deno.test("schedule explain shows the canonical form of what was typed", async () => {
  for (
    const [typed, text] of [
      ["every monday at 9:30 pm", "weekly on mon at 21:30"],
      ["weekdays at 9", "weekly on mon,tue,wed,thu,fri at 09:00"],
      ["@every 90m", "every 1h30m"],
      ["every 90", "every 1m30s"],
    ] as const
  ) {
    assert.equal(Object(await json(["schedule", "explain", "--schedule", typed])).text, text);
  }
});

onEachReach("schedule preview says how many jobs are due at the next time, and the next free minute", async (open) => {
  await using site = await open();
  await site.script("a.sh", "true");
  const preview = ["schedule", "preview", "--timezone", "UTC", "--schedule"];
  const others = async (schedule: string) => Object(await json([...preview, schedule], site)).others_this_minute;
  for (const [index, schedule] of ["daily at 02:30", "daily at 02:30:30", "daily at 02:31"].entries()) {
    const flags = ["--name", `Job ${index}`, "--script", "a.sh", "--timezone", "UTC", "--schedule", schedule];
    await json(["jobs", "create", ...flags], site);
  }
  const { jobs, free_at, scheduled_for } = await others("daily at 02:30");
  assert.deepEqual([jobs, Date.parse(free_at) - Date.parse(scheduled_for)], [2, 120_000]);
  assert.equal((await others("daily at 02:32")).jobs, 0);
  assert.equal(await others("manual"), null);
  const { stdout } = await run([...preview, "daily at 02:30"], site);
  assert.match(stdout, /\nothers\t2 other jobs are due in the same minute as the next run\.\nfree\t\S+T02:32:00Z\n$/);
});
