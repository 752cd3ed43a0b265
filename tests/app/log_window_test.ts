import assert from "node:assert/strict";
import fc from "fast-check";
import { LogScreen, MAX_COLUMNS, START } from "../../app/format/log_screen.ts";
import { readLogWindow, WINDOW_LINES } from "../../app/server/log_window.ts";
import { epochMs, type LogChunk, type LogStream } from "../../shared/domain/mod.ts";
import type { LogStore } from "../../shared/store/mod.ts";
import { append } from "../support/attempts.ts";
import { anyPieces, chunksOf } from "../support/output.ts";
import { DATABASES } from "../support/store.ts";
import { openPortal } from "./_portal.ts";

const at = epochMs(0);

/** A log of numbered lines, cut into chunks without regard to lines. */
function numbered(lines: number, line: (n: number) => string, chunkChars = 16_384): readonly LogChunk[] {
  const text = Array.from({ length: lines }, (_, i) => `${line(i + 1)}\n`).join("");
  const pieces: [LogStream, string][] = [];
  for (let i = 0; i < text.length; i += chunkChars) pieces.push(["stdout", text.slice(i, i + chunkChars)]);
  return chunksOf(pieces, { at });
}

/** Counts what is read of logs. */
function counting(logs: LogStore): LogStore & { readonly chars: () => number } {
  let chars = 0;
  return {
    end: (id) => logs.end(id),
    find: (id, what) => logs.find(id, what),
    chars: () => chars,
    async read(id, from) {
      const chunks = await logs.read(id, from);
      for (const { data } of chunks) chars += data.length;
      return chunks;
    },
  };
}

Deno.test("a line has the number it has in the downloaded file, whatever streams and escapes do", () => {
  fc.assert(fc.property(anyPieces, (pieces) => {
    const screen = new LogScreen();
    let text = "";
    for (const chunk of chunksOf(pieces, { at })) {
      text += chunk.data;
      screen.feed(chunk);
      assert.equal(screen.number, text.split("\n").length);
    }
  }));
});

Deno.test("line breaks count within a sequence that is dropped, too", () => {
  const screen = new LogScreen();
  const rows = screen.feed({ seq: 0, stream: "stdout", data: "a\n\x1b]0;title\nof two lines\x07b\nc\n" });
  assert.deepEqual(rows.map(({ number, segments }) => [number, segments[0]?.text]), [[1, "a"], [3, "b"], [4, "c"]]);
});

Deno.test("rows of one line have one number, and only the first is not a continuation", () => {
  const screen = new LogScreen();
  const rows = [
    ...screen.feed({ seq: 0, stream: "stdout", data: "prompt: " }),
    ...screen.feed({ seq: 1, stream: "stderr", data: "warning\n" }),
    ...screen.feed({ seq: 2, stream: "stdout", data: `${"x".repeat(2 * MAX_COLUMNS + 1)}\n` }),
  ];
  assert.deepEqual(rows.map(({ number, isContinued }) => [number, isContinued]), [
    [1, false],
    [1, true],
    [2, false],
    [2, true],
    [2, true],
  ]);
});

