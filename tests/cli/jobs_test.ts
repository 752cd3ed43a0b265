import assert from "node:assert/strict";
import { epochMs } from "../../shared/domain/mod.ts";
import { decideDue } from "../../shared/policy/mod.ts";
import { json, run, type Said, shape } from "./_cli.ts";
import { onEachReach, type OpenReached, type Reached } from "./_reach.ts";

const CREATE = ["jobs", "create", "--name", "Backup", "--script", "a.sh", "--schedule", "daily at 09:00"];

async function openJobs(open: OpenReached): Promise<Reached> {
  const site = await open();
  await site.script("a.sh", "true");
  return site;
}

function fails({ code, stdout, stderr }: Said, expected: number, message: RegExp): void {
  assert.equal(code, expected, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, message);
}

const JOB = {
  id: 1,
  name: "Backup",
  key: null,
  managed_by: null,
  labels: [],
  script_path: "a.sh",
  script_args: ["x", "--force"],
  schedule: "daily at 09:00",
  schedule_json: { kind: "daily", time: "09:00" },
  timezone: "Asia/Hong_Kong",
  is_active: true,
  paused_note: null,
  next_run: "<instant>",
  last_dispatched_at: null,
  revision: 1,
  timeout: 60,
  max_retries: 0,
  retry_base: 10,
  retry_cap: 3600,
  misfire: "run_latest",
  misfire_grace: 60,
  misfire_limit: 100,
  catchup_window: null,
  overlap: "skip",
  spread: 0,
  starts_at: null,
  ends_at: null,
  priority: 0,
  tags: [],
  concurrency_key: null,
  concurrency_limit: null,
  dst: { gap: "after", fold: "first" },
  env: { LEVEL: "a=b" },
  created_at: "<instant>",
  damage: null,
  updated_at: "<instant>",
};

onEachReach("jobs create prints the job with its id and next run, and show and list print the same", async (open) => {
  await using site = await openJobs(open);
  const flags = ["--arg", "x", "--arg=--force", "--timeout", "60", "--max-retries", "0", "--env", "LEVEL=a=b"];
  const created = await json([...CREATE, ...flags, "--timezone", "asia/hong_kong"], site);
  assert.deepEqual(shape(created), JOB);
  assert.match(JSON.stringify(created), /"next_run":"\d{4}-\d\d-\d\dT01:00:00Z"/);
  assert.deepEqual(await json(["jobs", "show", "1"], site), created);
  assert.deepEqual(await json(["jobs", "list"], site), [
    { ...Object(created), last_run: null, failure: null, recent_runs: [] },
  ]);
});

onEachReach("jobs create takes the JSON form of a schedule, and arguments that look like options", async (open) => {
  await using site = await openJobs(open);
  const schedule = '{"kind":"interval","everySeconds":10}';
  const args = ["--arg", "--help", "--arg", "-x", "--arg", "--", "--arg", "$(id); `id`"];
  const job = await json(["jobs", "create", "--name", "-x", "--script", "a.sh", "--schedule", schedule, ...args], site);
  assert.deepEqual(shape(job), {
    ...JOB,
    name: "-x",
    script_args: ["--help", "-x", "--", "$(id); `id`"],
    schedule: "every 10s",
    schedule_json: { kind: "interval", everySeconds: 10 },
    timeout: null,
    max_retries: null,
    env: {},
  });
});

onEachReach(
  "jobs create keeps a name with markup, takes what is not seen out of it, and prints nothing that steers a terminal",
  async (open) => {
    await using site = await openJobs(open);
    const name = "<b>\u202eN</b> 備份";
    assert.equal(Object(await json([...CREATE, "--name", name], site)).name, "<b>N</b> 備份");
    const { stdout } = await run(["jobs", "list"], { ...site, isTerminal: true });
    assert.match(stdout, /<b>N<\/b> 備份 {2}active/);
  },
);

onEachReach("jobs create takes seconds and units for each duration, and keeps seconds", async (open) => {
  await using site = await openJobs(open);
  const flags = ["--timeout", "1h30m", "--retry-base", "90", "--retry-cap", "2 hours", "--misfire-grace", "5m"];
  const job = Object(await json([...CREATE, ...flags, "--catchup-window", "2d", "--spread", "1.5m"], site));
  assert.deepEqual(
    [job.timeout, job.retry_base, job.retry_cap, job.misfire_grace, job.catchup_window, job.spread],
    [5_400, 90, 7_200, 300, 172_800, 90],
  );
});

