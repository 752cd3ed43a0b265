import assert from "node:assert/strict";
import { epochMs, workerId } from "../../shared/domain/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { DATABASES } from "../support/store.ts";
import { json, run } from "./_cli.ts";

const AHEAD_MS = 3_600_000;

/** The clock of a machine that is an hour ahead of the database's. */
const clock = { ...systemClock, now: () => epochMs(systemClock.now() + AHEAD_MS) };

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: jobctl writes times of the database's clock, even if its machine's clock is ahead`, async () => {
    await using test = await open();
    const scripts = await Deno.makeTempDir({ prefix: "jobtrigger-scripts-" });
    try {
      await Deno.writeTextFile(`${scripts}/a.sh`, "#!/bin/sh\n", { mode: 0o755 });
      const surroundings = { env: { DATABASE_URL: test.url, SCRIPTS_DIR: scripts }, clock };
      const create = ["jobs", "create", "--name", "Backup", "--script", "a.sh", "--schedule", "every 1m"];
      const created = Object(await json(create, surroundings));
      assert.equal((await run(["jobs", "run", "1"], surroundings)).code, 0);
      const now = await test.store.now();
      assert.ok(Date.parse(created.next_run) <= now + 60_000, `${created.next_run} is more than a minute away`);
      const request = { workerId: workerId("w"), tags: new Set<string>(), limit: 1, leaseMs: 60_000, now };
      assert.equal((await test.store.queue.claim(request)).length, 1);
    } finally {
      await Deno.remove(scripts, { recursive: true });
    }
  });
}
