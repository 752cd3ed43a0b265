import assert from "node:assert/strict";
import { SECRET_MARK } from "../../../shared/domain/mod.ts";
import { onEachDatabase, openPortal } from "../_portal.ts";
import { ApiClient, newToken } from "./_client.ts";

const JOB = { name: "Nightly backup", script: "test_job.sh", schedule: "daily at 02:30", labels: ["finance"] };

onEachDatabase("only who may edit a job reads the values of its environment through the API", async (open) => {
  await using portal = await openPortal(open);
  const client = await ApiClient.open(portal, await newToken(portal));
  const params = { job: 1, revision: 2 };
  await client.ok("createJob", { body: { ...JOB, env: { KEY: "first-value" } } });
  const second = { ...JOB, env: { KEY: "second-value", MORE: "third-value" } };
  await client.ok("replaceJob", { params, body: second, headers: { "if-match": "*" } });
  const read = async (token: string) => {
    const reads = ["listJobs", "getJob", "getJobDefinition", "listRevisions", "getRevision"];
    return await Promise.all(reads.map(async (id) => (await client.ok(id, { params, token })).text));
  };
  const grants = [{ label: "finance", role: "operator" }, { label: "hr", role: "admin" }] as const;
  const operator = await newToken(portal, { name: "bob", role: null, grants });
  const tokens = [
    operator,
    await newToken(portal, { name: "vera", role: "viewer" }),
    await newToken(portal, {}, { name: "reads", scopes: ["jobs.read"] }),
  ];
  for (const token of tokens) {
    for (const text of await read(token)) {
      assert.doesNotMatch(text, /-value/);
      assert.ok(text.includes(JSON.stringify({ KEY: SECRET_MARK, MORE: SECRET_MARK })), text);
    }
  }
  for (const id of ["pauseJob", "resumeJob"]) {
    assert.doesNotMatch((await client.ok(id, { params, token: operator })).text, /-value/);
  }
  const editor = await newToken(portal, { name: "ed", role: null, grants: [{ label: "finance", role: "editor" }] });
  for (const text of await read(editor)) assert.match(text, /second-value/);
  const { changes } = (await client.ok("getRevision", { params, token: operator })).json;
  const hidden = { KEY: SECRET_MARK };
  assert.deepEqual(changes, [{ field: "env", before: hidden, after: { ...hidden, MORE: SECRET_MARK } }]);
});

Deno.test("a definition that is sent back with the mark keeps the values of the job, and makes up none", async () => {
  await using portal = await openPortal();
  const client = await ApiClient.open(portal, await newToken(portal));
  const params = { job: 1 };
  await client.ok("createJob", { body: { ...JOB, env: { KEY: "first", OLD: "gone" } } });
  const replace = { params, headers: { "if-match": "*" } };
  const body = { ...JOB, env: { KEY: SECRET_MARK, NEW: "second" } };
  assert.deepEqual((await client.ok("replaceJob", { ...replace, body })).json["env"], { KEY: "first", NEW: "second" });
  const message = "found (secret) for OLD, which keeps a value, but the job has no such variable; expected its value";
  const unknown = { ...JOB, env: { KEY: "x", OLD: SECRET_MARK } };
  for (const refused of [{ ...replace, body: unknown }, { body: unknown }]) {
    const { json } = await client.fails(422, "params" in refused ? "replaceJob" : "createJob", refused);
    assert.deepEqual(json["errors"], [{ field: "env", message, code: "invalid" }]);
  }
});
