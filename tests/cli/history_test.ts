import assert from "node:assert/strict";
import { json, run, shape } from "./_cli.ts";
import { onEachReach, type OpenReached, type Reached } from "./_reach.ts";

const CREATE = ["jobs", "create", "--name", "Backup", "--script", "a.sh", "--schedule", "daily at 09:00"];

async function openJobs(open: OpenReached): Promise<Reached> {
  const site = await open();
  await site.script("a.sh", "true");
  return site;
}

async function idsOf(args: readonly string[], site: Reached): Promise<readonly number[]> {
  const jobs = await json(["jobs", "list", ...args], site);
  assert.ok(Array.isArray(jobs));
  return jobs.map(({ id }) => id);
}

onEachReach(
  "jobs create and edit take a key and labels; other edits keep them; empty ones take them away",
  async (open) => {
    await using site = await openJobs(open);
    const created = Object(
      await json([...CREATE, "--key", "nightly-backup", "--label", "Nightly", "--label", "  month   end"], site),
    );
    assert.deepEqual([created.key, created.labels, created.managed_by], [
      "nightly-backup",
      ["month end", "nightly"],
      null,
    ]);
    const renamed = Object(await json(["jobs", "edit", "1", "--name", "Other"], site));
    assert.deepEqual([renamed.key, renamed.labels], [created.key, created.labels]);
    const edited = Object(await json(["jobs", "edit", "1", "--key", "b.2", "--label", "eu"], site));
    assert.deepEqual([edited.key, edited.labels], ["b.2", ["eu"]]);
    const bare = Object(await json(["jobs", "edit", "1", "--key", "", "--no-labels"], site));
    assert.deepEqual([bare.key, bare.labels], [null, []]);
  },
);

const wrong: readonly (readonly [what: string, flags: readonly string[], message: RegExp])[] = [
  ["a key in capitals", ["--key", "Backup"], /--key: found "Backup", expected 1 to 100 lower-case letters/],
  ["a key that would be an id", ["--key", "12"], /--key: found "12", which would be an id/],
  [
    "a label with a comma",
    ["--label", "a,b"],
    /--label: found the label "a,b", expected at most 50 characters, without/,
  ],
  ["a label without end", ["--label", "x".repeat(51)], /--label: found the label "x+", expected at most 50/],
];
for (const [what, flags, message] of wrong) {
  onEachReach(`jobs create refuses ${what} and names its flag`, async (open) => {
    await using site = await openJobs(open);
    const { code, stderr } = await run([...CREATE, ...flags], site);
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

onEachReach("jobs create refuses the key of another job and names that job's id", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--key", "backup"], site);
  const { code, stderr } = await run([...CREATE, "--key", "backup"], site);
  assert.deepEqual([code, stderr], [
    2,
    'jobctl: --key: found "backup", which job 1 has already; expected one of its own\n',
  ]);
});

const NAMING: readonly (readonly string[])[] = [
  ["jobs", "show"],
  ["jobs", "edit", "--priority", "1"],
  ["jobs", "pause"],
  ["jobs", "resume"],
  ["jobs", "run"],
  ["jobs", "why"],
  ["jobs", "history"],
  ["jobs", "rollback", "--to", "1"],
  ["jobs", "backfill", "--from", "2026-01-01", "--to", "2026-01-01", "--dry-run"],
  ["runs", "list", "--job"],
  ["jobs", "delete", "--yes"],
];
for (const command of NAMING) {
  const words = command.join(" ");

  onEachReach(`${words} takes a job's id, key or exact name, and refuses a name that several have`, async (open) => {
    await using site = await openJobs(open);
    await json([...CREATE, "--key", "nightly", "--schedule", "every 1h"], site);
    for (const _ of ["2", "3"]) await json([...CREATE, "--name", "Same"], site);
    for (const name of ["nightly", "Backup", "1"]) {
      if (command.includes("delete") && name !== "1") {
        const { code } = await run(["jobs", "show", name], site);
        assert.equal(code, 0);
        continue;
      }
      const { code, stderr } = await run([...command, name, ...(words === "jobs run" ? ["--force"] : [])], site);
      assert.equal(code, 0, stderr);
    }
    const unknown = await run([...command, "backup"], site);
    assert.deepEqual([unknown.code, unknown.stderr], [
      5,
      'jobctl: There is no job with the id, key or name "backup"\n',
    ]);
    const ambiguous = await run([...command, "Same"], site);
    const field = words.startsWith("runs") ? "--job" : "job";
    assert.deepEqual([ambiguous.code, ambiguous.stderr], [
      2,
      `jobctl: ${field}: found "Same", the name of several jobs (2, 3); expected the id or the key of one\n`,
    ]);
  });
}

onEachReach("digits are an id, though a job has them as its name, and a key comes before a name", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--name", "2"], site);
  await json([...CREATE, "--name", "nightly"], site);
  await json([...CREATE, "--key", "nightly"], site);
  const shown = async (name: string) => Object(await json(["jobs", "show", name], site)).id;
  assert.deepEqual([await shown("2"), await shown("nightly")], [2, 3]);
  for (const none of ["9", "0", "007"]) assert.equal((await run(["jobs", "show", none], site)).code, 5, none);
});

onEachReach("jobs list --label shows the jobs that have all the labels, however they are typed", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--label", "eu", "--label", "nightly"], site);
  await json([...CREATE, "--label", "eu"], site);
  await json(CREATE, site);
  assert.deepEqual(await idsOf(["--label", "EU"], site), [1, 2]);
  assert.deepEqual(await idsOf(["--label", "eu", "--label", "Nightly "], site), [1]);
  assert.deepEqual(await idsOf(["--label", "none"], site), []);
  const { code, stderr } = await run(["jobs", "list", "--label", " "], site);
  assert.deepEqual([code, stderr], [2, 'jobctl: --label: found " ", expected a label\n']);
});

