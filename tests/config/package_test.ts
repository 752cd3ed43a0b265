import assert from "node:assert/strict";
import sharedJson from "../../shared/deno.json" with { type: "json" };

/** A program outside the project, which has only the package's exports. */
const PROGRAM = `
import { systemClock } from "@jobtrigger/shared/time";
import { migrations } from "@jobtrigger/shared/migrations";
import { openStore } from "@jobtrigger/shared/store";

const options = { migrations, clock: systemClock, onMade: () => console.log("made") };
for (let i = 0; i < 2; i++) {
  const store = await openStore("sqlite:///jobs.db", options);
  console.log((await store.workers.list()).length);
  await store.close();
}
`;

Deno.test("a program that has only the package's exports makes a database and opens it", async () => {
  const path = await Deno.makeTempDir({ prefix: "jobtrigger-package-" });
  try {
    const { success } = await new Deno.Command("cp", { args: ["-r", "shared", "deno.lock", path] }).output();
    assert.ok(success);
    await Deno.writeTextFile(`${path}/deno.json`, JSON.stringify({ workspace: ["./shared"], nodeModulesDir: "none" }));
    await Deno.writeTextFile(`${path}/main.ts`, PROGRAM);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--no-remote", "--allow-read", "--allow-write", "--allow-env", "main.ts"],
      cwd: path,
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.equal(new TextDecoder().decode(stdout), "made\n0\n0\n");
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("the package exports every folder of shared/ by its name", async () => {
  const folders = (await Array.fromAsync(Deno.readDir("shared"))).flatMap(({ name, isDirectory }) =>
    isDirectory && name !== "node_modules" ? [`./${name}`] : []
  );
  // Modules for servers and programs have export names of their own, because browsers load `./api`.
  const names = [".", ...folders, "./api/schemas"];
  assert.deepEqual(Object.keys(sharedJson.exports).toSorted(), names.toSorted());
});