const wrong: readonly (readonly [what: string, flags: readonly string[], message: RegExp])[] = [
  ["an unknown kind", ["--schedule", "dayly at 9"], /--schedule: .*unknown kind "dayly", did you mean "daily"\?/],
  ["an unknown zone", ["--timezone", "Asia/HongKong"], /--timezone: .*did you mean "Asia\/Hong_Kong"\?/],
  ["a cron field out of range", ["--schedule", "cron 61 * * * *"], /--schedule: .*minute is "61", it must be 0 to 59/],
  ["an interval of 0", ["--schedule", "every 0s"], /--schedule: .*"0s" is not an interval/],
  [
    "an interval of 0 in JSON",
    ["--schedule", '{"kind":"interval","everySeconds":0}'],
    /--schedule: .*everySeconds is 0/,
  ],
  ["broken JSON", ["--schedule", '{"kind":'], /--schedule: Cannot parse as JSON/],
  ["a script outside its directories", ["--script", "../a.sh"], /--script: .*must not contain "\.\."/],
  ["an absolute script", ["--script", "/etc/passwd"], /--script: .*must not be absolute/],
  ["a script that is missing", ["--script", "b.sh"], /--script: .*no such file.*did you mean "a\.sh"\?/],
  ["an empty name", ["--name", "  "], /--name: a job needs a name/],
  ["a name with a line break", ["--name", "a\nb"], /--name: no control characters/],
  ["a name without end", ["--name", "x".repeat(201)], /--name: at most 200 characters/],
  ["a time limit of 0", ["--timeout", "0"], /--timeout: found "0", expected a whole number of seconds from 1/],
  ["a time limit that is no duration", ["--timeout", "soon"], /found "soon", .* or a duration such as 5m or 1h30m/],
  ["a time limit of half a second", ["--timeout", "0.5"], /found "0.5", expected a whole number of seconds/],
  ["a spread of more than a day", ["--spread", "25h"], /--spread: found "25h", .* from 0 to 86400/],
  ["negative retries", ["--max-retries", "-1"], /--max-retries: found "-1", expected a whole number of retries from 0/],
  ["a variable without a value", ["--env", "LEVEL"], /--env: found "LEVEL", expected NAME=value/],
  ["a variable that steers the linker", ["--env", "LD_PRELOAD=x"], /--env: LD_PRELOAD cannot be declared/],
  ["an unknown policy", ["--dst-fold", "third"], /--dst-fold: found "third", expected first, second or both/],
];
for (const [what, flags, message] of wrong) {
  onEachReach(`jobs create refuses ${what} with exit code 2 and makes nothing`, async (open) => {
    await using site = await openJobs(open);
    fails(await run([...CREATE, ...flags, "--json"], site), 2, message);
    assert.deepEqual(await json(["jobs", "list"], site), []);
  });
}

onEachReach("jobs create names everything that is missing at once, a line each", async (open) => {
  await using site = await openJobs(open);
  const { code, stderr } = await run(["jobs", "create"], site);
  assert.equal(code, 2);
  assert.deepEqual(stderr.trim().split("\n").map((line) => line.split(":")[1]?.trim()), [
    "--name",
    "--script",
    "--schedule",
  ]);
});

onEachReach("jobs edit changes what is given and leaves the rest", async (open) => {
  await using site = await openJobs(open);
  const flags = ["--arg", "x", "--env", "A=1", "--dst-fold", "both", "--timeout", "60"];
  const before = Object(await json([...CREATE, ...flags], site));
  const after = await json(["jobs", "edit", "1", "--name", "Other", "--dst-gap", "skip"], site);
  assert.deepEqual(after, {
    ...before,
    name: "Other",
    dst: { gap: "skip", fold: "both" },
    revision: 2,
    updated_at: Object(after).updated_at,
  });
  const bare = Object(await json(["jobs", "edit", "1", "--no-args", "--no-env", "--timeout", ""], site));
  assert.deepEqual([bare.script_args, bare.env, bare.timeout, bare.name], [[], {}, null, "Other"]);
});

onEachReach("jobs edit leaves the next run of an interval alone unless its schedule changes", async (open) => {
  await using site = await openJobs(open);
  const before = Object(await json([...CREATE, "--schedule", "every 1h"], site));
  const renamed = Object(await json(["jobs", "edit", "1", "--name", "Other"], site));
  assert.equal(renamed.next_run, before.next_run);
  const moved = Object(await json(["jobs", "edit", "1", "--schedule", "every 2h"], site));
  assert.ok(moved.next_run > before.next_run);
});

onEachReach("jobs edit of a revision that has passed is a conflict, and loses nothing", async (open) => {
  await using site = await openJobs(open);
  await json(CREATE, site);
  await json(["jobs", "edit", "1", "--revision", "1", "--name", "First"], site);
  fails(
    await run(["jobs", "edit", "1", "--revision", "1", "--name", "Second"], site),
    6,
    /^jobctl: Cannot change job 1: the change was made on revision 1, it is at 2 by now\n$/,
  );
  assert.equal(Object(await json(["jobs", "show", "1"], site)).name, "First");
});

onEachReach("jobs edit without a change is wrong use", async (open) => {
  await using site = await openJobs(open);
  await json(CREATE, site);
  fails(await run(["jobs", "edit", "1"], site), 2, /nothing to change was given/);
  assert.equal(Object(await json(["jobs", "show", "1"], site)).revision, 1);
});

