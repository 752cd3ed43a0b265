import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_PAGE_SEGMENTS, withinBudget } from "../../app/format/log_budget.ts";
import { MAX_COLUMNS, MAX_ERASED, MAX_SEGMENTS } from "../../app/format/log_row.ts";
import { type LogLine, LogScreen } from "../../app/format/log_screen.ts";

/** The rows of a text, as chunks of the size that workers write, and how much work they were. */
function shown(text: string, chunkChars = 16_384): { readonly rows: readonly LogLine[]; readonly work: number } {
  const screen = new LogScreen();
  const rows: LogLine[] = [];
  for (let i = 0; i < text.length; i += chunkChars) {
    rows.push(...screen.feed({ seq: i / chunkChars, stream: "stdout", data: text.slice(i, i + chunkChars) }));
  }
  return { rows: screen.open === null ? rows : [...rows, screen.open], work: screen.work };
}

const textOf = ({ segments }: LogLine): string => segments.map(({ text }) => text).join("");

Deno.test("68 kB that erase a full line again and again cost a few looks at each character", () => {
  const text = `${"a".repeat(8191)}${"\rb\x1b[1K".repeat(10_000)}\n`;
  const { rows, work } = shown(text);
  assert.deepEqual(rows.map(textOf), [` ${"a".repeat(8190)}`]);
  assert.ok(work <= 3 * text.length, `${work} steps for ${text.length} characters`);
});

Deno.test("a line that erases more than its budget goes on as plain text that says so", () => {
  const times = MAX_ERASED / MAX_COLUMNS + 1;
  const { rows } = shown(`${"a".repeat(MAX_COLUMNS)}${"\x1b[1K".repeat(times)}\r\x1b[31mrest\x1b[0m\nnext\x1b[1K\n`);
  assert.deepEqual(rows.map((row) => [row.number, row.isContinued, row.isPlain, textOf(row).trim()]), [
    [1, false, false, ""],
    [1, true, true, "rest"],
    [2, false, false, ""],
  ]);
  assert.deepEqual(rows[1]?.segments, [{ text: "rest", classes: "" }]);
});

Deno.test("a row in 10,000 styles is drawn in a few of them and the rest plainly", () => {
  const { rows } = shown(
    `${Array.from({ length: 5000 }, (_, i) => `\x1b[${31 + i % 2}mx\x1b[4${i % 8}my`).join("")}\n`,
  );
  assert.equal(rows.map(textOf).join(""), "xy".repeat(5000));
  for (const { segments } of rows) assert.ok(segments.length <= MAX_SEGMENTS + 1, `${segments.length} pieces`);
  assert.ok(rows[0]?.isPlain);
});

Deno.test("a page in more styles than its budget keeps those of its last rows, and all its text", () => {
  const row = (number: number): LogLine => ({
    number,
    isContinued: false,
    isPlain: false,
    stream: "stdout",
    segments: Array.from({ length: 101 }, (_, i) => ({ text: "x", classes: i % 2 === 0 ? "f1" : "" })),
  });
  const lines = Array.from({ length: 2 * MAX_PAGE_SEGMENTS / 100 }, (_, i) => row(i + 1));
  const drawn = withinBudget(lines);
  assert.equal(drawn.reduce((sum, { segments }) => sum + segments.length - 1, 0), MAX_PAGE_SEGMENTS);
  assert.deepEqual(drawn.map(textOf), lines.map(textOf));
  assert.deepEqual(drawn.map(({ isPlain }) => isPlain), lines.map((_, i) => i < lines.length / 2));
});

const texts: readonly (readonly [name: string, text: string, shown: string])[] = [
  ["a link to script", "\x1b]8;;javascript:alert(1)\x1b\\click\x1b]8;;\x1b\\", "click"],
  ["a link", "\x1b]8;;https://example.net/\x07click\x1b]8;;\x07", "click"],
  ["moves to other lines", "a\x1b[Ab\x1b[10;10Hc\x1b[2Jd", "abcd"],
  ["a sequence within a sequence", "a\x1b[3\x1b[31mb", "a[3b"],
  ["many combining marks", `e${"\u0301".repeat(1000)}`, `e${"\u0301".repeat(1000)}`],
  ["a mark of another direction", "a\u202eb", "a\u202eb"],
  [
    "a character of two units at the end of a row",
    `${"a".repeat(MAX_COLUMNS - 1)}🕐`,
    `${"a".repeat(MAX_COLUMNS - 1)}🕐`,
  ],
];
for (const [name, text, expected] of texts) {
  Deno.test(`a log shows only the text of ${name}`, () => {
    const { rows } = shown(`${text}\n`);
    assert.equal(rows.map(textOf).join(""), expected);
    for (const row of rows) assert.ok(textOf(row).isWellFormed());
  });
}

/** What terminals obey, each piece short; repeated and mixed by the test. */
const hostile = fc.constantFrom(
  "a",
  "\r",
  "\b",
  "\n",
  "\t",
  "é",
  "時",
  "🕐",
  "\u0301",
  "\0",
  "\x7f",
  "\x9b",
  "\x9bP",
  "\x1b",
  "\x1b[",
  "\x1b[1K",
  "\x1b[K",
  "\x1b[2K",
  "\x1b[31m",
  "\x1b[38;5;9m",
  "\x1b[0m",
  "\x1b[;;;;;;",
  "\x1b[A",
  "\x1b[9;9H",
  "\x1b]8;;http://x\x07",
  "\x1b]",
  "\x1bP",
  "\x1b\\",
  "\x1bx",
  "\x07",
  "1;".repeat(50),
  "a".repeat(700),
  "a".repeat(9000),
);

Deno.test("no output costs more than its budget, however hostile", () => {
  const blocks = fc.array(fc.tuple(hostile, fc.integer({ min: 1, max: 2000 })), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(blocks, fc.integer({ min: 1, max: 3 }), (parts, times) => {
      const text = parts.map(([part, count]) => part.repeat(count)).join("").slice(0, 200_000).repeat(times);
      const { rows, work } = shown(text);
      // The row that is being written has a budget as well, also while it is empty and not shown.
      const mostRows = rows.length + 1;
      assert.ok(work <= 4 * text.length + mostRows * (MAX_ERASED + MAX_COLUMNS), `${work} for ${text.length}`);
      for (const row of rows) {
        assert.ok(textOf(row).length <= MAX_COLUMNS && row.segments.length <= MAX_SEGMENTS + 1);
        assert.doesNotMatch(textOf(row), /(?!\t)\p{Cc}/u);
      }
    }),
    { numRuns: 200, examples: [[[["a", 13], ["\x1b[1K", 51], ["\x1b[2K", 1], ["\x1b[1K", 1]], 1]] },
  );
});

Deno.test("a page goes on where the server stopped, at any place and in any state", () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 40 }), fc.nat(), (parts, cut) => {
      const chunks = parts.map((data, seq) => ({ seq, stream: "stdout" as const, data }));
      const whole = new LogScreen();
      const expected = chunks.flatMap((chunk) => whole.feed(chunk));
      const server = new LogScreen();
      const before = chunks.slice(0, cut % (parts.length + 1)).flatMap((chunk) => server.feed(chunk));
      const page = new LogScreen(JSON.parse(JSON.stringify(server.state)));
      const after = chunks.flatMap((chunk) => page.feed(chunk));
      assert.deepEqual([...before, ...after, page.open], [...expected, whole.open]);
    }),
  );
});
