import { deepStrictEqual as same, ok, strictEqual as equal, throws } from "node:assert/strict";
import { computed, signal } from "@preact/signals";
import { Encoder, scriptString, SlotRef } from "../../app/fresh/props.ts";

const cases: [name: string, value: unknown, written: string][] = [
  ["JSON as it is", { a: [1, "x", true, null] }, `{"a":[1,"x",true,null]}`],
  ["an object without its undefined keys", { a: undefined }, `{}`],
  ["an object with a key $ as entries", { $: "slot", v: 1 }, `{"$":"object","v":[["$","slot"],["v",1]]}`],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), `{"a":1}`],
  ["a key named __proto__", JSON.parse(`{"__proto__":{"a":1}}`), `{"__proto__":{"a":1}}`],
  ["a slot", new SlotRef(3), `{"$":"slot","v":3}`],
  ["a computed signal as a signal", computed(() => 7), `{"$":"signal","v":0}`],
];
for (const [name, value, written] of cases) {
  Deno.test(`props() writes ${name}`, () => {
    equal(JSON.stringify(new Encoder().props("Island", { value })), `{"value":${written}}`);
  });
}

Deno.test("props() writes a signal once, wherever it is, and those inside it", () => {
  const encoder = new Encoder();
  const inner = signal(1);
  const outer = signal({ inner });
  same(encoder.props("A", { outer, inner }), { outer: { $: "signal", v: 0 }, inner: { $: "signal", v: 1 } });
  same(encoder.props("B", { again: inner }), { again: { $: "signal", v: 1 } });
  same(encoder.signals, [{ inner: { $: "signal", v: 1 } }, 1]);
});

const refused: [value: unknown, what: string][] = [
  [() => {}, "a function"],
  [Symbol("x"), "a symbol"],
  [12n, "a bigint"],
  [NaN, "NaN"],
  [[undefined], "undefined"],
  [new Date(5), "an instance of a class"],
];
for (const [value, what] of refused) {
  Deno.test(`props() refuses ${what}`, () => {
    const message = new RegExp(
      `^Cannot send the island property Island\\.list\\[0\\]\\.run.* to the browser: it is ${what}$`,
    );
    throws(() => new Encoder().props("Island", { list: [{ run: value }] }), { name: "TypeError", message });
  });
}

for (
  const text of ["</script><script>alert(1)", "<!--<script>", "'+alert(1)+'", "\\'", "\u2028\u2029\r\n", "plain é 漢"]
) {
  Deno.test(`scriptString() quotes ${JSON.stringify(text)}`, () => {
    const literal = scriptString(text);
    ok(!/[<\n\r\u2028\u2029]/.test(literal), literal);
    equal(new Function(`return ${literal}`)(), text);
  });
}
