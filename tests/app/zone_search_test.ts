/**
 * The zone that a person reads times in, and the search of jobs and pages.
 *
 * @module
 */
import assert from "node:assert/strict";
import { zoneCookie, zoneOf } from "../../app/server/zone_choice.ts";
import { openPortal } from "./_portal.ts";

const chosen: readonly (readonly [cookie: string, zone: string, choice: string])[] = [
  ["", "Asia/Hong_Kong", "portal"],
  ["zone=utc", "UTC", "utc"],
  ["theme=dark; zone=job", "Asia/Hong_Kong", "job"],
  ["zone=browser:America/St_Johns; keys=off", "America/St_Johns", "browser"],
  ["zone=browser:Pacific/Chatham", "Pacific/Chatham", "browser"],
  ["zone=browser:Mars/Olympus", "Asia/Hong_Kong", "portal"],
  ["zone=browser:", "Asia/Hong_Kong", "portal"],
  ["ozone=utc", "Asia/Hong_Kong", "portal"],
];
for (const [cookie, zone, choice] of chosen) {
  Deno.test(`the cookie "${cookie}" shows times in ${zone}`, () => {
    assert.deepEqual(zoneOf(cookie, "Asia/Hong_Kong"), { zone, choice });
  });
}

Deno.test("a browser's zone is kept as the database of zones writes it; one that is none is not kept", () => {
  const of = (fields: Record<string, string>) => zoneCookie(new URLSearchParams(fields));
  assert.equal(of({ zone: "browser", browser_zone: "asia/kathmandu" }), "browser:Asia/Kathmandu");
  assert.equal(of({ zone: "browser", browser_zone: "x; Domain=evil" }), null);
  assert.equal(of({ zone: "browser" }), null);
  assert.equal(of({ zone: "moon" }), null);
  assert.equal(of({ theme: "dark" }), null);
});

Deno.test("pages print times in the chosen zone: odd offsets, and each job's own on its pages", async () => {
  await using portal = await openPortal();
  await portal.job({ schedule: "daily at 02:30", timezone: "Australia/Lord_Howe" });
  const titles = async (zone: string, path: string) => {
    const cookie = `${portal.cookie}; zone=${zone}`;
    const html = await (await portal.asStranger(path, { headers: { cookie } })).text();
    return new Set([...html.matchAll(/<time [^>]*title="[^"]* (\S+)"/g)].map(([, shown]) => shown));
  };
  assert.deepEqual(await titles("utc", "/jobs/1"), new Set(["UTC"]));
  assert.deepEqual(await titles("browser:Asia/Kathmandu", "/jobs/1"), new Set(["Asia/Kathmandu"]));
  assert.deepEqual(await titles("job", "/jobs/1"), new Set(["Australia/Lord_Howe"]));
  assert.deepEqual(await titles("portal", "/jobs/1"), new Set(["Asia/Hong_Kong"]));
  const posted = await portal.post("/preferences", { zone: "utc", back: "/jobs" });
  assert.match(posted.headers.get("set-cookie") ?? "", /^zone=utc; Path=\/; Max-Age=\d+; SameSite=Lax; HttpOnly$/);
});

Deno.test("a search finds jobs with what may be done, and pages, also without scripts", async () => {
  await using portal = await openPortal();
  await portal.job({ name: "Nightly <backup>", key: "nightly" });
  await portal.job({ name: "Report" });
  const { jobs } = await (await portal.get("/api/search?q=NIGHT")).json();
  assert.deepEqual(jobs.map(({ path, key }: { path: string; key: string }) => [path, key]), [["/jobs/1", "nightly"]]);
  assert.deepEqual(jobs[0].actions.map(({ label }: { label: string }) => label), [
    "Run now",
    "Run with arguments…",
    "Pause",
    "Edit",
    "Clone",
    "Its runs",
  ]);
  assert.deepEqual((await (await portal.get("/api/search?q=")).json()).jobs, []);
  const html = await (await portal.get("/search?q=r")).text();
  for (const part of ['href="/jobs/2"', 'action="/jobs/2/run"', 'href="/runs"']) assert.ok(html.includes(part), part);
  assert.match(await (await portal.get("/search?q=nothing+such")).text(), /Nothing is called “nothing such”/);
});
