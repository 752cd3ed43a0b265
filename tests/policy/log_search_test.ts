import assert from "node:assert/strict";
import fc from "fast-check";
import type { LogChunk, LogStream } from "../../shared/domain/mod.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { type LogMatch, LogSearch, type SoughtText } from "../../shared/policy/mod.ts";
import { anyPieces, chunksOf } from "../support/output.ts";

type Pieces = readonly (readonly [LogStream, string])[];

function search(sought: SoughtText, pieces: Pieces, line = 1): readonly LogMatch[] {
  const search = new LogSearch(sought, line);
  const found = pieces.flatMap(([stream, data]) => search.feed({ stream, data }));
  return [...found, ...search.end()];
}

const cases:
  readonly (readonly [name: string, text: string, pieces: Pieces, ...lines: readonly (readonly [number, string])[]])[] =
    [
      ["finds each line once, in any case", "AB", [["stdout", "ab AB\nx\nxaBx\n"]], [1, "ab AB"], [3, "xaBx"]],
      ["finds a text over the ends of chunks", "space", [["stdout", "no sp"], ["stdout", "ace left\nmore"]], [
        1,
        "no space left",
      ]],
      ["takes characters of patterns as they are", "a.*[", [["stdout", "abc\nA.*[0]\n"]], [2, "A.*[0]"]],
      ["finds what is coloured in part", "error", [["stdout", "\x1b[1mer\x1b[31"], ["stdout", "mror\x1b[0m\n"]], [
        1,
        "error",
      ]],
      ["does not find what is in a sequence", "31", [["stdout", "\x1b[31mred\x1b[0m\n\x1b]0;31\x07b\n"]]],
      ["counts the line breaks of a dropped title", "c", [["stdout", "a\n\x1b]0;x\ny\x07b\nc\n"]], [4, "c"]],
      ["keeps streams apart", "ab", [["stdout", "a"], ["stderr", "b\n"], ["stderr", "ab\n"]], [2, "ab"]],
      ["finds what the last line has before it ends", "end", [["stdout", "one\nthe end"]], [2, "the end"]],
      ["folds other scripts", "ÖST", [["stdout", "backup öst\n"]], [1, "backup öst"]],
      ["finds a half of a pair of units nowhere", "\u{1f550}", [["stdout", "\u{1f551}\n\u{1f550}\n"]], [
        2,
        "\u{1f550}",
      ]],
      ["finds nothing where nothing is asked", "", [["stdout", "a\n"]]],
    ];
for (const [name, text, pieces, ...lines] of cases) {
  Deno.test(`LogSearch ${name}`, () => {
    assert.deepEqual(search({ text }, pieces).map(({ line, text }) => [line, text]), lines);
  });
}

Deno.test("LogSearch narrows to a stream and to later lines, and numbers them as before", () => {
  const pieces: Pieces = [["stdout", "x\nx\n"], ["stderr", "x\n"], ["stdout", "x\n"], ["stderr", "x\n"]];
  assert.deepEqual(search({ text: "x", stream: "stderr" }, pieces).map(({ line }) => line), [3, 5]);
  assert.deepEqual(search({ text: "x", fromLine: 4 }, pieces).map(({ line }) => line), [4, 5]);
  assert.deepEqual(search({ text: "x" }, pieces, 100).map(({ line }) => line), [100, 101, 102, 103, 104]);
});

Deno.test("LogSearch finds a text of which the row of 8,192 characters that is kept has only the beginning", () => {
  const found = search({ text: "abc" }, [["stdout", `${"x".repeat(8191)}ab`], ["stdout", "c\n"]]);
  assert.deepEqual(found.map(({ line }) => line), [1]);
});

Deno.test("LogSearch keeps no more than a row of an endless line, and shows the part around the text", () => {
  const long: Pieces = Array.from({ length: 200 }, () => ["stdout", "x".repeat(10_000)] as const);
  const [found, ...others] = search({ text: "needle" }, [...long, ["stdout", "needle"], ...long, [
    "stdout",
    "needle\n",
  ]]);
  assert.deepEqual([found?.line, others], [1, []]);
  assert.ok(found?.text.includes("needle") && found.text.length < 2100);
});

Deno.test("LogSearch finds what a search of the written lines finds, however output is cut into chunks", () => {
  const sought = fc.string({ unit: fc.constantFrom("a", "B", "é", ".", "\\", "$"), minLength: 1, maxLength: 3 });
  const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "É", "\n", ".", "\\", "$") }), { maxLength: 20 });
  fc.assert(fc.property(sought, texts, (text, pieces) => {
    const expected = pieces.join("").split("\n").flatMap((line, i) =>
      line.toLowerCase().includes(text.toLowerCase()) ? [[i + 1, line]] : []
    );
    const found = search({ text }, pieces.map((data) => ["stdout", data] as const));
    assert.deepEqual(found.map(({ line, text }) => [line, text]), expected);
  }));
});

Deno.test("LogSearch stays with the lines of the output whatever it and the text are", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 250 }),
    fc.constantFrom(
      "\0",
      "\u202e",
      "(a+)+$",
      "[",
      "\\",
      "^",
      "\ud800",
      "\n",
      "\u2066x\u2069",
      "\x1b[31m",
      "x".repeat(5000),
    ),
  );
  fc.assert(fc.property(hostile, anyPieces, (text, pieces) => {
    const chunks: readonly LogChunk[] = chunksOf(pieces, { at: epochMs(0) });
    const lines = chunks.map(({ data }) => data).join("").split("\n").length;
    const found = search({ text }, chunks.map(({ stream, data }) => [stream, data] as const));
    for (const [i, { line }] of found.entries()) assert.ok(line > (found[i - 1]?.line ?? 0) && line <= lines);
  }));
});
