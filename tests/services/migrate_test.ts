import assert from "node:assert/strict";
import { runTask, Service } from "../support/process.ts";

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
