/**
 * Whatever stands in an address or a form, the portal answers with a page or says what is wrong: never with a 5xx, never with an
 * error in the log. On both databases, because each refuses values of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { DATABASES } from "../support/store.ts";
import { FIELDS, openPortal } from "./_portal.ts";

/** Random requests, after those that are always made. */
const RUNS = 100;

/** What each parameter and field is tried with alone. */
const WORST = ["a\0b", "9".repeat(40), "__proto__"];

/** Texts that parsers, databases and browsers stumble over. */
const hostile = fc.oneof(
  fc.constantFrom(
    ...[
      "\0",
      "a\0b",
      "\ud800",
      "\u202E",
      "%",
      "%00",
      "\\",
      "'",
      '"',
      "__proto__",
      "constructor",
      "-1",
      "0",
      "1",
      "on",
      "all",
    ],
    ...[
      "1e308",
      "NaN",
      "9".repeat(15),
      "9".repeat(40),
      "end",
      "null",
      "[]",
      "{}",
      "9999-12-31",
      "-271821-04-20",
      "00:00",
    ],
    ...["2026-01-01 09:00", "+275760-09-13T00:00:00Z", "UTC", "every 1s", "cron * * * * *", "once at 9999-12-31 23:59"],
    ...["x".repeat(5000), "\n".repeat(500), "A=\0", "__proto__=x", "save", "preview", "test_job.sh", "../etc/passwd"],
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);

const orders = fc.constantFrom("name", "nextRun", "id", "newest", "__proto__");

const anyCursor = fc.tuple(
  orders,
  fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.maxSafeInteger(), fc.constant(null), fc.constant("a\0b")),
  fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constant("1")),
).map((place) => ({
  sort: place[0],
  cursor: new TextEncoder().encode(JSON.stringify(place)).toBase64({ alphabet: "base64url" }),
}));

const PAGES: readonly (readonly [path: string, parameters: readonly string[]])[] = [
  ["/jobs", ["q", "state", "sort", "cursor", "notice"]],
  ["/jobs/bulk", ["do", "id", "all", "q", "state", "back"]],
  ["/runs", ["q", "status", "job", "cursor"]],
  ["/queue", ["when", "cursor"]],
  ["/search", ["q"]],
  ["/api/matching", ["id", "all", "q", "state"]],
  ["/timeline", ["from", "to", "q", "cursor"]],
  ["/timeline/month", ["month"]],
  ["/statistics", ["range", "sort", "q"]],
  ["/jobs/1", ["why", "notice"]],
  ["/jobs/1/backfill", ["from", "to", "at_once"]],
  ["/jobs/1/run", ["key", "args"]],
  ["/runs/1", ["line", "find", "at", "from", "stream", "notice"]],
  ["/api/runs/1/events", ["from", "poll"]],
  ["/api/events", ["since", "poll"]],
  ["/api/schedule/preview", ["job", ...Object.keys(FIELDS), "starts_at", "ends_at", "tags", "spread", "retry_base"]],
];

const JOB_FIELDS = [
  ...[
    "timeout",
    "max_retries",
    "retry_base",
    "retry_cap",
    "misfire",
    "misfire_grace",
    "misfire_limit",
    "catchup_window",
  ],
  ...["overlap", "spread", "starts_at", "ends_at", "priority", "tags", "concurrency_key", "concurrency_limit"],
  ...Object.keys(FIELDS),
];

const FORMS: readonly (readonly [path: string, fields: readonly string[]])[] = [
  ["/jobs/new", JOB_FIELDS],
  ["/jobs/1/edit", [...JOB_FIELDS, "revision", "base"]],
  ["/jobs/1/run", ["key", "args", "force"]],
  ["/jobs/1/pause", ["note", "back"]],
  ["/jobs/1/resume", ["back"]],
  ["/jobs/1/backfill", ["from", "to", "at_once", "key", "revision"]],
  ["/jobs/views", ["name", "query"]],
  ["/runs/1/cancel", ["back"]],
  ["/preferences", ["theme", "keys", "back"]],
];

