import assert from "node:assert/strict";
import { markUnseen, withoutUnseen } from "../../shared/domain/mod.ts";

const cases: readonly (readonly [name: string, text: string, lost: string, marked: string])[] = [
  ["leaves what is seen", "Résumé 名前 שלום 👩‍👧", "Résumé 名前 שלום 👩‍👧", "Résumé 名前 שלום 👩‍👧"],
  ["takes overrides of direction", "pay\u202Egpj.exe", "paygpj.exe", "pay\\u202egpj.exe"],
  ["takes isolates and marks", "\u2066a\u2069\u200F\u061C", "a", "\\u2066a\\u2069\\u200f\\u061c"],
  ["takes controls", "a\x1b[2Jb\r\nc", "a [2Jb c", "a\\u001b[2Jb\\u000d\\u000ac"],
  ["takes line separators", "a\u2028b", "a b", "a\\u2028b"],
];
for (const [name, text, lost, marked] of cases) {
  Deno.test(`withoutUnseen() and markUnseen(): ${name}`, () => {
    assert.equal(withoutUnseen(text), lost);
    assert.equal(markUnseen(text), marked);
  });
}

Deno.test("markUnseen() leaves the excepted characters", () => assert.equal(markUnseen("a\nb\r", "\n"), "a\nb\\u000d"));
