import assert from "node:assert/strict";
import { epochMs } from "../../shared/domain/mod.ts";
import { instant, parseTimestamptz } from "../../shared/store/postgres/values.ts";
import { postgres, query } from "../support/postgres.ts";

const INSTANTS: readonly (readonly [name: string, ms: number])[] = [
  ["the last that JavaScript knows", 8.64e15],
  ["in the year 10000", 253_402_300_800_007],
  ["of today", 1_795_551_000_123],
  ["at 1970", 0],
  ["before 1970", -1],
  ["in the year 50", -60_589_296_000_000],
  ["in the year 1", -62_135_596_800_000],
  ["in the year before", -62_135_596_800_001],
  ["long before", -2e14],
];

for (const [name, ms] of INSTANTS) {
  Deno.test(`instant() and parseTimestamptz() keep an instant ${name}`, async () => {
    await using database = await (await postgres()).createDatabase();
    const [row] = await query(
      database.url,
      `SELECT '${instant(epochMs(ms))}'::timestamptz::text AS text,
        (extract(epoch FROM '${instant(epochMs(ms))}'::timestamptz) * 1000)::bigint::text AS ms`,
    );
    assert.equal(Number(row?.ms), ms);
    assert.equal(parseTimestamptz(String(row?.text)), ms);
  });
}

Deno.test("parseTimestamptz() rounds microseconds, in UTC and elsewhere", () => {
  for (
    const [text, iso] of [
      ["2026-11-28 01:32:07+00", "2026-11-28T01:32:07.000Z"],
      ["2026-11-28 01:32:07.1+00", "2026-11-28T01:32:07.100Z"],
      ["2026-11-28 01:32:07.1235+00", "2026-11-28T01:32:07.124Z"],
      ["2026-11-28 01:32:07.999999+00", "2026-11-28T01:32:08.000Z"],
      ["2026-11-28 09:32:07.123+08", "2026-11-28T01:32:07.123Z"],
    ] as const
  ) assert.equal(new Date(parseTimestamptz(text)).toISOString(), iso, text);
  assert.throws(() => parseTimestamptz("28/11/2026 01:32:07+00"), SyntaxError);
});