onEachReach("jobs history tells who changed what when, field by field, also of a deleted job", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--env", "A=1"], site);
  await json(["jobs", "edit", "1", "--schedule", "daily at 10:00", "--priority", "5", "--label", "eu"], site);
  await json(["jobs", "pause", "1", "--note", "moving"], site);
  await json(["jobs", "rollback", "1", "--to", "1"], site);
  await json(["jobs", "delete", "1", "--yes"], site);
  const { actor } = site;
  const said = shape(await json(["jobs", "history", "1"], site));
  assert.ok(Array.isArray(said));
  const change = (field: string, before: unknown, after: unknown) => ({ field, before, after });
  assert.ok(said.every(({ damage }) => damage === null));
  assert.deepEqual(said.map(({ definition: _, damage: __, ...entry }) => entry), [
    { revision: 5, at: "<instant>", actor, action: "deleted", note: null, to: null, changes: [] },
    {
      ...{ revision: 4, at: "<instant>", actor, action: "rolled_back", note: null, to: 1 },
      changes: [
        change("labels", ["eu"], []),
        change("schedule", "daily at 10:00", "daily at 09:00"),
        change("priority", 5, 0),
      ],
    },
    { revision: 3, at: "<instant>", actor, action: "paused", note: "moving", to: null, changes: [] },
    {
      ...{ revision: 2, at: "<instant>", actor, action: "edited", note: null, to: null },
      changes: [
        change("labels", [], ["eu"]),
        change("schedule", "daily at 09:00", "daily at 10:00"),
        change("priority", 0, 5),
      ],
    },
    { revision: 1, at: "<instant>", actor, action: "created", note: null, to: null, changes: null },
  ]);
  const { name, script, schedule, env, labels } = said[1].definition;
  assert.deepEqual([name, script, schedule, env, labels], ["Backup", "a.sh", "daily at 09:00", { A: "1" }, []]);

  const { stdout } = await run(["jobs", "history", "1"], site);
  const lines = stdout.replace(/\d{4}-\S+Z/g, "<instant>").replaceAll(`\t${actor.name}\t`, "\t<actor>\t").split("\n");
  assert.deepEqual(lines, [
    "5\t<instant>\t<actor>\tdeleted\t",
    '4\t<instant>\t<actor>\trolled back to 1\tlabels: ["eu"] → []; schedule: daily at 10:00 → daily at 09:00; priority: 5 → 0',
    "3\t<instant>\t<actor>\tpaused: moving\t",
    '2\t<instant>\t<actor>\tedited\tlabels: [] → ["eu"]; schedule: daily at 09:00 → daily at 10:00; priority: 0 → 5',
    "1\t<instant>\t<actor>\tcreated\t",
    "",
  ]);
  const page = await json(["jobs", "history", "1", "--before", "4", "--limit", "1"], site);
  assert.deepEqual([Object(page)[0].revision, Object(page).length], [3, 1]);
  assert.equal((await run(["jobs", "history", "9"], site)).code, 5);
});

