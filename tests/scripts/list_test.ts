import assert from "node:assert/strict";
import { listScripts, resolveScript } from "@jobtrigger/shared/scripts";
import { scriptDirectory } from "./_directory.ts";

Deno.test("listScripts() lists the scripts that resolveScript() accepts, sorted", async () => {
  await using directory = await scriptDirectory();
  await using beyond = await scriptDirectory();
  await beyond.write("secret.sh");
  await directory.write("backup.sh", { text: "echo" });
  await directory.write("nightly/report.py");
  await directory.write("nightly/tool", { mode: 0o755, text: "#!/bin/sh\n" });
  await directory.write("read.me");
  await directory.write(".hidden.sh");
  await directory.write(".git/hook.sh");
  await directory.link("backup.sh", "again.sh");
  await directory.link(`${beyond.path}/secret.sh`, "out.sh");
  await directory.link("nightly", "linked");
  await directory.link("nowhere", "dangling.sh");
  const found = await listScripts([directory.path]);
  assert.deepEqual(found.map(({ path, size }) => [path, size]), [
    ["again.sh", 4],
    ["backup.sh", 4],
    ["nightly/report.py", 0],
    ["nightly/tool", 10],
  ]);
  for (const { path } of found) assert.equal((await resolveScript([directory.path], path)).ok, true, path);
});

Deno.test("listScripts() lists a path once, from the directory that resolveScript() takes", async () => {
  await using first = await scriptDirectory();
  await using second = await scriptDirectory();
  await first.write("a.sh");
  await second.write("a.sh");
  await second.write("b.sh");
  const found = await listScripts([first.path, "/no/such/place", second.path]);
  assert.deepEqual(found.map(({ path, directory }) => [path, directory]), [["a.sh", first.path], [
    "b.sh",
    second.path,
  ]]);
});

Deno.test("listScripts() looks eight folders deep", async () => {
  await using directory = await scriptDirectory();
  const folders = (count: number) => "f/".repeat(count);
  await directory.write(`${folders(7)}seen.sh`);
  await directory.write(`${folders(8)}unseen.sh`);
  assert.deepEqual((await listScripts([directory.path])).map(({ path }) => path), [`${folders(7)}seen.sh`]);
});
