import assert from "node:assert/strict";
import { epochMs, workerId } from "../../shared/domain/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { json, run } from "./_cli.ts";
import { onEachDatabaseAndReach } from "./_reach.ts";

const AHEAD_MS = 3_600_000;

/** The clock of a machine that is an hour ahead of the database's. */
const clock = { ...systemClock, now: () => epochMs(systemClock.now() + AHEAD_MS) };

onEachDatabaseAndReach(
  "jobctl writes times of the database's clock, even if its machine's clock is ahead",
  async (open) => {
    await using site = await open();
    await site.script("a.sh", "true");
    const surroundings = { ...site, clock };
    const create = ["jobs", "create", "--name", "Backup", "--script", "a.sh", "--schedule", "every 1m"];
    const created = Object(await json(create, surroundings));
    assert.equal((await run(["jobs", "run", "1"], surroundings)).code, 0);
    const now = await site.store.now();
    assert.ok(Date.parse(created.next_run) <= now + 60_000, `${created.next_run} is more than a minute away`);
    const request = { workerId: workerId("w"), tags: new Set<string>(), limit: 1, leaseMs: 60_000, now };
    assert.equal((await site.store.queue.claim(request)).length, 1);
  },
);