onEachReach("jobs rollback refuses a revision that is not there, and a job that was changed since", async (open) => {
  await using site = await openJobs(open);
  await json(CREATE, site);
  await json(["jobs", "edit", "1", "--name", "New"], site);
  const none = await run(["jobs", "rollback", "1", "--to", "3"], site);
  assert.deepEqual([none.code, none.stderr], [5, "jobctl: Job 1 has no revision 3\n"]);
  const late = await run(["jobs", "rollback", "1", "--to", "1", "--revision", "1"], site);
  assert.equal(late.code, 6);
  assert.match(late.stderr, /the change was made on revision 1, it is at 2 by now/);
  const back = Object(await json(["jobs", "rollback", "1", "--to", "1", "--revision", "2"], site));
  assert.deepEqual([back.name, back.revision], ["Backup", 3]);
});

onEachReach("jobs rollback refuses a definition if another job has its key by now", async (open) => {
  await using site = await openJobs(open);
  await json([...CREATE, "--key", "backup"], site);
  await json(["jobs", "edit", "1", "--key", "old"], site);
  await json([...CREATE, "--key", "backup"], site);
  const { code, stderr } = await run(["jobs", "rollback", "1", "--to", "1"], site);
  assert.equal(code, 2);
  assert.match(stderr, /key: found "backup", which job 2 has already/);
  assert.equal(Object(await json(["jobs", "show", "1"], site)).revision, 2);
});

onEachReach(
  "jobs bulk changes all that match, says what was refused, and undo takes the last edit back",
  async (open) => {
    await using site = await openJobs(open);
    for (const name of ["A", "B", "C"]) {
      await run([...CREATE, "--name", name, ...name === "C" ? [] : ["--label", "nightly"]], site);
    }
    const paused = await run(["jobs", "bulk", "pause", "label:nightly", "--note", "disk move"], site);
    assert.deepEqual([paused.stdout, paused.code], ["2 of 2 jobs paused\n", 0]);
    assert.deepEqual(await idsOf(["state:paused"], site), [1, 2]);
    assert.equal((await run(["jobs", "bulk", "resume", "--label", "nightly"], site)).stdout, "2 of 2 jobs resumed\n");
    assert.equal((await run(["jobs", "pause", "--label", "nightly"], site)).stdout, "2 of 2 jobs paused\n");
    assert.equal(
      (await run(["jobs", "resume", "label:nightly", "state:paused"], site)).stdout,
      "2 of 2 jobs resumed\n",
    );
    for (
      const wrong of [["pause"], ["pause", "A", "B"], ["resume", "label:nightly", "A"], ["run", "job:c", "--wait"]]
    ) {
      const { code, stderr } = await run(["jobs", ...wrong], site);
      assert.equal(code, 2, stderr);
    }
    assert.deepEqual(await idsOf(["state:paused"], site), []);
    assert.equal((await run(["jobs", "bulk", "label", "--all", "--add", "eu", "--remove", "nightly"], site)).code, 0);
    assert.deepEqual(await idsOf(["label:eu"], site), [1, 2, 3]);
    assert.equal((await run(["jobs", "run", "job:c"], site)).stdout, "1 of 1 jobs started\n");
    const started = await run(["jobs", "bulk", "run", "--all", "--key", "k1"], site);
    assert.deepEqual([started.stdout, started.code], ["2 of 3 jobs started, 1 refused\n", 1]);
    assert.match(started.stderr, /^job 3 "C": .*earlier run/m);
    assert.equal((await run(["jobs", "bulk", "run", "--all", "--key", "k1"], site)).stdout, started.stdout);
    const other = await run(["jobs", "bulk", "resume", "--all", "--key", "k1"], site);
    assert.deepEqual([other.code, other.stderr.startsWith("jobctl: --key: this key was used for another")], [2, true]);
    assert.equal((await run(["jobs", "bulk", "pause"], site)).code, 2);
    assert.equal((await run(["jobs", "bulk", "delete", "job:c"], site)).code, 2);
    assert.equal((await run(["jobs", "bulk", "delete", "job:c", "--yes"], site)).stdout, "1 of 1 jobs deleted\n");
    const undone = Object(await json(["jobs", "undo", "1"], site));
    assert.deepEqual(undone.labels, ["nightly"]);
    assert.equal((await run(["jobs", "undo", "1", "--revision", "2"], site)).code, 6);
  },
);

onEachReach("jobs views keeps filters under their names", async (open) => {
  await using site = await openJobs(open);
  assert.equal((await run(["jobs", "views", "save", "Nights", "label:nightly", "state:failing"], site)).code, 0);
  assert.deepEqual((await run(["jobs", "views", "list", "-o", "name"], site)).stdout, "Nights\n");
  assert.equal((await run(["jobs", "views", "save", "Nights", "colour:red"], site)).code, 2);
  assert.equal((await run(["jobs", "views", "delete", "Nights"], site)).code, 0);
  assert.equal((await run(["jobs", "views", "delete", "Nights"], site)).code, 5);
});
