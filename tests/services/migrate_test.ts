import assert from "node:assert/strict";
import { dirname } from "node:path";
import { runTask, Service } from "../support/process.ts";
import { openTestStore } from "../support/store.ts";
import { openDirectory } from "../support/temporary.ts";

/** Numbers of the user and group nobody. */
const NOBODY = 65534;

for (const task of ["scheduler", "worker", "serve"] as const) {
  Deno.test(`${task} refuses a missing database and says how to make it; migrate makes it and says so`, async () => {
    const directory = await Deno.makeTempDir({ prefix: "jobtrigger-made-" });
    const names = async () => (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
    try {
      const env = { DATABASE_URL: `sqlite:///${directory}/jobs.db`, WEB_PORT: "0" };
      await using service = await Service.start(task, env);
      await service.line(/DATABASE_URL: cannot use .*jobs\.db: there is no such file; .*`deno task migrate`/);
      assert.equal((await service.ended()).code, 2);
      assert.deepEqual(await names(), []);
      const migrated = await runTask("migrate", { env: { ...env, LOG_FORMAT: "json" } });
      assert.equal(migrated.code, 0, migrated.stderr);
      assert.match(migrated.stdout + migrated.stderr, /Made a new database at .*jobs\.db/);
      assert.deepEqual(await names(), ["jobs.db"]);
      assert.equal(((await Deno.stat(`${directory}/jobs.db`)).mode ?? 0) & 0o777, 0o600);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

Deno.test("a database that a service may only read is not called damaged", { ignore: Deno.uid() !== 0 }, async () => {
  await using test = await openTestStore();
  await test.store.close();
  await using home = await openDirectory();
  await Promise.all([
    Deno.chmod(dirname(test.path), 0o755),
    Deno.chmod(test.path, 0o644),
    Deno.chown(home.path, NOBODY, NOBODY),
  ]);
  const env = { DATABASE_URL: test.url, HOME: home.path, DENO_DIR: home.path };
  const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  const refuses = async (found: RegExp) => {
    await using service = await Service.start("scheduler", env, asNobody);
    const line = await service.line(
      /jobs\.db: it cannot be made or written to; the service needs to write to it and to its directory/,
    );
    assert.match(line, found);
    assert.match(line, /Right: the user of the service owns all of them, with mode 0600 of files and 0700 of the dir/);
    assert.equal((await service.ended()).code, 2);
  };
  await refuses(/Found: \S*jobs\.db has mode 0644, user 0, group 0; \S* has mode 0755, user 0, group 0\./);
  // As when root looked at it with jobctl and was killed.
  await Promise.all([Deno.chown(test.path, NOBODY, NOBODY), Deno.chown(dirname(test.path), NOBODY, NOBODY)]);
  for (const suffix of ["-wal", "-shm"]) {
    await Deno.writeFile(`${test.path}${suffix}`, new Uint8Array(), { mode: 0o600 });
  }
  await refuses(/jobs\.db-wal has mode 0600, user 0, group 0;/);
  // Its own, but for reading alone: SQLite opens it, and would fail at the first write.
  for (const suffix of ["-wal", "-shm"]) await Deno.remove(`${test.path}${suffix}`);
  await Deno.chmod(test.path, 0o400);
  await refuses(/jobs\.db has mode 0400, user 65534, group 65534;/);
});