onEachReach("jobs pause and resume say why and when next", async (open) => {
  await using site = await openJobs(open);
  const created = Object(await json(CREATE, site));
  const paused = Object(await json(["jobs", "pause", "1", "--note", "holiday"], site));
  assert.deepEqual([paused.is_active, paused.paused_note, paused.next_run], [false, "holiday", null]);
  assert.deepEqual(Object(await json(["jobs", "list", "--state", "active"], site)), []);
  const resumed = Object(await json(["jobs", "resume", "1"], site));
  assert.deepEqual([resumed.is_active, resumed.paused_note, resumed.next_run], [true, null, created.next_run]);
});

onEachReach("jobs pause says how many runs wait, and cancels them with --cancel-waiting", async (open) => {
  await using site = await openJobs(open);
  await json(CREATE, site);
  for (const _ of [1, 2]) assert.equal((await run(["jobs", "run", "1", "--force"], site)).code, 0);
  const paused = await run(["jobs", "pause", "1"], site);
  assert.equal(paused.code, 0);
  assert.equal(paused.stdout, 'job 1 "Backup" paused\n');
  assert.equal(
    paused.stderr,
    "2 runs wait and start all the same; to cancel: jobctl jobs pause 1 --cancel-waiting\n",
  );
  const cancelled = await run(["jobs", "pause", "1", "--cancel-waiting"], site);
  assert.deepEqual([cancelled.code, cancelled.stderr], [0, ""]);
  assert.equal(cancelled.stdout, 'job 1 "Backup" paused, 2 waiting runs cancelled\n');
  const { is_active, waiting_runs, cancelled_runs } = Object(await json(["jobs", "pause", "1"], site));
  assert.deepEqual([is_active, waiting_runs, cancelled_runs], [false, 0, 0]);
  const runs = Object(await json(["runs", "list"], site));
  assert.deepEqual(runs.map(({ error_message }: { error_message: string }) => error_message), [
    "Cancelled when its job was paused",
    "Cancelled when its job was paused",
  ]);
});

onEachReach("jobs delete makes a job unknown", async (open) => {
  await using site = await openJobs(open);
  await json(CREATE, site);
  assert.deepEqual(await json(["jobs", "delete", "1", "--yes"], site), { id: 1, result: "deleted" });
  fails(await run(["jobs", "delete", "1", "--yes"], site), 5, /^jobctl: There is no job 1\n$/);
});

for (const command of ["show", "pause", "resume", "run", "delete"]) {
  onEachReach(`jobs ${command} of a job that is not there ends with exit code 5`, async (open) => {
    await using site = await openJobs(open);
    fails(await run(["jobs", command, "7"], site), 5, /^jobctl: .*\b7\b.*\n$/);
  });
}

onEachReach("jobs edit of a job that is not there ends with exit code 5", async (open) => {
  await using site = await openJobs(open);
  fails(await run(["jobs", "edit", "7", "--name", "x"], site), 5, /^jobctl: There is no job 7\n$/);
});

onEachReach("jobs list goes on where a page ended", async (open) => {
  await using site = await openJobs(open);
  for (const name of ["a", "b", "c"]) await json([...CREATE, "--name", name], site);
  const first = await run(["jobs", "list", "--limit", "2", "--json"], site);
  assert.deepEqual(JSON.parse(first.stdout).map(({ name }: { name: string }) => name), ["a", "b"]);
  const cursor = /^There are more: --cursor (\S+)\n$/.exec(first.stderr)?.[1] ?? "";
  const rest = Object(await json(["jobs", "list", "--limit", "2", "--cursor", cursor], site));
  assert.deepEqual(rest.map(({ name }: { name: string }) => name), ["c"]);
});

onEachReach("jobs list is plain text with tabs when piped, and a table in local time on a terminal", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--name", "備份"], site);
  await json([...CREATE, "--name", "Long name", "--schedule", "manual"], site);
  const piped = await run(["jobs", "list"], site);
  assert.match(
    piped.stdout,
    /^2\tLong name\tactive\tmanual\tAsia\/Hong_Kong\t-\t-\n1\t備份\tactive\tdaily at 09:00\tAsia\/Hong_Kong\t[\d-]+T01:00:00Z\t-\n$/,
  );
  const table = (await run(["jobs", "list"], { ...site, isTerminal: true })).stdout.split("\n");
  assert.match(table[0] ?? "", /^ID {2}NAME {7}STATE {3}SCHEDULE {8}ZONE/);
  assert.match(table[1] ?? "", /^2 {3}Long name {2}active {2}manual/);
  assert.match(
    table[2] ?? "",
    /^1 {3}備份 {7}active {2}daily at 09:00 {2}Asia\/Hong_Kong {2}[\d-]+ 09:00:00 Asia\/Hong_Kong/,
  );
});

onEachReach("jobs show and jobs why say that the next run is later than the schedule says", async (open) => {
  await using site = await openJobs(open);
  await json(CREATE, site);
  assert.doesNotMatch((await run(["jobs", "show", "1"], site)).stdout, /later than the schedule/);
  const now = epochMs(Date.now() + 400 * 86_400_000);
  await site.store.scheduling.dispatchDue({ now, limit: 1, lockMs: 1000, decide: (due) => decideDue({ ...due, now }) });
  for (const command of ["show", "why"]) {
    assert.match((await run(["jobs", command, "1"], site)).stdout, /Next run is later than the schedule says/);
  }
});
