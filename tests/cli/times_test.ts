import assert from "node:assert/strict";
import { z } from "zod";
import { json, run } from "./_cli.ts";
import { onEachReach } from "./_reach.ts";

const tally = z.looseObject({ ended: z.number(), failed: z.number(), success_rate: z.number().nullable() });

onEachReach("timeline says what will run in a range, and stats what has ended", async (open) => {
  await using site = await open();
  await site.script("a.sh", "true");
  const create = (name: string, schedule: string) =>
    json(["jobs", "create", "--name", name, "--script", "a.sh", "--timezone", "UTC", "--schedule", schedule], site);
  await create("Nightly", "daily at 02:00");
  await create("Often", "every 1m");
  await create("Never", "manual");
  const range = ["--from", "2040-01-01T01:00Z", "--to", "2040-01-01T04:00Z"];
  const { code, stdout, stderr } = await run(["timeline", ...range], site);
  assert.deepEqual([code, stderr], [0, ""], stdout);
  assert.match(
    stdout,
    /^1\tNightly\t0\t0\t1\t2040-01-01T02:00:00Z\t2040-01-01T02:00:00Z\n2\tOften\t0\t0\t180\t/m,
  );
  assert.doesNotMatch(stdout, /Never/);
  const wrong = await run(["timeline", "--from", "2040-01-02T00:00Z", "--to", "2040-01-01T00:00Z"], site);
  assert.deepEqual([wrong.code, wrong.stderr], [2, "jobctl: --to: must be after the beginning\n"]);

  const { stdout: id } = await run(["jobs", "run", "3", "-o", "name"], site);
  await json(["runs", "cancel", id.trim()], site);
  while (await site.store.statistics.rollUp({ limit: 100 }) > 0);
  const { total, hosts } = z.looseObject({ total: tally, hosts: z.array(tally).nullable() }).parse(
    await json(["stats"], site),
  );
  assert.deepEqual([total.ended, total.failed, total.success_rate, hosts], [1, 0, null, []]);
  assert.match((await run(["stats", "--by", "time", "--range", "7d"], site)).stdout, /\d{4}-\d\d-\d\d\t-\t1\t0\t/);
  const hidden = await run(["stats", "--by", "host", "--label", "eu"], site);
  assert.equal(hidden.code, 2);
});
