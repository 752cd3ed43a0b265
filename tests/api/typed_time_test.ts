import assert from "node:assert/strict";
import { readInstant, readTypedTime } from "../../shared/api/mod.ts";
import { instant, iso } from "../policy/_due.ts";

const NOW = instant("2026-11-24T06:30:00Z");

const read: readonly (readonly [text: string, zone: string, at: string, spans: readonly string[]])[] = [
  ["2026-11-24 02:00", "UTC", "2026-11-24T02:00:00Z", ["2026-11-24T02:00:00Z + 60 s"]],
  ["2026-11-24T02:00:30", "UTC", "2026-11-24T02:00:30Z", ["2026-11-24T02:00:30Z + 1 s"]],
  [" 2026-11-24  02:00 ", "Asia/Hong_Kong", "2026-11-23T18:00:00Z", ["2026-11-23T18:00:00Z + 60 s"]],
  ["2026-11-24T10:00+08:00", "UTC", "2026-11-24T02:00:00Z", ["2026-11-24T02:00:00Z + 60 s"]],
  ["2026-11-24 10:00 +0800", "UTC", "2026-11-24T02:00:00Z", ["2026-11-24T02:00:00Z + 60 s"]],
  ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", ["2026-10-24T22:00:00Z + 90000 s"]],
  ["06:30", "UTC", "2026-11-24T06:30:00Z", ["2026-11-24T06:30:00Z + 60 s"]],
  ["6:31", "UTC", "2026-11-23T06:31:00Z", ["2026-11-23T06:31:00Z + 60 s"]],
  // Clocks show it twice.
  ["2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00Z", [
    "2026-10-25T00:30:00Z + 60 s",
    "2026-10-25T01:30:00Z + 60 s",
  ]],
  // Clocks skip it.
  ["2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:00:00Z", ["2026-03-29T01:00:00Z + 0.001 s"]],
];
for (const [text, zone, at, spans] of read) {
  Deno.test(`readTypedTime() reads "${text}" in ${zone}`, () => {
    const time = readTypedTime(text, { now: NOW, zone });
    assert.ok(time !== null);
    assert.equal(iso(time.at), at);
    assert.deepEqual(
      time.spans.map(({ from, until }) => `${iso(from)} + ${(until - from + 1) / 1000} s`),
      spans,
    );
  });
}

for (const text of ["", "soon", "2026-11", "2026-02-30", "25:00", "09:00Z", "2026-11-24T09:00+01:00[Europe/Berlin]"]) {
  Deno.test(`readTypedTime() reads no time in "${text}"`, () => {
    assert.equal(readTypedTime(text, { now: NOW, zone: "UTC" }), null);
  });
}

Deno.test("readTypedTime() without now reads no time without a date", () => {
  assert.equal(readTypedTime("06:30", { now: null, zone: "UTC" }), null);
});

Deno.test("readInstant() wants an offset and keeps milliseconds", () => {
  assert.equal(readInstant("2026-11-24T02:00:00.250Z"), Date.UTC(2026, 10, 24, 2, 0, 0, 250));
  assert.equal(readInstant("2026-11-24T10:00:00+08:00"), Date.UTC(2026, 10, 24, 2));
  for (const text of ["2026-11-24T02:00", "2026-11-24", "02:00"]) assert.equal(readInstant(text), null, text);
});
