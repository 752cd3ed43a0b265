import assert from "node:assert/strict";
import fc from "fast-check";
import { openPortal } from "../_portal.ts";
import { ApiClient, type Described, newToken, type Schema, type Sent } from "./_client.ts";

/** Requests to each operation, of which there are some 60; `deno task test:long` sends more. */
const RUNS = Number(Deno.env.get("FUZZ_RUNS") ?? 45);

/** What addresses name: no request may take the right to send the next one away. */
const RIGHT: Readonly<Record<string, string>> = { job: "fuzzed", user: "2", token: "2" };

/** Right values of what bodies need, for requests with nothing else. */
const LEAST: Readonly<Record<string, unknown>> = {
  name: "a",
  script: "test_job.sh",
  schedule: "daily at 09:00",
  from: "2026-01-01",
  to: "2026-01-02",
  role: "viewer",
  scopes: ["jobs.read"],
  password: "short",
};

/** Texts that have broken programs. */
const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom(
    "",
    "null",
    "-1",
    "9".repeat(30),
    "1e9",
    "%00",
    "../users",
    "\u202e",
    "'; drop table users; --",
    "{}",
  ),
);

Deno.test("no request that the document can describe brings the API down, and each answer is as it says", async () => {
  await using portal = await openPortal(undefined, null, undefined, { apiPerMinute: 1_000_000 });
  const client = await ApiClient.open(portal, await newToken(portal));
  await newToken(portal, { name: "bob" });
  await portal.claim(await portal.job({ labels: ["fuzzed"] }));
  let count = 0;
  for (const operation of client.operations.values()) {
    if ((await portal.store.jobs.find("fuzzed")).length === 0) await portal.job({ key: "fuzzed", overlap: "allow" });
    await fc.assert(
      fc.asyncProperty(requestOf(operation, client.components), async (sent) => {
        count++;
        const { status, text } = await client.call(operation.operationId, sent);
        assert.ok(status < 500, text);
      }),
      { numRuns: RUNS },
    );
  }
  // Most operations were carried out, not refused each time.
  assert.ok(client.succeeded.size > client.operations.size / 2, [...client.succeeded].join());
  assert.ok(count >= 2000, `${count} requests`);
  assert.deepEqual(portal.logged.filter((line) => !line.startsWith("Refused")), []);
});

/** Requests that are mostly right by the document, and in some part wrong. */
function requestOf(operation: Described, components: Schemas): fc.Arbitrary<Sent> {
  const { operationId, parameters, requestBody, path } = operation;
  const of = (where: string) => parameters.filter((parameter) => parameter.in === where);
  // An address always has all of its parts.
  const params = gathered(of("path").map(({ name }) => [name, fc.constant(RIGHT[name] ?? "1"), true]));
  const anyParams = gathered(of("path").map(({ name }) => [name, odd.filter((text) => isSegment(text)), true]));
  // A stream has an end where it is asked for what there is now; nobody waits for runs here.
  const query: fc.Arbitrary<NonNullable<Sent["query"]>> = path.endsWith("/events")
    ? fc.constant({ poll: "1" })
    : gathered(
      of("query").filter(({ name }) => name !== "wait").map(({ name, schema, required }) => [
        name,
        oddly(valueOf(schema, components)).map(queryText),
        required,
      ]),
    );
  const headers = gathered(of("header").map(({ name, schema }) => [name, headerOf(name, schema), false]));
  const schema = requestBody?.content["application/json"]?.schema;
  const body = schema === undefined ? fc.constant(undefined) : oddly(valueOf(schema, components));
  return fc.record({
    params: fc.oneof({ weight: 3, arbitrary: params }, { weight: 1, arbitrary: anyParams }),
    query,
    headers,
    body,
  }).map(({ body, ...sent }) => ({
    ...sent,
    // A GET has no body, and a password costs a quarter of a second to hash.
    ...(body !== undefined && operation.method !== "GET" && { body: withoutPassword(operationId, body) }),
  }));
}

/** An object of parts by name; some of those that are not needed are left out. */
function gathered<Value>(
  parts: readonly (readonly [name: string, value: fc.Arbitrary<Value>, isNeeded: boolean])[],
): fc.Arbitrary<Record<string, Value>> {
  const entries = parts.map(([name, value, isNeeded]) => {
    const entry = value.map((one): readonly (readonly [string, Value])[] => [[name, one]]);
    return isNeeded ? entry : fc.oneof(entry, fc.constant([]));
  });
  return fc.tuple(...entries).map((lists) => Object.fromEntries(lists.flat()));
}

type Schemas = Readonly<Record<string, unknown>>;

/** Values that a schema describes, and values around them. */
function valueOf(schema: Schema, components: Schemas): fc.Arbitrary<unknown> {
  const { $ref, anyOf, enum: words, const: only, type, properties, required, items, minimum, maximum } = schema;
  if (typeof $ref === "string") return valueOf(Object(components[$ref.split("/").at(-1) ?? ""]), components);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((one) => valueOf(one, components)));
  if (Array.isArray(words)) return fc.constantFrom(...words);
  if (only !== undefined) return fc.constant(only);
  switch (type) {
    case "object": {
      const own = Object.entries(Object(properties)).map(([name, one]) =>
        [name, oddly(valueOf(Object(one), components), 12)] as const
      );
      const needed = Array.isArray(required) ? required.map(String) : [];
      const least = gathered(needed.map((name) => [name, fc.constant(LEAST[name]), true]));
      const record = fc.record(Object.fromEntries(own), { requiredKeys: Array.isArray(required) ? required : [] });
      return own.length > 0 ? fc.oneof(least, record) : fc.dictionary(odd, odd, { maxKeys: 3 });
    }
    case "array":
      return fc.array(valueOf(Object(items), components), { maxLength: 4 });
    case "integer":
      return fc.integer({ min: Number(minimum ?? -10), max: Math.min(Number(maximum ?? 1000), 2 ** 31 - 1) });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.oneof(
        fc.constantFrom("daily at 09:00", "every 5m", "test_job.sh", "2026-01-01", "5m", "UTC", "a"),
        odd,
      );
  }
}

/** `arbitrary`, and now and then anything else. */
function oddly<Value>(arbitrary: fc.Arbitrary<Value>, weight: number = 6): fc.Arbitrary<unknown> {
  return fc.oneof({ weight, arbitrary }, { weight: 1, arbitrary: fc.oneof(odd, fc.jsonValue({ maxDepth: 2 })) });
}

function queryText(value: unknown): string | readonly string[] {
  const text = (one: unknown) => typeof one === "object" ? JSON.stringify(one) : String(one);
  return Array.isArray(value) ? value.map(text) : text(value);
}

function headerOf(name: string, { enum: words }: Schema): fc.Arbitrary<string> {
  if (Array.isArray(words)) return fc.constantFrom(...words.map(String));
  const right = name === "if-match" ? ["*", '"1"'] : name === "range" ? ["bytes=0-", "bytes=9-1"] : ["k"];
  return fc.oneof(fc.constantFrom(...right), fc.string({ unit: "grapheme-ascii", maxLength: 20 }));
}

/** A part of a path: the URL standard takes `.` and `..` out of it, and an empty one is another path. */
function isSegment(text: string): boolean {
  return text.isWellFormed() && !["", ".", ".."].includes(text);
}

function withoutPassword(operationId: string, body: unknown): unknown {
  if (operationId !== "createUser" && operationId !== "setUserPassword") return body;
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const { password: _, ...rest }: { readonly password?: unknown } = body;
  return operationId === "createUser" ? rest : { ...rest, password: "short" };
}
