import assert from "node:assert/strict";
import { epochMs, workerId } from "../../shared/domain/mod.ts";
import { decideDue } from "../../shared/policy/mod.ts";
import { json, run } from "./_cli.ts";
import { onEachReach, type OpenReached, type Reached } from "./_reach.ts";

const CREATE = ["jobs", "create", "--name", "Backup", "--script", "a.sh", "--schedule", "hourly at :00"];
const UTC = { DISPLAY_TIMEZONE: "UTC" };

async function openJobs(open: OpenReached): Promise<Reached> {
  const site = await open(UTC);
  await site.script("a.sh", "true");
  return site;
}

/** A flag, its value, the field it is in the JSON form, and how the job shows it. */
const flags: readonly (readonly [flag: string, value: string, field: string, found: unknown, told: RegExp])[] = [
  ["--max-retries", "2", "max_retries", 2, /2 times/],
  ["--retry-base", "5", "retry_base", 5, /5 s/],
  ["--retry-cap", "7", "retry_cap", 7, /7 s/],
  ["--misfire", "run_all", "misfire", "run_all", /run_all/],
  ["--misfire-grace", "90", "misfire_grace", 90, /90 s|1 min 30 s/],
  ["--misfire-limit", "7", "misfire_limit", 7, /misfire/],
  ["--catchup-window", "7200", "catchup_window", 7200, /2 h/],
  ["--overlap", "queue_one", "overlap", "queue_one", /queue_one/],
  ["--spread", "60", "spread", 60, /1 min|60 s/],
  ["--starts-at", "2026-12-01 09:00", "starts_at", "2026-12-01T09:00:00.000Z", /2026-12-01 09:00:00 UTC/],
  ["--ends-at", "2099-12-01T09:00:00+08:00", "ends_at", "2099-12-01T01:00:00.000Z", /2099-12-01 01:00:00 UTC/],
  ["--priority", "-5", "priority", -5, /-5|priority/],
  ["--tag", "gpu", "tags", ["gpu"], /gpu/],
  ["--concurrency-key", "db", "concurrency_key", "db", /db/],
];
for (const [flag, value, field, found, told] of flags) {
  onEachReach(`jobs create ${flag} sets a policy, jobs show tells it`, async (open) => {
    await using site = await openJobs(open);
    const job = Object(await json([...CREATE, `${flag}=${value}`], site));
    assert.deepEqual(job[field], found);
    assert.match((await run(["jobs", "show", "1"], site)).stdout, told);
  });
}

const nonsense: readonly (readonly [flag: string, value: string])[] = [
  ["--retry-base", "-1"],
  ["--retry-cap", "soon"],
  ["--misfire", "never"],
  ["--misfire-grace", "0"],
  ["--misfire-limit", "1001"],
  ["--catchup-window", "x"],
  ["--overlap", "both"],
  ["--spread", "1e9"],
  ["--starts-at", "tomorrow"],
  ["--starts-at", "02:00"],
  ["--ends-at", "2026-13-01"],
  ["--priority", "high"],
  ["--tag", "a b"],
  ["--concurrency-key", "a b"],
  ["--concurrency-limit", "0"],
];
for (const [flag, value] of nonsense) {
  onEachReach(`jobs create ${flag} ${value} is refused by name, and nothing is made`, async (open) => {
    await using site = await openJobs(open);
    const { code, stdout, stderr } = await run([...CREATE, "--concurrency-key=k", `${flag}=${value}`], site);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, new RegExp(`${flag}: `));
    assert.deepEqual((await site.store.jobs.list({ limit: 10 })).items, []);
  });
}

onEachReach("an edit changes what it is given and nothing else", async (open) => {
  await using site = await openJobs(open);
  const all = flags.map(([flag, value]) => `${flag}=${value}`);
  const before = Object(await json([...CREATE, ...all, "--concurrency-limit", "3", "--tag", "eu"], site));
  assert.deepEqual([before.tags, before.concurrency_limit], [["eu", "gpu"], 3]);
  const after = Object(await json(["jobs", "edit", "1", "--priority", "9"], site));
  assert.deepEqual(after, { ...before, priority: 9, revision: 2, updated_at: after.updated_at });
  const emptied = ["--starts-at=", "--ends-at=", "--overlap=", "--concurrency-key=", "--no-tags", "--max-retries="];
  const bare = Object(await json(["jobs", "edit", "1", ...emptied], site));
  assert.deepEqual(
    [
      bare.starts_at,
      bare.ends_at,
      bare.overlap,
      bare.concurrency_key,
      bare.concurrency_limit,
      bare.tags,
      bare.max_retries,
    ],
    [null, null, "skip", null, null, [], null],
  );
  assert.equal(bare.priority, 9);
});

onEachReach("jobs show warns of missed times that would not run", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--misfire", "run_all"], site);
  assert.match((await run(["jobs", "show", "1"], site)).stdout, /Note: .*queue_all/);
});