/** Some of the names with hostile texts. */
function filled(names: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const values = names.map((name) => fc.tuple(fc.constant(name), hostile));
  return fc.subarray(values, { minLength: 1 }).chain((some) => fc.tuple(...some)).map(Object.fromEntries);
}

/** The same for an address; a list is also asked for with cursors of its own order. */
function asked([path, names]: (typeof PAGES)[number]): fc.Arbitrary<readonly [string, Record<string, string>]> {
  const parameters = names.includes("cursor") ? fc.oneof(filled(names), anyCursor) : filled(names);
  return parameters.map((some) => [path, some]);
}

function worst(
  table: readonly (readonly [path: string, names: readonly string[]])[],
): [string, Record<string, string>][] {
  return table.flatMap(([path, names]) =>
    names.flatMap((name) => WORST.map((value): [string, Record<string, string>] => [path, { [name]: value }]))
  );
}

const WORST_CURSORS = [
  ...[["name", "a\0b", 1], ["name", 5, 1], ["nextRun", "x", 1], ["nextRun", 1.7e308, 1], ["id", null, 1e300]],
].map(([sort, key, id]): [string, Record<string, string>] => [
  "/jobs",
  {
    sort: String(sort),
    cursor: new TextEncoder().encode(JSON.stringify([sort, key, id])).toBase64({ alphabet: "base64url" }),
  },
]);

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: no address makes the portal fail`, async () => {
    await using portal = await openPortal(open);
    await portal.claim(await portal.job());
    const examples = [...worst(PAGES), ...WORST_CURSORS];
    await fc.assert(
      fc.asyncProperty(fc.oneof(...PAGES.map(asked)), async ([path, parameters]) => {
        const query = new URLSearchParams({ ...parameters, ...(path.endsWith("events") && { poll: "1" }) });
        const response = await portal.get(`${path}?${query}`);
        await response.body?.cancel();
        assert.ok(response.status < 500, `${path}?${query}: ${response.status}\n${portal.logged.join("\n")}`);
      }),
      { numRuns: RUNS + examples.length, examples: examples.map((example): [typeof example] => [example]) },
    );
    assert.deepEqual(portal.logged, []);
  });

  Deno.test(`${database}: no form makes the portal fail`, async () => {
    await using portal = await openPortal(open);
    const job = await portal.job();
    await portal.claim(job);
    const examples = worst(FORMS);
    const sent = fc.oneof(...FORMS.map(([path, names]) => fc.tuple(fc.constant(path), filled(names))));
    await fc.assert(
      fc.asyncProperty(sent, fc.boolean(), async ([path, fields], isWhole) => {
        const response = await portal.post(path, { ...(isWhole && FIELDS), revision: String(job.revision), ...fields });
        await response.body?.cancel();
        assert.ok(
          response.status < 500,
          `${path} ${JSON.stringify(fields)}: ${response.status}\n${portal.logged.join("\n")}`,
        );
      }),
      { numRuns: RUNS + examples.length, examples: examples.map((example) => [example, true]) },
    );
    assert.deepEqual(portal.logged, []);
  });

  Deno.test(`${database}: what PostgreSQL cannot hold is refused with 422, as everywhere`, async () => {
    await using portal = await openPortal(open);
    await portal.job();
    const cursor = (place: unknown) => btoa(JSON.stringify(place)).replaceAll("=", "");
    for (
      const path of [
        "/jobs?q=%00",
        `/jobs?sort=nextRun&cursor=${cursor(["nextRun", "x", 1])}`,
        `/jobs?sort=nextRun&cursor=${cursor(["nextRun", 1.7e308, 1])}`,
      ]
    ) {
      const response = await portal.get(path);
      await response.body?.cancel();
      assert.equal(response.status, 422, path);
    }
  });
}
