/**
 * The parts of a schedule in the form: pure, and as a browser without scripts sends them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { StoreUnavailable } from "../../shared/domain/mod.ts";
import { formatSchedule, parseScheduleText } from "../../shared/schedule/mod.ts";
import { partsOfSchedule, textOfParts, USUAL_PARTS, writtenSchedule } from "../../app/format/schedule_parts.ts";
import { FIELDS, openPortal, standing } from "./_portal.ts";

const SCHEDULES = [
  "manual",
  "once at 2026-12-01 09:00",
  "once at 2026-12-01 09:00:30",
  "every 5m",
  "every 1h30m from 2026-11-23T00:00:00Z",
  "hourly at :05",
  "daily at 02:30",
  "daily at 02:30:15",
  "weekly on mon,wed,sun at 02:30",
  "monthly on 31 at 09:00",
  "monthly on last at 23:59:59",
  "cron 0 9 L-3 * *",
  "cron @daily",
];
for (const text of SCHEDULES) {
  Deno.test(`the parts of "${text}" write it again`, () => {
    const schedule = parseScheduleText(text);
    const written = textOfParts(partsOfSchedule(schedule, formatSchedule(schedule)));
    assert.deepEqual(parseScheduleText(written ?? ""), schedule);
  });
}

Deno.test("a typed text wins over parts; else changed parts write it, and unchanged ones leave it as it was typed", () => {
  const drawn = partsOfSchedule({ kind: "daily", time: "09:00" }, "daily at 09:00");
  const parts = { ...drawn, kind: "weekly" as const };
  const was = "Daily at 9";
  assert.equal(writtenSchedule({ text: "every 5m", was, parts, drawn }), "every 5m");
  assert.equal(writtenSchedule({ text: was, was, parts, drawn }), "weekly on mon at 09:00");
  assert.equal(writtenSchedule({ text: was, was, parts: drawn, drawn }), was);
  const none = { ...USUAL_PARTS, kind: null };
  assert.equal(writtenSchedule({ text: "soon", was: "soon", parts: none, drawn: none }), "soon");
});

Deno.test("a form without scripts saves what its buttons say, and what is no schedule stays as text", async () => {
  await using portal = await openPortal();
  const empty = standing(await (await portal.get("/jobs/new")).text());
  assert.deepEqual([empty["schedule"], empty["schedule_kind"], empty["timezone"]], ["", undefined, "Asia/Hong_Kong"]);
  const { name, script } = FIELDS;
  const chosen = { ...empty, name: name ?? "", script: script ?? "", schedule_kind: "weekly", schedule_days: "fri" };
  const shown = await (await portal.post("/jobs/new", { ...chosen, schedule_time: "9pm", intent: "preview" })).text();
  const back = standing(shown);
  assert.deepEqual([back["schedule"], back["schedule_kind"], back["schedule_time"]], [
    "weekly on fri at 9pm",
    "weekly",
    "21:00",
  ]);
  assert.equal((await portal.post("/jobs/new", { ...back, intent: "save" })).status, 303);
  const { items: [job] } = await portal.store.jobs.list({ limit: 1 });
  assert.deepEqual(job?.schedule, { kind: "weekly", days: ["fri"], time: "21:00" });

  const wrong = await portal.post("/jobs/new", { ...back, schedule: "dayly at 9", intent: "save" });
  const typed = standing(await wrong.text());
  assert.deepEqual([wrong.status, typed["schedule"], typed["schedule_kind"]], [422, "dayly at 9", undefined]);
});

Deno.test("a copy begins with everything of its job but the key", async () => {
  await using portal = await openPortal();
  await portal.job({ key: "nightly", tags: "gpu", schedule: "daily at 02:30" });
  const copy = standing(await (await portal.get("/jobs/new?from=1")).text());
  assert.match(copy["name"] ?? "", /^Copy of /);
  assert.deepEqual([copy["key"], copy["tags"], copy["schedule"]], ["", "gpu", "daily at 02:30"]);
  assert.equal((await portal.get("/jobs/new?from=77")).status, 404);
});

Deno.test("a copy begins paused, unless its check mark is taken away; a new job begins active", async () => {
  await using portal = await openPortal();
  await portal.job({ schedule: "daily at 02:30" });
  const form = await (await portal.get("/jobs/new?from=1")).text();
  assert.match(form, /This is a copy, and it begins paused\./);
  const copy = standing(form);
  assert.notEqual(copy["paused"], undefined);
  const previewed = standing(await (await portal.post("/jobs/new", { ...copy, intent: "preview" })).text());
  assert.notEqual(previewed["paused"], undefined);
  const paused = await portal.post("/jobs/new", { ...copy, intent: "save" });
  assert.equal(paused.headers.get("location"), "/jobs/2?notice=created_paused");
  const active: Record<string, string> = { ...copy, intent: "save" };
  delete active["paused"];
  assert.equal((await portal.post("/jobs/new", active)).headers.get("location"), "/jobs/3?notice=created");
  assert.equal(standing(await (await portal.get("/jobs/new")).text())["paused"], undefined);
  const { items } = await portal.store.jobs.list({ sort: "id", limit: 9 });
  assert.deepEqual(items.map(({ isActive, nextRun }) => [isActive, nextRun === null]), [
    [true, false],
    [false, true],
    [true, false],
  ]);
});

Deno.test("the preview says who else is due in that minute, and its button moves the schedule to a free one", async () => {
  await using portal = await openPortal();
  for (const schedule of ["daily at 02:30", "daily at 02:30:30", "daily at 02:31"]) {
    await portal.job({ schedule, timezone: "Europe/Berlin" });
  }
  const typed = { ...FIELDS, schedule: "daily at 2:30", timezone: "Europe/Berlin", intent: "preview" };
  const html = await (await portal.post("/jobs/new", typed)).text();
  assert.match(html, /2 other jobs are due in the same minute as the next run\./);
  const [, use = ""] = /<button\s+type="submit" name="use" value="([^"]*)"/.exec(html) ?? [];
  assert.equal(use, "daily at 02:32");
  const { intent: _, ...fields } = typed;
  const moved = await (await portal.post("/jobs/new", { ...fields, use })).text();
  assert.equal(standing(moved)["schedule"], use);
  assert.doesNotMatch(moved, /same minute/);
});

Deno.test("a save that meets an outage comes back with all that was typed, and can be sent again", async () => {
  await using portal = await openPortal();
  await portal.job();
  const form = standing(await (await portal.get("/jobs/1/edit")).text());
  const typed: Record<string, string> = {
    ...form,
    name: "Typed meanwhile",
    args: '--one\n"\\ttwo"',
    schedule: "every 7m",
    intent: "save",
  };
  const { databaseClock } = portal.portal;
  const now = databaseClock.now;
  databaseClock.now = () => Promise.reject(new StoreUnavailable("no answer"));
  const answer = await portal.post("/jobs/1/edit", typed);
  databaseClock.now = now;
  const html = await answer.text();
  assert.equal(answer.status, 503);
  assert.match(html, /<form\s+method="post" action="\/jobs\/1\/edit"/);
  const kept = standing(html);
  const names = ["name", "args", "schedule", "timezone", "revision", "base"];
  const of = (fields: Readonly<Record<string, string>>) => names.map((name) => fields[name]);
  assert.deepEqual(of(kept), of(typed));
  assert.equal((await portal.post("/jobs/1/edit", { ...kept, intent: "save" })).status, 303);
  assert.equal((await portal.store.jobs.list({ limit: 1 })).items[0]?.name, "Typed meanwhile");
  assert.equal(portal.logged.length, 1);
});
