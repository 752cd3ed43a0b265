/**
 * The cost of reading, writing and describing schedules, of long searches, and of 10,000 questions as
 * `jobctl schedule next --stdin` asks them; `schedule.ts` measures single questions. `deno task bench` runs it.
 *
 * @module
 */
import {
  calculateNextRun,
  describeSchedule,
  formatSchedule,
  latestRunAtOrBefore,
  nextRuns,
  parseSchedule,
  parseScheduleText,
  parseTimezone,
  scheduleWarnings,
} from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";

const after = epochMs(Date.UTC(2026, 10, 24, 10));
const timezone = "Europe/Berlin";

/** Uses a result, so that the compiler cannot drop its computation. */
let sink = 0;

const daily = parseScheduleText("daily at 02:30");
const inGapEachYear = parseScheduleText("cron 30 2 ? 3 0L");
const seconds = parseScheduleText("cron * * * * * *");

Deno.bench("a thousand days in a row", { group: "searches" }, () => {
  nextRuns(daily, { timezone, after }, 1_000);
});
Deno.bench("a time left out each year, until it is proved", { group: "searches" }, () => {
  calculateNextRun(inGapEachYear, { timezone, after, dst: { gap: "skip", fold: "first" } });
});
Deno.bench("the latest of millions missed", { group: "searches" }, () => {
  latestRunAtOrBefore(seconds, { timezone, at: after, notBefore: epochMs(0) });
});

Deno.bench("parse a text", { group: "forms" }, () => {
  parseScheduleText("weekly on mon,fri at 09:00");
});
Deno.bench("parse JSON", { group: "forms" }, () => {
  parseSchedule({ kind: "weekly", days: ["mon", "fri"], time: "09:00" });
});
Deno.bench("parse a cron expression", { group: "forms" }, () => {
  parseScheduleText("cron */5 9-17 * * mon-fri");
});
Deno.bench("write a text", { group: "forms" }, () => {
  sink += formatSchedule(daily).length;
});
Deno.bench("describe", { group: "forms" }, () => {
  sink += describeSchedule(daily, timezone).length;
});
Deno.bench("warnings", { group: "forms" }, () => {
  scheduleWarnings(daily, { timezone, after });
});
Deno.bench("suggest a zone", { group: "forms" }, () => {
  try {
    parseTimezone("Asia/HongKong");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
});

const TEXTS = [
  "once at 2027-12-01 09:00",
  "every 5m from 2026-11-23T00:00:00Z",
  "hourly at :15",
  "daily at 09:00",
  "weekly on mon,fri at 09:00",
  "monthly on 31 at 09:00",
  "cron */5 9-17 * * mon-fri",
  "cron 0 9 LW * *",
  "cron 0 9 * * fri#2",
  "cron 0 0 29 2 *",
];
const ZONES = Intl.supportedValuesOf("timeZone");
const QUESTIONS = Array.from({ length: 10_000 }, (_, index) => {
  const expression = `cron ${index % 60} ${index % 24} * * ${index % 7}`;
  return {
    schedule: index % 3 === 0 ? expression : TEXTS[index % TEXTS.length] ?? expression,
    timezone: ZONES[index % ZONES.length] ?? "UTC",
    after: epochMs(Date.UTC(2020 + index % 20, index % 12, 1 + index % 28)),
    count: 1 + index % 10,
  };
});

Deno.bench("10,000 questions in every zone, parsed and answered", { group: "stdin" }, () => {
  for (const { schedule, timezone, after, count } of QUESTIONS) {
    nextRuns(parseScheduleText(schedule), { timezone: parseTimezone(timezone), after }, count);
  }
});
