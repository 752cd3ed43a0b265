import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { type Dispatch, epochMs, type JobId, jobId } from "../../../shared/domain/mod.ts";
import { signIn } from "../../../shared/operations/mod.ts";
import type { Store } from "../../../shared/store/mod.ts";
import { append } from "../../support/attempts.ts";
import { operating } from "../../support/operating.ts";
import { DATABASES } from "../../support/store.ts";
import { enterWorker, openPortal, WORKER } from "../_portal.ts";
import { ApiClient, newToken } from "./_client.ts";

const JOB = { name: "Nightly backup", key: "nightly", script: "test_job.sh", schedule: "daily at 02:30" };

const idSchema = z.object({ id: z.number() });
const itemsSchema = z.object({ items: z.array(z.record(z.string(), z.unknown())) });
const pageSchema = z.object({ items: z.array(z.record(z.string(), z.unknown())), next: z.string().nullable() });

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: the API carries out each operation of its document and answers as it says`, async (test) => {
    await using portal = await openPortal(open, null, undefined, { apiPerMinute: 100_000 });
    const client = await ApiClient.open(portal, await newToken(portal));
    const { ok, fails } = { ok: client.ok.bind(client), fails: client.fails.bind(client) };

    await test.step("jobs are created, read, replaced on their revision, and deleted", async () => {
      const created = await ok("createJob", { body: JOB, headers: { "idempotency-key": "a" } });
      assert.deepEqual([created.headers.get("location"), created.headers.get("etag")], ["/api/v1/jobs/1", '"1"']);
      const again = await ok("createJob", { body: JOB, headers: { "idempotency-key": "a" } });
      assert.equal(again.json["id"], 1);
      await fails(422, "createJob", { body: { ...JOB, name: "B" }, headers: { "idempotency-key": "a" } });
      assert.deepEqual((await fails(422, "createJob", { body: { ...JOB, colour: 1 } })).json["errors"], [
        { field: "colour", message: "there is no such field", code: "unknown" },
      ]);
      assert.equal((await ok("getJob", { params: { job: "nightly" } })).json["id"], 1);
      assert.equal(created.json["is_active"], true);
      const { json: copy } = await ok("createJob", { body: { ...JOB, key: "copy", paused: true } });
      assert.deepEqual([copy["is_active"], copy["next_run"]], [false, null]);
      await ok("deleteJob", { params: { job: "copy" } });

      const { json: definition, headers } = await ok("getJobDefinition", { params: { job: 1 } });
      const etag = headers.get("etag") ?? "";
      const body = { ...definition, name: "Backup", overlap: "queue_all", timeout: "5m" };
      await fails(428, "replaceJob", { params: { job: 1 }, body });
      await fails(412, "replaceJob", { params: { job: 1 }, body, headers: { "if-match": '"7"' } });
      const edited = await ok("replaceJob", { params: { job: 1 }, body, headers: { "if-match": etag } });
      assert.deepEqual([edited.json["name"], edited.json["timeout"], edited.headers.get("etag")], [
        "Backup",
        300,
        '"2"',
      ]);
      await fails(412, "replaceJob", { params: { job: 1 }, body, headers: { "if-match": etag } });

      const { json } = await ok("listRevisions", { params: { job: 1 }, query: { limit: 1 } });
      const { items: [newest], next } = pageSchema.parse(json);
      assert.deepEqual([newest?.["revision"], next], [2, "2"]);
      const rest = await ok("listRevisions", { params: { job: 1 }, query: { limit: 1, cursor: next ?? "" } });
      assert.deepEqual(pageSchema.parse(rest.json).items.map((one) => one["revision"]), [1]);
      await ok("getRevision", { params: { job: 1, revision: 1 } });
      await fails(404, "getRevision", { params: { job: 1, revision: 9 } });
      const back = await ok("rollBackJob", { params: { job: 1 }, body: { to: 1 }, headers: { "if-match": "*" } });
      assert.equal(back.json["name"], JOB.name);

      await ok("createJob", { body: { ...JOB, key: "other", name: "Zoo", labels: ["finance"] } });
      await ok("deleteJob", { params: { job: "other" } });
      await fails(404, "deleteJob", { params: { job: "other" } });
      const deleted = pageSchema.parse((await ok("listRevisions", { params: { job: 2 } })).json);
      assert.deepEqual(deleted.items.map((one) => one["action"]), ["deleted", "created"]);
      const never = await fails(404, "listRevisions", { params: { job: 99 } });
      assert.equal(never.json["detail"], "There is no job 99");
    });

    await test.step("lists go from page to page and take filters", async () => {
      for (const name of ["A", "B", "C"]) {
        await ok("createJob", { body: { ...JOB, name, key: null, labels: ["finance", name] } });
      }
      const first = pageSchema.parse((await ok("listJobs", { query: { limit: 2, label: ["finance"] } })).json);
      const second = pageSchema.parse(
        (await ok("listJobs", { query: { limit: 2, label: ["finance"], cursor: first.next ?? "" } })).json,
      );
      assert.deepEqual([...first.items, ...second.items].map((one) => one["name"]), ["A", "B", "C"]);
      assert.equal(second.next, null);
      const found = await ok("listJobs", { query: { q: "backup", state: "active", sort: "next_run" } });
      assert.deepEqual(pageSchema.parse(found.json).items.map((one) => one["name"]), [JOB.name]);
      const namesOf = async (query: Readonly<Record<string, string | string[]>>) =>
        pageSchema.parse((await ok("listJobs", { query })).json).items.map((one) => one["name"]).join("");
      assert.equal(await namesOf({ filter: "label:finance label:a,c" }), "AC");
      assert.equal(await namesOf({ label: ["a,c", "finance"] }), "AC");
      assert.equal(await namesOf({ filter: "job:b", label: "finance" }), "B");
      await fails(422, "listJobs", { query: { filter: "colour:red" } });
      await fails(422, "listJobs", { query: { filter: "state:active", state: "active" } });
      for (const [named, name] of [["nightly", JOB.name], ["A", "A"], ["Night", ""]] as const) {
        assert.equal(await namesOf({ named }), name);
      }
      await fails(422, "listJobs", { query: { limit: 201 } });
      await fails(422, "listJobs", { query: { cursor: "x" } });
      await fails(422, "listJobs", { query: { order: "name" } });
    });

    await test.step("jobs are paused and resumed", async () => {
      const paused = await ok("pauseJob", { params: { job: 1 }, body: { note: "moving house" } });
      assert.deepEqual([paused.json["paused_note"], paused.json["waiting_runs"]], ["moving house", 0]);
      assert.equal((await ok("resumeJob", { params: { job: 1 } })).json["is_active"], true);
    });

    await test.step("many jobs are changed at once, and each refusal has its reason", async () => {
      const body = { action: "pause", filter: "label:finance", note: "moving house" };
      const started = await ok("changeJobs", { body, headers: { "idempotency-key": "b1" } });
      const { id } = idSchema.parse(started.json);
      assert.equal((await ok("changeJobs", { body, headers: { "idempotency-key": "b1" } })).json["id"], id);
      // The portal answers after a second and goes on: a busy database may take longer.
      let { json: change } = started;
      while (change["finished_at"] === null) change = (await ok("getBulkChange", { params: { bulk: id } })).json;
      assert.deepEqual([change["total"], change["done"], change["refused"]], [3, 3, 0]);
      assert.deepEqual((await ok("getBulkChange", { params: { bulk: id } })).json, change);
      const jobs = pageSchema.parse((await ok("listBulkJobs", { params: { bulk: id }, query: { limit: 2 } })).json);
      assert.deepEqual(jobs.items.map((one) => one["outcome"]), ["done", "done"]);
      const rest = { params: { bulk: id }, query: { cursor: jobs.next ?? "" } };
      assert.equal(pageSchema.parse((await ok("listBulkJobs", rest)).json).items.length, 1);
      const refused = { params: { bulk: id }, query: { outcome: "refused" } };
      assert.deepEqual((await ok("listBulkJobs", refused)).json["items"], []);
      await ok("changeJobs", { body: { action: "resume", filter: "label:finance" } });
      await fails(422, "changeJobs", { body: { action: "pause" } });
      await fails(422, "changeJobs", { body: { action: "run", filter: "label:finance", note: "x" } });
      await fails(404, "getBulkChange", { params: { bulk: 99 } });
    });

    await test.step("views of the list are kept by their names", async () => {
      const saved = await ok("saveView", { body: { name: "Nights", filter: "label:nightly", state: "failing" } });
      assert.equal(saved.json["query"], "q=label%3Anightly&state=failing");
      await ok("saveView", { body: { name: "Nights", filter: "label:finance" } });
      const views = pageSchema.parse({ ...(await ok("listViews")).json, next: null });
      assert.deepEqual(views.items.map((one) => one["filter"]), ["label:finance"]);
      const { id } = idSchema.parse(saved.json);
      await ok("removeView", { params: { view: id } });
      await fails(404, "removeView", { params: { view: id } });
      await fails(422, "saveView", { body: { name: "Nothing" } });
      const noted = async (action: string) =>
        pageSchema.parse((await ok("listAudit", { query: { action } })).json).items.map((one) => one["after"]);
      assert.deepEqual(await noted("views.save"), [
        { query: "q=label%3Afinance" },
        { query: "q=label%3Anightly&state=failing" },
      ]);
      assert.deepEqual(await noted("views.delete"), [null]);
    });

    await test.step("runs are started once for each key, listed, read, followed and cancelled", async () => {
      const start = { params: { job: 1 }, headers: { "idempotency-key": "r1" }, body: { args: ["x"] } };
      const { json } = await ok("runJob", start);
      assert.deepEqual([json["trigger"], json["status"], json["args"]], ["api", "PENDING", ["x"]]);
      assert.equal((await ok("runJob", start)).json["id"], json["id"]);
      const { id } = idSchema.parse(json);
      assert.equal((await ok("runJob", { ...start, query: { wait: 0 } })).json["id"], id);
      await fails(409, "runJob", { params: { job: 1 } });
      const listed = await ok("listRuns", { query: { job: "nightly", status: ["PENDING", "FAILED"], limit: 5 } });
      assert.deepEqual(pageSchema.parse(listed.json).items.map((one) => one["id"]), [id]);
      const filter = "status:waiting,failed job:night* since:1h";
      const narrowed = await ok("listRuns", { query: { filter } });
      assert.deepEqual(pageSchema.parse(narrowed.json).items.map((one) => one["id"]), [id]);
      assert.deepEqual(pageSchema.parse((await ok("listRuns", { query: { filter: "until:1h" } })).json).items, []);
      await fails(422, "listRuns", { query: { filter: "since:soon" } });
      await ok("getRun", { params: { run: id } });
      const why = await ok("explainRun", { params: { run: id }, query: { timezone: "Europe/Berlin" } });
      assert.deepEqual(why.json["why"], ["It waits: no worker is online."]);
      await fails(422, "explainRun", { params: { run: id }, query: { timezone: "Mars" } });
      assert.equal((await ok("cancelRun", { params: { run: id } })).json["result"], "cancelled");
      await fails(409, "cancelRun", { params: { run: id } });
      assert.deepEqual((await ok("explainRun", { params: { run: id } })).json["why"], []);
      assert.match((await ok("followRun", { params: { run: id } })).text, /event: end/);
    });

    await test.step("a request can wait for its run", async () => {
      const run = client.ok("runJob", { params: { job: 1 }, query: { wait: 50 } });
      const first = await firstUnfinished(portal.store, jobId(1));
      await ok("cancelRun", { params: { run: first.id } });
      assert.deepEqual([(await run).json["id"], (await run).json["status"]], [first.id, "CANCELLED"]);
    });

    await test.step("output is read in chunks, as text and as ranges of it", async () => {
      const job = await portal.job({ overlap: "allow" });
      const claim = await portal.claim(job);
      const params = { run: claim.dispatchId };
      const at = epochMs(0);
      await append(portal.store, claim, [{ seq: 0, stream: "stdout", at, data: "one\n" }]);
      await append(portal.store, claim, [{ seq: 1, stream: "stderr", at, data: "two\n" }]);
      const { json } = await ok("readLog", { params, query: { max_bytes: 1 } });
      assert.deepEqual([json["next_seq"], json["is_complete"]], [1, false]);
      assert.equal((await ok("downloadLog", { params })).text, "one\ntwo\n");
      const part = await ok("downloadLog", { params, headers: { range: "bytes=4-" } });
      assert.deepEqual([part.status, part.text, part.headers.get("content-range")], [206, "two\n", "bytes 4-7/8"]);
      const beyond = await fails(416, "downloadLog", { params, headers: { range: "bytes=99-" } });
      assert.equal(beyond.headers.get("content-range"), "bytes */8");
      for (
        const [query, beginning] of [
          [{}, { offset: 0, seq: 0, chunk_offset: 0 }],
          [{ offset: 6 }, { offset: 6, seq: 1, chunk_offset: 4 }],
          [{ last_lines: 1 }, { offset: 4, seq: 1, chunk_offset: 4 }],
          [{ offset: 99 }, { offset: 99, seq: 2, chunk_offset: 8 }],
        ] as const
      ) assert.deepEqual((await ok("findLogBeginning", { params, query })).json, beginning);
      const found = { params, query: { text: "TW", stream: "stderr" } };
      const matches = { items: [{ line: 2, stream: "stderr", text: "two" }], next_line: null };
      assert.deepEqual((await ok("searchLog", found)).json, matches);
      const first = await ok("searchLog", { params, query: { text: "o", limit: 1 } });
      assert.deepEqual(first.json, { items: [{ line: 1, stream: "stdout", text: "one" }], next_line: 2 });
      assert.deepEqual((await ok("searchLog", { params, query: { text: "o", from_line: 2 } })).json, matches);
      for (const text of ["", "a\nb", "x".repeat(201)]) await fails(422, "searchLog", { params, query: { text } });
      await fails(422, "findLogBeginning", { params, query: { last_lines: 0 } });
      const followed = await ok("followRun", { params, query: { poll: "1" }, headers: { "last-event-id": "0" } });
      assert.match(
        followed.text,
        /event: chunk\nid: 1\ndata: {"seq":1,"stream":"stderr","at":"1970-01-01T00:00:00Z","data":"two\\n"}\n/,
      );
      const one = await portal.job({ name: "Gone" });
      const { id: run } = idSchema.parse((await ok("runJob", { params: { job: one.id } })).json);
      await ok("deleteJob", { params: { job: one.id } });
      const left = pageSchema.parse((await ok("listRuns", { query: { job: one.id } })).json);
      assert.deepEqual(left.items.map((each) => each["id"]), [run]);
      await fails(404, "listRuns", { query: { job: 99 } });
      assert.doesNotMatch(followed.text, /id: 0\n/);
    });

    await test.step("what was and what will be is explained", async () => {
      const params = { job: 1 };
      const range = { from: "2026-01-01", to: "2026-01-03", at_once: 2 };
      await ok("planBackfill", { params, query: range });
      await fails(422, "planBackfill", { params, query: { ...range, from: "soon" } });
      const backfill = { params, body: range, headers: { "idempotency-key": "b1" } };
      const { json: { id, written } } = await ok("backfillJob", backfill);
      const again = await ok("backfillJob", backfill);
      assert.deepEqual([again.json["id"], again.json["written"], again.json["present"]], [id, 0, written]);
      await ok("listLedger", { params, query: { limit: 10 } });
      await ok("explainJob", { params, query: { at: "2026-01-02 02:30", timezone: "Europe/Berlin" } });
      await ok("explainJob", { params });
      await fails(422, "explainJob", { params, query: { at: "soon" } });
      const { json } = await ok("getNextRuns", { params, query: { count: 3 } });
      assert.equal(z.array(z.unknown()).parse(json["next_runs"]).length, 3);
      const preview = await ok("previewSchedule", { query: { schedule: "cron 0 2 * * *", timezone: "Europe/Berlin" } });
      assert.match(String(preview.json["sentence"]), /02:00/);
      const others = z.object({ jobs: z.number(), free_at: z.string() }).parse(preview.json["others_this_minute"]);
      assert.equal(others.jobs, 0);
      await fails(422, "previewSchedule", { query: { schedule: "dayly at 9" } });
    });

    await test.step("the installation and who asks are described", async () => {
      await enterWorker(portal, portal.now());
      assert.equal(z.array(z.unknown()).parse((await ok("listWorkers")).json["items"]).length, 1);
      await ok("drainWorker", { params: { worker: WORKER } });
      await ok("resumeWorker", { params: { worker: WORKER } });
      await fails(404, "drainWorker", { params: { worker: "nobody" } });
      await portal.store.workers.retire(WORKER, portal.now());
      await fails(409, "resumeWorker", { params: { worker: WORKER } });
      await ok("listQueue", { query: { when: "later", limit: 10, timezone: "Europe/Berlin" } });
      await fails(422, "listQueue", { query: { cursor: "x" } });
      await ok("getSystem");
      assert.equal(typeof (await ok("getStatus")).json["level"], "string");
      assert.match((await ok("getMetrics")).text, /^jobtrigger_database_up 1$/m);
      assert.equal(typeof (await ok("getDoctor", { query: { sizes: "1" } })).json["is_fine"], "boolean");
      const me = (await ok("getMe")).json;
      assert.deepEqual(me["actor"], { kind: "token", name: "ci of ann" });
      // The clock of the portal's machine is an hour ahead of the database's.
      assert.ok(Date.parse(String(me["time"])) < portal.now() + 1_800_000);
      assert.match((await ok("followChanges", { query: { poll: "1" } })).text, /event: hello/);
    });

    await test.step("what ran, what will run, and how it went", async () => {
      const from = new Date(portal.now() - 3_600_000).toISOString();
      const until = new Date(portal.now() + 2 * 86_400_000).toISOString();
      const timeline = pageSchema.parse((await ok("getTimeline", { query: { from, until, filter: "Nightly" } })).json);
      const planned = z.object({ name: z.string(), planned: z.array(z.string()) }).parse(timeline.items[0]);
      assert.deepEqual([planned.name, planned.planned.length], [JOB.name, 2]);
      assert.deepEqual(
        pageSchema.parse((await ok("getTimeline", { query: { from, until, filter: "x" } })).json).items,
        [],
      );
      await fails(422, "getTimeline", { query: { from, until: "2040-01-01T00:00:00Z" } });
      while (await portal.store.statistics.rollUp({ limit: 100 }) > 0);
      const { ended } = z.object({ ended: z.number() }).parse((await ok("getStatistics")).json["total"]);
      const runs = pageSchema.parse((await ok("listRuns", { query: { limit: 200 } })).json).items;
      const isOpen = (status: unknown) => status === "PENDING" || status === "IN_PROGRESS";
      assert.equal(ended, runs.filter((run) => !isOpen(run["status"])).length);
      await ok("getStatistics", { query: { range: "30d", sort: "time", label: ["finance"] } });
      await fails(422, "getStatistics", { query: { range: "2d" } });
    });

    await test.step("users and tokens are managed", async () => {
      const body = {
        name: "bob",
        role: null,
        grants: [{ label: "finance", role: "viewer" }],
        password: "correct horse 1",
      };
      const { id: user } = idSchema.parse((await ok("createUser", { body })).json);
      await fails(422, "createUser", { body });
      await ok("getUser", { params: { user } });
      await fails(404, "getUser", { params: { user: 99 } });
      assert.deepEqual(pageSchema.parse((await ok("listUsers")).json).items.map((one) => one["name"]), ["ann", "bob"]);
      const byName = pageSchema.parse((await ok("listUsers", { query: { name: "BOB" } })).json);
      assert.deepEqual(byName.items.map((one) => one["name"]), ["bob"]);
      assert.deepEqual(pageSchema.parse((await ok("listUsers", { query: { name: "eve" } })).json).items, []);
      await ok("setUserRole", { params: { user }, body: { role: "operator" } });
      await ok("setUserPassword", { params: { user }, body: { password: "another horse 2" } });
      const subject = { issuer: "https://id.example.com", subject: "8f2c1a" };
      const linked = await ok("setUserExternalId", { params: { user }, body: subject });
      assert.deepEqual(linked.json["external_id"], subject);
      await fails(422, "setUserExternalId", { params: { user: 1 }, body: subject });
      await fails(422, "setUserExternalId", { params: { user }, body: { ...subject, issuer: "id.example.com" } });
      assert.equal((await ok("removeUserExternalId", { params: { user } })).json["external_id"], null);
      const signedIn = async () => {
        const attempt = {
          name: "bob",
          password: "another horse 2",
          address: "192.0.2.1",
          userAgent: "Fox",
          device: null,
        };
        assert.equal((await signIn(operating(portal.store, portal.now()), attempt)).outcome, "signed_in");
      };
      for (const _ of [1, 2, 3]) await signedIn();
      const sessions = itemsSchema.parse((await ok("listSessions", { params: { user } })).json).items;
      assert.deepEqual(sessions.map((one) => [one["method"], one["address"], one["user_agent"]]), [
        ["password", "192.0.2.1", "Fox"],
        ["password", "192.0.2.1", "Fox"],
        ["password", "192.0.2.1", "Fox"],
      ]);
      const session = idSchema.parse(sessions[0]).id;
      await ok("revokeSession", { params: { user, session } });
      await fails(404, "revokeSession", { params: { user, session } });
      assert.deepEqual((await ok("revokeSessions", { params: { user } })).json, { ended: 2 });
      assert.deepEqual((await ok("listSessions", { params: { user } })).json, { items: [] });
      await fails(404, "listSessions", { params: { user: 99 } });
      await fails(404, "revokeSessions", { params: { user: 99 } });
      await ok("disableUser", { params: { user } });
      await ok("enableUser", { params: { user } });
      await fails(409, "disableUser", { params: { user: 1 } });
      const token = { name: "ci", scopes: ["jobs.read"], labels: ["finance"], expires_at: null };
      const made = await ok("createToken", { params: { user }, body: token });
      assert.match(String(made.json["secret"]), /^jtp_/);
      const late = await fails(422, "createToken", {
        params: { user },
        body: { ...token, expires_at: "2020-01-01T00:00:00Z" },
      });
      assert.deepEqual(z.array(z.object({ field: z.string() })).parse(late.json["errors"]).map(({ field }) => field), [
        "expires_at",
      ]);
      await ok("listTokens", { params: { user } });
      await ok("revokeToken", { params: { user, token: idSchema.parse(made.json).id } });
      await ok("listOwnTokens", { query: { limit: 1 } });
      const { id: own } = idSchema.parse(
        (await ok("createOwnToken", { body: { name: "x", scopes: ["jobs.read"] } })).json,
      );
      await ok("revokeOwnToken", { params: { token: own } });
      await fails(404, "revokeOwnToken", { params: { token: own } });
    });

    await test.step("webhooks are made, changed, rotated and deleted", async () => {
      const params = { job: 1 };
      const body = { name: "ci", args: ["/ref string"], per_minute: 5 };
      const made = await ok("createWebhook", { params, body });
      assert.match(String(made.json["secret"]), /^jth_/);
      assert.equal(made.headers.get("location"), "/api/v1/jobs/1/webhooks/1");
      const one = { job: 1, webhook: 1 };
      assert.deepEqual((await ok("getWebhook", { params: one })).json["args"], body.args);
      const changed = await ok("changeWebhook", { params: one, body: { is_enabled: false, per_minute: 9 } });
      assert.deepEqual([changed.json["is_enabled"], changed.json["per_minute"], changed.json["name"]], [
        false,
        9,
        "ci",
      ]);
      const wrong = await fails(422, "changeWebhook", { params: one, body: { args: ["ref"] } });
      assert.match(wrong.text, /expected =text, or a JSON Pointer/);
      await fails(422, "createWebhook", { params, body: { ...body, per_minute: 601 } });
      const rotated = await ok("rotateWebhook", { params: one });
      assert.notEqual(rotated.json["secret"], made.json["secret"]);
      const { json } = await ok("listWebhooks", { params });
      assert.doesNotMatch(JSON.stringify(json), /"secret"/);
      await fails(404, "getWebhook", { params: { job: "nightly", webhook: 9 } });
      await ok("deleteWebhook", { params: one });
      await fails(404, "deleteWebhook", { params: one });
    });

    await test.step("alert channels, rules and incidents are made, changed and deleted", async () => {
      const channel = { name: "ops", kind: "webhook", url: "https://hooks.example.com/do-not-show" };
      const made = await ok("createChannel", { body: channel });
      assert.match(String(made.json["secret"]), /^whsec_/);
      const refused = await fails(422, "createChannel", { body: { ...channel, name: "mail", kind: "email" } });
      assert.deepEqual(
        z.array(z.object({ field: z.string() })).parse(refused.json["errors"]).map(({ field }) => field),
        [
          "url",
          "from",
          "to",
        ],
      );
      await ok("switchChannel", { params: { channel: 1 }, body: { is_enabled: false } });
      const tested = await ok("testChannel", { params: { channel: 1 } });
      assert.equal(tested.json["kind"], "test");
      assert.equal(pageSchema.parse((await ok("listDeliveries", {})).json).items.length, 1);
      const { text: channels } = await ok("listChannels", {});
      assert.doesNotMatch(channels, /do-not-show|whsec_/);

      const rule = { name: "Long", condition: "runs_over", limit: 60, job_id: 1, channels: ["ops"] };
      const quiet = { from: "22:00", until: "07:00", timezone: "Europe/Berlin" };
      const { json: created } = await ok("createAlertRule", { body: { ...rule, quiet, remind_seconds: 600 } });
      assert.deepEqual([created["quiet"], created["job_id"], created["channels"]], [quiet, 1, ["ops"]]);
      await fails(422, "createAlertRule", { body: { ...rule, channels: ["none"] } });
      await fails(422, "createAlertRule", { body: { ...rule, condition: "disk_low", limit: 10 } });
      await fails(422, "createAlertRule", { body: { ...rule, limit: 0.5 } });
      const covering = (job: number) => ok("listAlertRules", { query: { job_id: job } });
      assert.match((await covering(1)).text, /"Long"/);
      await fails(404, "listAlertRules", { query: { job_id: 999 } });
      await fails(409, "testAlertRule", { params: { rule: 1 } });
      await ok("switchChannel", { params: { channel: 1 }, body: { is_enabled: true } });
      const tests = await ok("testAlertRule", { params: { rule: 1 } });
      assert.match(tests.text, /Test of the rule Long/);
      await fails(404, "testAlertRule", { params: { rule: 9 } });
      await ok("replaceAlertRule", { params: { rule: 1 }, body: { ...rule, name: "Longer", is_enabled: true } });
      const [found] = await portal.store.alerts.rules();
      assert.ok(found !== undefined);
      const finding = { jobId: jobId(1), jobName: "Backup", isBroken: true, message: "Long", isEvent: false };
      const settled = { rule: found, findings: [{ ...finding, at: portal.now() }], isWhole: false };
      await portal.store.alerts.settle([settled], portal.now());
      const open = pageSchema.parse((await ok("listIncidents", { query: { state: "open", job_id: 1 } })).json);
      assert.deepEqual(open.items.map((one) => one["rule_name"]), ["Longer"]);
      const params = { incident: 1 };
      assert.equal((await ok("acknowledgeIncident", { params })).json["acknowledged_by"], "ci of ann");
      const until = new Date(portal.now() + 3_600_000).toISOString();
      assert.equal((await ok("snoozeIncident", { params, body: { until } })).json["snoozed_until"], until);
      await fails(422, "snoozeIncident", { params, body: { until: "2020-01-01T00:00:00Z" } });
      assert.equal((await ok("getIncident", { params })).json["message"], "Long");
      assert.equal(
        z.object({ items: z.array(z.unknown()) }).parse((await ok("listAlertRules", {})).json).items.length,
        1,
      );
      await ok("deleteAlertRule", { params: { rule: 1 } });
      await fails(409, "acknowledgeIncident", { params });
      await fails(404, "deleteAlertRule", { params: { rule: 1 } });
      await ok("deleteChannel", { params: { channel: 1 } });
      await fails(404, "deleteChannel", { params: { channel: 1 } });
    });

    await test.step("the audit list says who changed what through the API, and from where", async () => {
      const { json } = await ok("listAudit", { query: { action: "jobs.create", actor: "ci of ann", limit: 1 } });
      const [event] = pageSchema.parse(json).items;
      assert.deepEqual([event?.["address"], typeof event?.["request_id"]], ["127.0.0.1", "string"]);
      await ok("listAudit", {
        query: { subject: "job", subject_id: 1, since: "2026-01-01T00:00:00Z", outcome: "done" },
      });
      const narrowed = await ok("listAudit", {
        query: { filter: 'action:jobs.create actor:"ci of ann" since:1h', limit: 1 },
      });
      assert.deepEqual(pageSchema.parse(narrowed.json).items, [event]);
      await fails(422, "listAudit", { query: { subject_id: 1 } });
      assert.equal((await ok("verifyAudit")).json["is_intact"], true);
    });

    await test.step("no operation was left out", () => {
      assert.deepEqual([...client.operations.keys()].filter((id) => !client.succeeded.has(id)), []);
    });
    assert.deepEqual(portal.logged.filter((line) => !line.startsWith("Refused")), []);
  });
}

/** Waits for a run of a job that has not ended. */
async function firstUnfinished({ runs, changes }: Store, id: JobId): Promise<Dispatch> {
  const { signal } = new AbortController();
  while (true) {
    const seen = changes.version();
    const [first] = await runs.unfinished(id);
    if (first !== undefined) return first;
    await changes.after(seen, signal);
  }
}

Deno.test("the document of the API is OpenAPI 3.1", async () => {
  await using portal = await openPortal();
  const { document } = await ApiClient.open(portal, await newToken(portal));
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
  assert.deepEqual([valid, errors], [true, undefined]);
  assert.equal(validator.version, "3.1");
});
