import assert from "node:assert/strict";
import { FIELDS, onEachDatabase, openPortal, standing } from "./_portal.ts";

const KEYED: Readonly<Record<string, string>> = { ...FIELDS, key: "nightly-backup", labels: "Nightly, month end" };

onEachDatabase(
  "a key and labels are set through the form, shown, and kept by an edit of something else",
  async (open) => {
    await using portal = await openPortal(open);
    assert.equal((await portal.post("/jobs/new", KEYED)).status, 303);
    const stored = async () => (await portal.store.jobs.list({ limit: 1 })).items[0];
    const job = await stored();
    assert.deepEqual([job?.key, job?.labels], ["nightly-backup", ["month end", "nightly"]]);
    const page = await (await portal.get("/jobs/1")).text();
    assert.match(page, /<code[^>]*>nightly-backup<\/code>/);
    assert.match(page, /month end, nightly/);
    const form = standing(await (await portal.get("/jobs/1/edit")).text());
    assert.equal((await portal.post("/jobs/1/edit", { ...form, name: "Renamed", intent: "save" })).status, 303);
    const edited = await stored();
    assert.deepEqual([edited?.name, edited?.key, edited?.labels], ["Renamed", job?.key, job?.labels]);
    const { [1]: created, [0]: last } = await portal.store.jobs.revisions(edited?.id ?? assert.fail(), { limit: 10 });
    assert.deepEqual([created?.change.action, last?.change.action, last?.actor?.kind], ["created", "edited", "local"]);
  },
);

onEachDatabase("a form with the key of another job comes back with the reason beside the field", async (open) => {
  await using portal = await openPortal(open);
  await portal.post("/jobs/new", KEYED);
  await portal.post("/jobs/new", FIELDS);
  const form = standing(await (await portal.get("/jobs/2/edit")).text());
  const edit: Readonly<Record<string, string>> = { ...form, key: "nightly-backup", name: "Typed", intent: "save" };
  for (const [path, typed] of [["/jobs/new", KEYED], ["/jobs/2/edit", edit]] as const) {
    const response = await portal.post(path, typed);
    const html = await response.text();
    assert.equal(response.status, 422, path);
    const problem = /<p\s+class="problem" id="field-key-problem">([^<]*)/.exec(html)?.[1] ?? "";
    assert.match(problem, /nightly-backup.*, which job 1 has already; expected one of its own/);
    assert.equal(standing(html)["name"], typed["name"]);
  }
});
