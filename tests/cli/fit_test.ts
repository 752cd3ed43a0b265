import assert from "node:assert/strict";
import fc from "fast-check";
import { fitted } from "../../cli/output/fit.ts";
import { PlainText } from "../../cli/output/plain.ts";
import { shortened, widthOf } from "../../cli/output/width.ts";

const ESCAPES = [
  "\x1b[31m",
  "\x1b[0;1;38;5;200m",
  "\x1b]0;title\x07",
  "\x1b]8;;http://x\x1b\\",
  "\x1b(B",
  "\x1bc",
  "\x07",
  "\x1b[?25l",
];
const anyText = fc.string({ unit: fc.constantFrom("a", "é", "備", "\n", "\t", " ", "👍") });

Deno.test("fitted() takes from the widest columns that shrink, and no more than needed", () => {
  const columns = [{ width: 5, shrinks: false }, { width: 40, shrinks: true }, { width: 20, shrinks: true }];
  assert.deepEqual(fitted(columns, 100), [5, 40, 20]);
  assert.deepEqual(fitted(columns, 60), [5, 31, 20]);
  assert.deepEqual(fitted(columns, 40), [5, 15, 16]);
  assert.deepEqual(fitted(columns, 10), [5, 8, 8]);
  assert.deepEqual(fitted([], 10), []);
});

Deno.test("fitted() answers widths that fit whenever they can", () => {
  const anyColumns = fc.array(fc.record({ width: fc.nat(100), shrinks: fc.boolean() }), { maxLength: 8 });
  fc.assert(fc.property(anyColumns, fc.nat(300), (columns, available) => {
    const widths = fitted(columns, available);
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 2 * Math.max(0, numbers.length - 1));
    const least = columns.map(({ width, shrinks }) => shrinks ? Math.min(width, 8) : width);
    assert.ok(sum(widths) <= Math.max(available, sum(least)));
    assert.ok(widths.every((width, index) => width <= (columns[index]?.width ?? 0) && width >= (least[index] ?? 0)));
  }));
});

Deno.test("shortened() never takes more columns than it may", () => {
  fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, width) => {
    const short = shortened(text, width);
    assert.ok(widthOf(short) <= width, short);
    assert.ok(short === text || short.endsWith("…"));
  }));
});

Deno.test("PlainText takes escape sequences out, wherever they are cut", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.tuple(fc.constant(true), anyText), fc.tuple(fc.constant(false), fc.constantFrom(...ESCAPES)))),
    fc.integer({ min: 1, max: 5 }),
    (parts, size) => {
      const bytes = new TextEncoder().encode(parts.map(([, text]) => text).join(""));
      const plain = new PlainText();
      const kept: number[] = [];
      for (let at = 0; at < bytes.length; at += size) kept.push(...plain.keep(bytes.subarray(at, at + size)));
      const text = parts.map(([isText, part]) => isText ? part : "").join("");
      assert.equal(new TextDecoder().decode(new Uint8Array(kept)), text);
    },
  ));
});