Deno.test("a screen that begins at any chunk with its number shows the whole lines that follow as the first would", () => {
  const plain = fc.array(
    fc.tuple(
      fc.constantFrom<LogStream[]>("stdout", "stderr"),
      fc.string({ unit: fc.constantFrom("a", "é", "\n"), minLength: 1 }),
    ),
    { minLength: 2 },
  );
  fc.assert(fc.property(plain, fc.nat(), (pieces, cut) => {
    const chunks = chunksOf(pieces, { at });
    const begin = cut % chunks.length;
    const whole = new LogScreen();
    const expected = chunks.flatMap((chunk) => whole.feed(chunk));
    const before = chunks.slice(0, begin).map(({ data }) => data).join("");
    const number = before.split("\n").length;
    const later = new LogScreen({ ...START, nextSeq: begin, number });
    const rows = chunks.slice(begin).flatMap((chunk) => later.feed(chunk));
    const isWhole = (row: { readonly number: number }) => row.number > number;
    assert.deepEqual(rows.filter(isWhole), expected.filter(isWhole));
  }));
});

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: of a long log the last lines are shown, and no more is read than that`, async () => {
    await using portal = await openPortal(open);
    const { dispatchId, ...claim } = await portal.claim(await portal.job());
    const lines = 100_000;
    await append(portal.store, { dispatchId, ...claim }, numbered(lines, (n) => `line ${n}`));
    const logs = counting(portal.store.logs);
    const window = await readLogWindow(logs, dispatchId, { line: null, stream: null });
    const shown = window.lines.map(({ number, segments }) => [number, segments[0]?.text]);
    const expected = Array.from({ length: WINDOW_LINES }, (_, i) => lines - WINDOW_LINES + 1 + i);
    assert.deepEqual(shown, expected.map((n) => [n, `line ${n}`]));
    assert.deepEqual([window.earlierLine, window.laterLine], [lines - WINDOW_LINES, null]);
    assert.deepEqual([window.state.number, window.state.segments], [lines + 1, []]);
    assert.ok(logs.chars() < 100_000, `${logs.chars()} characters were read`);
  });

  Deno.test(`${database}: each line of a log is in the middle of the page that is asked for by its number`, async () => {
    await using portal = await openPortal(open);
    const claim = await portal.claim(await portal.job());
    const lines = 2 * WINDOW_LINES + 500;
    await append(portal.store, claim, numbered(lines, (n) => `line ${n}`, 997));
    for (const line of [1, 7, WINDOW_LINES, WINDOW_LINES + 1, 2 * WINDOW_LINES, 2 * WINDOW_LINES + 1, lines]) {
      const { dispatchId } = claim;
      const window = await readLogWindow(portal.store.logs, dispatchId, { line, stream: null });
      const first = Math.max(1, line - WINDOW_LINES / 2);
      const last = Math.min(first + WINDOW_LINES - 1, lines);
      assert.deepEqual(
        window.lines.map(({ number, segments }) => [number, segments[0]?.text]),
        Array.from({ length: last - first + 1 }, (_, i) => [first + i, `line ${first + i}`]),
      );
      assert.equal(window.earlierLine, first === 1 ? null : first - 1);
      assert.equal(window.laterLine, last === lines ? null : last + 1);
    }
  });

  Deno.test(`${database}: of one stream its own lines are shown, with their numbers, and no other text is read`, async () => {
    await using portal = await openPortal(open);
    const claim = await portal.claim(await portal.job());
    const noise = `${"noise\n".repeat(400)}`;
    const pieces = Array.from(
      { length: 6000 },
      (_, i) => i % 2 === 0 ? ["stdout", noise] as const : ["stderr", `e${i}\n`] as const,
    );
    await append(portal.store, claim, chunksOf(pieces, { at }));
    const expected = pieces.flatMap(([stream], i) => stream === "stderr" ? [[401 * ((i + 1) / 2), `e${i}`]] : []);
    const logs = counting(portal.store.logs);
    const read = async (line: number | null) => {
      const { lines, ...window } = await readLogWindow(logs, claim.dispatchId, { line, stream: "stderr" });
      return { ...window, shown: lines.map(({ number, segments }) => [number, segments[0]?.text]) };
    };
    const tail = await read(null);
    assert.deepEqual([tail.shown, tail.laterLine], [expected.slice(-WINDOW_LINES), null]);
    assert.ok(logs.chars() < 2_000_000, `${logs.chars()} characters were read`);
    const before = await read(tail.earlierLine);
    assert.ok(before.shown.length >= WINDOW_LINES / 2 && before.earlierLine === null);
    assert.deepEqual(before.shown, expected.slice(0, before.shown.length));
    assert.deepEqual((await read(before.laterLine)).shown.at(-1), expected.at(-1));
    const { lines, earlierLine } = await readLogWindow(logs, claim.dispatchId, { line: null, stream: "system" });
    assert.deepEqual([lines, earlierLine], [[], null]);
  });

  const sizes = [[12, 300_000], [4, 1_500_000]] as const;
  for (const [lines, length] of sizes) {
    Deno.test(`${database}: pages of lines of ${length} characters are short, and lead to each line both ways`, async () => {
      await using portal = await openPortal(open);
      const claim = await portal.claim(await portal.job());
      await append(portal.store, claim, numbered(lines, (n) => `${n}${"x".repeat(length)}`));
      for (const direction of ["laterLine", "earlierLine"] as const) {
        const logs = counting(portal.store.logs);
        const seen = new Set<number>();
        let line: number | null = direction === "laterLine" ? 1 : lines;
        let pages = 0;
        for (; line !== null && pages < 20; pages++) {
          const window: Awaited<ReturnType<typeof readLogWindow>> = await readLogWindow(logs, claim.dispatchId, {
            line,
            stream: null,
          });
          for (const { number, isContinued } of window.lines) if (!isContinued) seen.add(number);
          line = window[direction];
        }
        assert.equal(line, null);
        assert.deepEqual([...seen].toSorted((a, b) => a - b), Array.from({ length: lines }, (_, i) => i + 1));
        assert.ok(pages > 1 && logs.chars() / pages < 1_500_000, `${logs.chars()} characters on ${pages} pages`);
      }
    });
  }

  Deno.test(`${database}: of one endless line the end is shown`, async () => {
    await using portal = await openPortal(open);
    const claim = await portal.claim(await portal.job());
    const pieces = Array.from({ length: 300 }, () => ["stdout", "x".repeat(16_384)] as const);
    await append(portal.store, claim, chunksOf([["stdout", "first\n"], ...pieces], { at }));
    const logs = counting(portal.store.logs);
    const window = await readLogWindow(logs, claim.dispatchId, { line: null, stream: null });
    assert.ok(window.lines.length > 100);
    assert.ok(window.lines.every(({ number, isContinued }) => number === 2 && isContinued));
    assert.equal(window.earlierLine, 2);
    assert.ok(logs.chars() < 1_500_000, `${logs.chars()} characters were read`);
  });
}
