import assert from "node:assert/strict";
import fc from "fast-check";
import { Invalid } from "../../shared/domain/mod.ts";
import { parseWebhookArgs, webhookArguments } from "../../shared/api/mod.ts";

const BODY = {
  ref: "refs/heads/main",
  count: 7,
  force: true,
  none: null,
  "a/b": "slash",
  "m~n": "tilde",
  "two words": "spaces",
  commits: [{ message: "-rf /" }, { message: "ok" }],
  long: "x".repeat(257),
  nul: "a\0b",
  minus: -5,
  unprintable: { toString: 1, valueOf: 1 },
};

const MADE: readonly (readonly [entries: readonly string[], args: readonly string[] | null])[] = [
  [[], null],
  [["=--quiet", "/ref string"], ["--quiet", "refs/heads/main"]],
  [["/count number", "/force boolean"], ["7", "true"]],
  [["/none string optional", "/missing/deep string optional", "=x"], ["x"]],
  [["/a~1b string", "/m~0n string", "/two%20words string"], ["slash", "tilde", "spaces"]],
  [["/commits/1/message string"], ["ok"]],
  [["/commits/0/message string dash"], ["-rf /"]],
  [["=--", "/commits/0/message string", "/minus number"], ["--", "-rf /", "-5"]],
  [["/commits/0/message string prefix=--message="], ["--message=-rf /"]],
  [["/long string max=300"], ["x".repeat(257)]],
  [["/minus number dash min=-5 max=-5"], ["-5"]],
];

for (const [entries, args] of MADE) {
  Deno.test(`the entries ${JSON.stringify(entries)} of a webhook make ${args?.length ?? "the job's own"} arguments`, () => {
    assert.deepEqual(webhookArguments(parseWebhookArgs(entries), BODY), args);
  });
}

const REFUSED: readonly (readonly [entry: string, message: RegExp])[] = [
  ["/commits/0/message string", /begins with a dash, which the script could take for an option/],
  ["/minus number", /begins with a dash/],
  ["/count string", /expected a string, found a number/],
  ["/commits string", /expected a string, found a list/],
  ["/unprintable string", /expected a string, found an object/],
  ["/force number", /expected a number, found a boolean/],
  ["/missing string", /expected a string, found nothing/],
  ["/none string", /found nothing/],
  ["/long string", /found 257 characters, expected 0 to 256/],
  ["/count number max=6", /found 7, expected … to 6/],
  ["/nul string", /NUL/],
  ["/commits/01/message string", /found nothing/],
  ["/constructor/name string", /found nothing/],
  ["/__proto__/x string", /found nothing/],
  ["/commits/length number", /found nothing/],
];

for (const [entry, message] of REFUSED) {
  Deno.test(`a body that does not fit the entry ${entry} of a webhook is refused at its place`, () => {
    const parse = () => webhookArguments(parseWebhookArgs([entry]), BODY);
    assert.throws(parse, (error) => {
      assert.ok(error instanceof Invalid);
      assert.equal(error.problems[0]?.field, entry.split(" ")[0]);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("an entry of a webhook that cannot be read is refused, with what would be right", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["ref string", /expected =text, or a JSON Pointer/],
    ["/ref", /expected string, number or boolean after \/ref/],
    ["/ref text", /expected string, number or boolean/],
    ["/ref string maybe", /found "maybe", expected optional, dash/],
    ["/ref string min=9 max=1", /min is larger than max/],
    ["/ref string max=99999", /expected 0 to 4096 characters/],
    ["/re~2f string", /JSON Pointer/],
    ["=a\0b", /no NUL/],
    [`=${"x".repeat(600)}`, /at most 500 characters/],
  ];
  for (const [entry, message] of cases) assert.throws(() => parseWebhookArgs([entry]), message, entry);
  assert.throws(() => parseWebhookArgs(Array(31).fill("=x")), /expected at most 30/);
});

Deno.test("no body makes an argument that begins with a dash, whatever it holds, unless an entry allows it", () => {
  const entries = parseWebhookArgs(["/a string max=4096", "/b number", "/c/0 boolean optional"]);
  fc.assert(fc.property(fc.record({ a: fc.anything(), b: fc.anything(), c: fc.anything() }), (body) => {
    try {
      for (const arg of webhookArguments(entries, body) ?? []) {
        assert.ok(!arg.startsWith("-") && !arg.includes("\0"), arg);
      }
    } catch (error) {
      assert.ok(error instanceof Invalid, String(error));
    }
  }));
});
