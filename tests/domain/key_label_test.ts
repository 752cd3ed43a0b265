import assert from "node:assert/strict";
import { parseJobKey, parseLabels } from "../../shared/domain/mod.ts";

const keys: readonly (readonly [text: string, key: string | RegExp])[] = [
  [" nightly-backup ", "nightly-backup"],
  ["7z_export.v2", "7z_export.v2"],
  ["a".repeat(100), "a".repeat(100)],
  ["12", /found "12", which would be an id: expected a key with a letter in it/],
  ["", /found "", expected 1 to 100 lower-case letters, digits, "-", "_" and "\.", the first a letter or a digit/],
  ["a".repeat(101), /expected 1 to 100/],
  ["Backup", /expected 1 to 100/],
  ["..", /the first a letter or a digit/],
  ["-a", /the first a letter or a digit/],
  ["a/b", /expected 1 to 100/],
  ["é", /expected 1 to 100/],
];
for (const [text, expected] of keys) {
  Deno.test(`parseJobKey() ${typeof expected === "string" ? "takes" : "refuses"} ${JSON.stringify(text.slice(0, 20))}`, () => {
    if (typeof expected === "string") assert.equal(parseJobKey(text), expected);
    else assert.throws(() => parseJobKey(text), { name: "RangeError", message: expected });
  });
}

const labels: readonly (readonly [texts: readonly string[], labels: readonly string[] | RegExp])[] = [
  [["Nightly", " month   end ", "nightly", "", " "], ["month end", "nightly"]],
  [["e\u0301t\u00e9", "\u00c9T\u00c9"], ["\u00e9t\u00e9"]],
  [["x".repeat(50)], ["x".repeat(50)]],
  [["x".repeat(51)], /found the label "x+", expected at most 50 characters/],
  [["a,b"], /without commas, quotation marks and control characters/],
  [['a"b'], /without commas, quotation marks/],
  [["a\nb"], /found the label "a\\nb"/],
  [["a\u202eb"], /without commas/],
  [["\ud800"], /found the label "\\ud800"/],
  [Array.from({ length: 21 }, (_, i) => `l${i}`), /found 21 labels, expected at most 20/],
];
for (const [texts, expected] of labels) {
  const name = JSON.stringify(texts).slice(0, 40);
  Deno.test(`parseLabels() ${expected instanceof RegExp ? "refuses" : "takes"} ${name}`, () => {
    if (expected instanceof RegExp) {
      assert.throws(() => parseLabels(texts), { name: "RangeError", message: expected });
    } else assert.deepEqual(parseLabels(texts), expected);
  });
}
