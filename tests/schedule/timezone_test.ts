import assert from "node:assert/strict";
import {
  calculateNextRun,
  namedZones,
  parseScheduleText,
  parseTimezone,
  zoneCalled,
} from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";

const known: readonly (readonly [text: string, name: string])[] = [
  ["UTC", "UTC"],
  ["utc", "UTC"],
  [" Asia/Hong_Kong ", "Asia/Hong_Kong"],
  ["asia/hong_kong", "Asia/Hong_Kong"],
  ["EUROPE/BERLIN", "Europe/Berlin"],
  ["Asia/Calcutta", "Asia/Calcutta"],
  ["Etc/GMT+5", "Etc/GMT+5"],
  ["America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
];

for (const [text, name] of known) {
  Deno.test(`parseTimezone() reads "${text}" as ${name}`, () => assert.equal(parseTimezone(text), name));
}

const unknown: readonly (readonly [text: string, message: RegExp])[] = [
  ["", /it must be an IANA name such as "Asia\/Hong_Kong"/],
  ["Asia/HongKong", /did you mean "Asia\/Hong_Kong"\?/],
  ["Hong Kong", /did you mean "Asia\/Hong_Kong"\?/],
  ["HKT", /did you mean "Asia\/Hong_Kong"\?/],
  ["Osaka", /did you mean "Asia\/Tokyo"\?/],
  ["san_francisco", /did you mean "America\/Los_Angeles"\?/],
  ["Berlin", /did you mean "Europe\/Berlin"\?/],
  ["Europe/Belrin", /did you mean "Europe\/Berlin"\?/],
  ["+08:00", /there is no such zone/],
  ["-05", /there is no such zone/],
  ["Z", /there is no such zone/],
  ["2026-11-24T00:00[Europe/Berlin]", /there is no such zone/],
  ["Mars/Olympus_Mons", /it must be an IANA name/],
  ["Europe/Berlin\0", /there is no such zone/],
  ["x".repeat(5_000), /^.{0,300}$/],
];

for (const [text, message] of unknown) {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  Deno.test(`parseTimezone() refuses ${shown}, naming timezone`, () => {
    assert.throws(() => parseTimezone(text), { name: "ScheduleError", field: "timezone", offset: 0, message });
  });
}

Deno.test("calculateNextRun() refuses an unknown zone for wall times", () => {
  const after = epochMs(0);
  assert.throws(() => calculateNextRun(parseScheduleText("daily at 09:00"), { timezone: "Nowhere", after }), {
    field: "timezone",
  });
});

Deno.test("calculateNextRun() takes an alias for the zone it stands for", () => {
  const daily = parseScheduleText("daily at 09:00");
  const after = epochMs(Date.UTC(2026, 10, 24));
  for (const [alias, name] of [["Asia/Calcutta", "Asia/Kolkata"], ["US/Pacific", "America/Los_Angeles"]] as const) {
    assert.equal(
      calculateNextRun(daily, { timezone: alias, after }),
      calculateNextRun(daily, { timezone: name, after }),
    );
  }
});

Deno.test("namedZones() names zones that exist, each once, and each word leads to one of them", () => {
  const zones = namedZones();
  assert.equal(new Set(zones.map(({ zone }) => zone)).size, zones.length);
  for (const { zone, words } of zones) {
    assert.equal(parseTimezone(zone), zone);
    for (const word of words.split(", ").slice(1)) assert.ok(zone === "UTC" || zoneCalled(word) === zone, word);
  }
});
