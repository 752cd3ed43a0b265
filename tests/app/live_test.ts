/**
 * Live pages: what is cut out of a page, what is sent of it, and that it is rendered once for all who see the same.
 */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { cutRegions } from "../../app/server/live/cut.ts";
import { changesSince, snapshotOf } from "../../app/server/live/snapshot.ts";
import type { LiveUpdate } from "../../app/format/live_update.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { events } from "../support/live.ts";
import { openAccounts } from "../support/accounts.ts";
import { complete } from "../support/attempts.ts";
import { onEachDatabase, openPortal } from "./_portal.ts";

function page(rows: string, frame = ""): string {
  return `<!DOCTYPE html><html><head><title data-live="title">Runs</title><link rel="icon" data-live="icon" href="/a.svg"/></head>
<body><div class="x"><!--fi:0--><i></i><!--/fi:0--></div><div data-live="runs" data-noun="run" data-follow><div>${frame}</div>
<table><tbody>${rows}</tbody></table></div><p data-live="note">a &gt; b <b title="1 > 0">c</b></p></body></html>`;
}

const row = (key: number, state: string, more = "") =>
  `<tr data-row="${key}"${more}><td><div><b>${state}</b></div></td><td><time dateTime="x" data-relative>${Math.random()}</time>` +
  `<input type="hidden" name="key" value="${crypto.randomUUID()}"/></td></tr>`;

const read = (text: string): LiveUpdate =>
  JSON.parse(text.startsWith("{") ? text : gunzipSync(Uint8Array.fromBase64(text)).toString());

Deno.test("regions are cut whole, with their rows in order; words of times and keys of forms do not count", () => {
  const regions = cutRegions(page(row(2, "Running") + row(1, "Failed", " data-final")));
  assert.deepEqual([...regions.keys()], ["title", "icon", "runs", "note"]);
  assert.equal(regions.get("icon")?.html, '<link rel="icon" data-live="icon" href="/a.svg"/>');
  assert.equal(regions.get("note")?.html, '<p data-live="note">a &gt; b <b title="1 > 0">c</b></p>');
  const runs = regions.get("runs");
  assert.deepEqual([...runs?.listed ?? []].map(([key, { isFinal }]) => [key, isFinal]), [["2", false], ["1", true]]);
  assert.ok(runs?.isFollowed && runs.html.endsWith("</table></div>"));
  const again = page(row(2, "Running") + row(1, "Failed", " data-final"));
  assert.equal(snapshotOf(again).etag, snapshotOf(page(row(2, "Running") + row(1, "Failed", " data-final"))).etag);
});

Deno.test("only rows that have changed are sent, new ones are named, and a region without rows is sent whole", () => {
  const before = snapshotOf(page(row(2, "Running") + row(1, "Failed")));
  const after = snapshotOf(page(row(3, "Waiting") + row(2, "Failed") + row(1, "Failed")).replace(">c<", ">d<"), ["7"]);
  const { regions, gone } = read(changesSince(before, after));
  assert.deepEqual(Object.keys(regions), ["runs", "note"]);
  assert.deepEqual(Object.keys(regions["runs"]?.rows ?? {}), ["2"]);
  assert.deepEqual([regions["runs"]?.keys, gone], [["3", "2", "1"], ["7"]]);
  assert.match(regions["note"]?.html ?? "", />d</);
});

onEachDatabase(
  "tabs that see the same get one rendering; one with other rights gets its own, and nothing it may not see",
  async (open) => {
    await using portal = await openPortal(open);
    const { as } = await openAccounts(portal);
    const hidden = await portal.job({ name: "Payroll" });
    await portal.job({ name: "Ledger", labels: ["finance"] });
    const tab = (cookie: string) => events(portal.asStranger("/api/events?page=/jobs&since=", { headers: { cookie } }));
    const admin = await as("admin");
    const [first, second, other] = [tab(admin), tab(admin), tab(await as("finance operator"))];
    const hello = await first.next();
    assert.deepEqual([hello.event, (await second.next()).id], ["hello", hello.id]);
    const theirs = read((await other.next()).data).regions["jobs"]?.html ?? "";
    assert.match(theirs, /Ledger/);
    assert.doesNotMatch(theirs, /Payroll/);
    const claim = await portal.claim(hidden);
    const changed = await first.next();
    assert.deepEqual([changed.event, await second.next()], ["change", changed]);
    assert.deepEqual(Object.keys(read(changed.data).regions["jobs"]?.rows ?? {}), [String(hidden.id)]);
    await complete(portal.store, claim, portal.now());
    for (const stream of [first, second, other]) await stream.close();
  },
);

onEachDatabase(
  "a run that has left its list is sent until it has ended; a page that is up to date is sent nothing",
  async (open) => {
    // While time stands still, the numbers of the first line, which serve for a second, stay as they are.
    const now = epochMs(Date.now());
    await using portal = await openPortal(open, () => now);
    const claim = await portal.claim(await portal.job());
    const path = `/api/events?page=${encodeURIComponent("/runs?status=IN_PROGRESS")}`;
    const tab = events(portal.get(`${path}&rows=${claim.dispatchId}`));
    const hello = await tab.next();
    await complete(portal.store, claim, portal.now());
    const { regions } = read((await tab.next()).data);
    assert.match(regions["runs"]?.html ?? regions["runs"]?.rows?.[claim.dispatchId] ?? "", /Succeeded/);
    await tab.close();
    const again = events(portal.get(`${path}&since=`));
    const { id } = await again.next();
    await again.close();
    const third = events(portal.get(`${path}&since=${id}&poll=1`));
    assert.deepEqual(await third.next(), { event: "hello", id, data: "" });
    assert.notEqual(id, hello.id);
    await third.close();
  },
);

Deno.test("the address of a stream names a page of this portal, or the answer is 400", async () => {
  await using portal = await openPortal();
  for (const page of ["//evil.example/", "https://evil.example/", "jobs", "/api/events", "/%2fapi", "", "/hooks/1"]) {
    const answer = await portal.get(`/api/events?poll=1&page=${encodeURIComponent(page)}`);
    await answer.body?.cancel();
    assert.equal(answer.status, page === "/%2fapi" ? 200 : 400, page);
  }
});

Deno.test("the stream of a page that somebody may not see, or that does not exist, ends at once", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const hidden = await portal.job({ name: "Payroll" });
  const headers = { cookie: await as("finance operator") };
  for (const page of [`/jobs/${hidden.id}`, "/jobs/999", "/settings/users"]) {
    const tab = events(portal.asStranger(`/api/events?page=${page}&since=`, { headers }));
    assert.equal((await tab.next()).event, "end", page);
    await tab.close();
  }
});