onEachReach("jobs show tells times in the job's zone, in which they were given", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--timezone", "Asia/Hong_Kong", "--starts-at", "2026-12-01 09:00"], site);
  assert.match(
    (await run(["jobs", "show", "1"], site)).stdout,
    /Before 2026-12-01 09:00:00 Asia\/Hong_Kong it is never/,
  );
});

onEachReach("jobs why explains a minute of the past, and what a job does now", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--timezone", "UTC"], site);
  const job = (await site.store.jobs.list({ limit: 1 })).items[0];
  assert.ok(job?.nextRun != null);
  const due = job.nextRun;
  // Later than the grace after the third time, so that the latest of those missed is made up for.
  const at = epochMs(due + 9_000_000);
  await site.store.scheduling.dispatchDue({
    now: at,
    limit: 9,
    lockMs: 1000,
    decide: (it) => decideDue({ ...it, now: at }),
  });
  const time = new Date(due).toISOString();
  const why = await run(["jobs", "why", "1", "--at", time.slice(0, 16).replace("T", " ")], site);
  assert.equal(why.code, 0);
  assert.match(why.stdout, /^It did not run at .* UTC: no scheduler was there in time/);
  assert.deepEqual(Object(await json(["jobs", "why", "1", "--at", time], site)).why, [why.stdout.trim()]);
  const [day = "", clock = ""] = new Date(due + 8 * 3_600_000).toISOString().slice(0, 16).split("T");
  const zone = ["--timezone", "asia/hong_kong"];
  const inHongKong = await run(["jobs", "why", "1", "--at", `${day} ${clock}`, ...zone], site);
  assert.match(inHongKong.stdout, new RegExp(`^It did not run at ${day} ${clock}:00 Asia/Hong_Kong: no scheduler`));
  const nowhere = await run(["jobs", "why", "1", "--timezone", "Mars"], site);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /^jobctl: --timezone: /);
  assert.match(
    (await run(["jobs", "why", "1"], site)).stdout,
    /Run 1 is for .*run_latest.* It waits for its time/,
  );
  const wrong = await run(["jobs", "why", "1", "--at", "noonish"], site);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--at: found "noonish", expected a time such as 2026-11-24 02:00/);
});

onEachReach("jobs backfill lists what it would run, then writes it once", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--timezone", "UTC"], site);
  const range = ["jobs", "backfill", "1", "--from", "2026-11-01", "--to", "2026-11-01 03:00"];
  const times = ["00", "01", "02", "03"].map((hour) => `2026-11-01T${hour}:00:00Z`);
  assert.deepEqual(await json([...range, "--dry-run"], site), times);
  assert.deepEqual((await site.store.runs.list({ limit: 10 })).items, []);
  const key = ["--key", "again", "--at-once", "2"];
  assert.deepEqual(await json([...range, ...key], site), { id: "again", written: 4, present: 0 });
  assert.deepEqual(await json([...range, ...key], site), { id: "again", written: 0, present: 4 });
  const why = Object(await json(["jobs", "why", "1", "--at", "2026-11-01T02:00Z"], site)).why;
  assert.equal(why.length, 2);
  assert.match(why[0], /^There was no such job then/);
  assert.match(
    why[1],
    /^Run 3 is for 2026-11-01 02:00:00 UTC: it was backfilled, 2 at once \(backfill again of 2026-.* UTC\)\. It waits: no/,
  );
  const { stdout } = await run(["runs", "show", "1"], site);
  assert.match(stdout, /\nturn\tin backfill\/again, 2 at once\nbackfill\tagain, 2 at once\n/);
  const claims = await site.store.queue.claim({
    workerId: workerId("w"),
    tags: new Set(),
    limit: 9,
    leaseMs: 1000,
    now: epochMs(Date.now()),
  });
  assert.equal(claims.length, 2);
});

const ranges: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
  ["to come", ["--from", "2099-01-01", "--to", "2099-01-02"], /--from: it is yet to come/],
  ["backwards", ["--from", "2026-11-02", "--to", "2026-11-01"], /--to: it is before the beginning/],
  [
    "too long",
    ["--from", "2020-01-01", "--to", "2026-01-01"],
    /--to: there are [\d,]+ times until then, expected at most 1,000: narrow the range/,
  ],
  [
    "without a time",
    ["--from", "2026-11-01 00:10", "--to", "2026-11-01 00:20"],
    /--from: the job's schedule has no time/,
  ],
  [
    "under an empty key",
    ["--from", "2026-11-01", "--to", "2026-11-01", "--key", ""],
    /--key: found "", expected a text/,
  ],
  ["of nonsense", ["--from", "x", "--to", "y"], /--from: found "x".*--to: found "y"/s],
  ["of no runs at once", ["--from", "2026-11-01", "--to", "2026-11-01", "--at-once", "0"], /--at-once: found "0"/],
];
for (const [name, args, message] of ranges) {
  onEachReach(`jobs backfill refuses a range ${name}`, async (open) => {
    await using site = await openJobs(open);
    await json([...CREATE, "--timezone", "UTC"], site);
    const { code, stdout, stderr } = await run(["jobs", "backfill", "1", ...args], site);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
  });
}
