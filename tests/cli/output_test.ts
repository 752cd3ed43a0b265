import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { dispatchId, workerId } from "../../shared/domain/mod.ts";
import type { Site } from "../support/process.ts";
import { json, run, start } from "./_cli.ts";
import { onEachReach, type OpenReached, type Reached } from "./_reach.ts";

const LONG = "A job with a name that is much longer than a narrow terminal has columns for it";
const CREATE = ["jobs", "create", "--script", "a.sh", "--schedule", "manual"];

/** A site with a job that has a key, one that has none, and a run of the first. */
async function openJobs(open: OpenReached): Promise<Reached> {
  const site = await open();
  await site.script("a.sh", "true");
  await json([...CREATE, "--name", "Nightly", "--key", "nightly", "--label", "eu"], site);
  await json([...CREATE, "--name", LONG], site);
  await enterWorker(site);
  await json(["jobs", "run", "nightly"], site);
  return site;
}

/** Without a worker, `jobs run` warns. */
async function enterWorker({ store }: Site): Promise<void> {
  const identity = { hostname: "h", platform: "linux", processId: 1, version: "1", tags: [], concurrency: 1 };
  await store.workers.register({ ...identity, workerId: workerId("w") }, await store.now());
}

async function out(
  args: readonly string[],
  site: Site & { readonly isTerminal?: boolean },
  more = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(args, { ...site, ...more });
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

onEachReach("each change is answered in one line that names what it is about", async (open) => {
  await using site = await open();
  await site.script("a.sh", "true");
  await enterWorker(site);
  const next = "; next run \\d{4}-\\d\\d-\\d\\dT01:00:00Z";
  const daily = ["--schedule", "daily at 01:00", "--timezone", "UTC"];
  const answers: readonly (readonly [args: readonly string[], answer: RegExp])[] = [
    [[...CREATE, "--name", "A b", ...daily], new RegExp(`^job 1 "A b" created${next}\n$`)],
    [["jobs", "edit", "1", "--priority", "1"], new RegExp(`^job 1 "A b" edited${next}\n$`)],
    [["jobs", "run", "1"], /^run 1 of job 1 "A b" waits for a worker\n$/],
    [["runs", "cancel", "1"], /^run 1 cancelled\n$/],
    [["jobs", "pause", "1"], /^job 1 "A b" paused\n$/],
    [["jobs", "resume", "1"], new RegExp(`^job 1 "A b" resumed${next}\n$`)],
    [["jobs", "rollback", "1", "--to", "1"], new RegExp(`^job 1 "A b" rolled back to revision 1${next}\n$`)],
    [["jobs", "clone", "1"], new RegExp(`^job 2 "Copy of A b" created from job 1 "A b", paused\n$`)],
    [
      ["jobs", "backfill", "1", "--from", "2026-01-01", "--to", "2026-01-01", "--key", "k"],
      /^backfill k of job 1 "A b": 1 run written\n$/,
    ],
    [["jobs", "delete", "2", "--yes"], /^job 2 "Copy of A b" deleted\n$/],
  ];
  for (const [args, answer] of answers) assert.match(await out(args, site), answer);
});

onEachReach("jobs clone copies a job with all but its key, and changes what is given", async (open) => {
  await using site = await openJobs(open);
  await json(["jobs", "edit", "nightly", "--env", "A=1", "--dst-fold", "both", "--arg", "x"], site);
  const original = Object(await json(["jobs", "show", "nightly"], site));
  await json(["jobs", "pause", "nightly"], site);
  const copy = Object(await json(["jobs", "clone", "nightly", "--priority", "3", "--no-args"], site));
  assert.deepEqual(copy, {
    ...original,
    ...{ id: 3, name: "Copy of Nightly", key: null, priority: 3, script_args: [], revision: 1 },
    ...{ created_at: copy.created_at, updated_at: copy.updated_at, last_dispatched_at: null },
    // A copy that fires at once surprises.
    ...{ is_active: false, next_run: null },
  });
  assert.equal(Object(await json(["jobs", "clone", "nightly", "--name", "N", "--key", "n2"], site)).key, "n2");
  const taken = await run(["jobs", "clone", "nightly", "--key", "nightly"], site);
  assert.deepEqual([taken.code, taken.stderr], [
    2,
    'jobctl: --key: found "nightly", which job 1 has already; expected one of its own\n',
  ]);
});

const LISTS = [["jobs", "list"], ["runs", "list"], ["audit"], ["jobs", "show", "1"], ["runs", "show", "1"], [
  "jobs",
  "why",
  "1",
]];
for (const args of LISTS) {
  onEachReach(`jobctl ${args.join(" ")} -o json is --json, and -o yaml says the same`, async (open) => {
    await using site = await openJobs(open);
    const expected = await out([...args, "--json"], site);
    assert.equal(await out([...args, "-o", "json"], site), expected);
    assert.deepEqual(parse(await out([...args, "-o", "yaml"], site)), JSON.parse(expected));
  });
}

onEachReach("-o name prints the key, else the id, of each, in a line of its own", async (open) => {
  await using site = await openJobs(open);
  assert.equal(
    await out(["jobs", "list", "-o", "name"], site),
    "2\nnightly\n".split("\n").toSorted().join("\n").trim() + "\n",
  );
  assert.equal(await out(["runs", "list", "-o", "name"], site), "1\n");
  assert.equal(await out(["jobs", "pause", "1", "-o", "name", "--cancel-waiting"], site), "nightly\n");
  assert.equal(await out([...CREATE, "--name", "C", "-o", "name"], site), "3\n");
  const none = await run(["jobs", "why", "1", "-o", "name"], site);
  assert.deepEqual([none.code, none.stderr], [
    2,
    'jobctl: --output: found "name", but this has no names; expected json, yaml or wide\n',
  ]);
});

onEachReach("-o takes its forms alone, and not another one beside --json", async (open) => {
  await using site = await openJobs(open);
  const unknown = await run(["jobs", "list", "-o", "xml"], site);
  assert.deepEqual([unknown.code, unknown.stderr], [
    2,
    'jobctl: --output: found "xml", expected json, yaml, name or wide\n',
  ]);
  const both = await run(["jobs", "list", "-o", "yaml", "--json"], site);
  assert.deepEqual([both.code, both.stderr], [
    2,
    "jobctl: --json: cannot go together with -o yaml; expected one of the two\n",
  ]);
});

onEachReach(
  "a table fits the terminal by shortening its longest cells, and is whole when piped or wide",
  async (open) => {
    await using site = await openJobs(open);
    const narrow = { isTerminal: true, size: { columns: 72, rows: 24 } };
    const lines = (await out(["jobs", "list"], site, narrow)).trimEnd().split("\n");
    assert.ok(lines.every((line) => line.length <= 72), lines.join("\n"));
    assert.match(lines[1] ?? "", /^2 {3}A job with.*… +active {2}manual/);
    assert.match(lines[2] ?? "", /^1 {3}Nightly {2}/);
    assert.ok((await out(["jobs", "list"], site)).includes(LONG));
    const wide = (await out(["jobs", "list", "-o", "wide"], site, narrow)).split("\n");
    assert.ok(wide[1]?.includes(LONG));
    assert.match(wide[0] ?? "", /LAST RUN {2,}KEY {2,}LABELS {2,}SCRIPT {2,}REVISION {2,}UPDATED/);
    assert.match(await out(["jobs", "list", "-o", "wide"], site), /\tnightly\teu\ta\.sh\t1\t/);
  },
);

onEachReach("a very narrow terminal gets least widths, never an error", async (open) => {
  await using site = await openJobs(open);
  const { code } = await run(["jobs", "list"], { ...site, isTerminal: true, size: { columns: 5, rows: 2 } });
  assert.equal(code, 0);
});

const colors: readonly (readonly [what: string, args: readonly string[], surroundings: object, isColored: boolean])[] =
  [
    ["on a terminal", [], { isTerminal: true }, true],
    ["not when piped", [], {}, false],
    ["not with NO_COLOR", [], { isTerminal: true, noColor: true }, false],
    ["not with --color=never", ["--color=never"], { isTerminal: true }, false],
    ["with --color=always though piped", ["--color=always"], {}, true],
    ["with --color=always though NO_COLOR is set", ["--color=always"], { isTerminal: true, noColor: true }, true],
  ];
for (const [what, args, surroundings, isColored] of colors) {
  onEachReach(`states are coloured ${what}, and stay words`, async (open) => {
    await using site = await openJobs(open);
    await json(["runs", "cancel", "1"], site);
    const text = await out(["runs", "list", ...args], site, surroundings);
    assert.equal(text.includes("\x1b[33mCANCELLED\x1b[0m"), isColored, text);
    assert.equal(text.includes("\x1b"), isColored);
    assert.match(text, /CANCELLED/);
  });
}

onEachReach("coloured cells stand in line with plain ones", async (open) => {
  await using site = await openJobs(open);
  await json(["runs", "cancel", "1"], site);
  const args = ["jobs", "list", "-o", "wide"];
  const plain = await out([...args, "--color=never"], site, { isTerminal: true });
  const colored = await out([...args, "--color=always"], site, { isTerminal: true });
  assert.notEqual(colored, plain);
  assert.equal(stripVTControlCharacters(colored), plain);
});

onEachReach("--all prints every page and ends; in each form it is one whole text", async (open) => {
  await using site = await open();
  await site.script("a.sh", "true");
  await site.sql(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
    INSERT INTO scheduled_jobs (id, name, script_path, script_args, schedule, timezone, policies, is_active, revision,
      created_at, updated_at, search_key)
    SELECT i, 'Job ' || i, 'a.sh', '[]', '{"kind":"manual"}', 'UTC', '{}', 1, 1, 0, 0, 'job ' || i || char(10) || 'a.sh' FROM n`);
  const names = (await out(["jobs", "list", "--all", "-o", "name"], site)).trimEnd().split("\n");
  const ids = names.map(Number).toSorted((a, b) => a - b);
  assert.deepEqual(ids, Array.from({ length: 450 }, (_, index) => index + 1));
  const jobs = JSON.parse(await out(["jobs", "list", "--all", "--json"], site));
  assert.equal(jobs.length, 450);
  assert.deepEqual(parse(await out(["jobs", "list", "--all", "-o", "yaml"], site)), jobs);
  assert.equal((await out(["jobs", "list", "--all"], site)).trimEnd().split("\n").length, 450);
  const table = (await out(["jobs", "list", "--all"], site, { isTerminal: true })).trimEnd().split("\n");
  assert.deepEqual([table.length, table.filter((line) => line.startsWith("ID")).length], [451, 1]);
  const page = await run(["jobs", "list", "--limit", "2", "--json"], site);
  assert.equal(JSON.parse(page.stdout).length, 2);
  assert.match(page.stderr, /^There are more: --cursor \S+\n$/);
  assert.match(
    (await run(["jobs", "list", "--all", "--limit", "3"], site)).stderr,
    /'--all' cannot be used with .*'--limit/,
  );
});

onEachReach("an empty list is an empty list in each form", async (open) => {
  await using site = await open();
  assert.equal(await out(["jobs", "list", "--json"], site), "[]\n");
  assert.equal(await out(["jobs", "list", "-o", "yaml"], site), "[]\n");
  assert.equal(await out(["jobs", "list", "-o", "name"], site), "");
  assert.equal(await out(["jobs", "list"], site), "");
});

onEachReach("jobs delete asks on a terminal, and takes --yes where there is none", async (open) => {
  await using site = await openJobs(open);
  const refused = await run(["jobs", "delete", "nightly"], site);
  assert.deepEqual([refused.code, refused.stderr], [
    2,
    'jobctl: --yes: is missing: it takes a terminal or --yes to delete job 1 "Nightly"\n',
  ]);
  for (const answer of ["", "n", "never", "yess"]) {
    assert.deepEqual(await run(["jobs", "delete", "nightly"], { ...site, answers: [answer] }), {
      code: 1,
      stdout: "",
      stderr: 'Delete job 1 "Nightly"? This cannot be undone. [y/N] Nothing was changed\n',
    });
  }
  assert.equal((await run(["jobs", "show", "nightly"], site)).code, 0);
  assert.equal(
    (await run(["jobs", "delete", "nightly"], { ...site, answers: ["Y"] })).stdout,
    'job 1 "Nightly" deleted\n',
  );
  assert.equal(await out(["jobs", "delete", "2", "-y", "-o", "name"], site), "2\n");
});

onEachReach(
  "--watch prints rows that are new or have changed when piped, until Ctrl-C, which is its ordinary end",
  async (open) => {
    await using site = await openJobs(open);
    const watching = start(["runs", "list", "--watch", "--json"], site);
    await watching.prints('"status":"PENDING"');
    await site.store.runs.cancel(dispatchId(1), {
      ...{ actor: { kind: "cli", name: "x" }, now: await site.store.now() },
      origin: { address: null, requestId: null },
    });
    await watching.prints('"status":"CANCELLED"');
    await json(["jobs", "run", "2"], site);
    await watching.prints('"id":2,');
    watching.interrupt();
    const { code, stdout, stderr } = await watching.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    const rows = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(rows.map(({ id, status }) => [id, status]), [[1, "PENDING"], [1, "CANCELLED"], [2, "PENDING"]]);
  },
);

onEachReach("--watch draws each picture over the last one on a terminal, as many lines as it has", async (open) => {
  await using site = await openJobs(open);
  const watching = start(["jobs", "list", "--watch"], { ...site, isTerminal: true, size: { columns: 60, rows: 4 } });
  await watching.prints("\x1b[2J\x1b[HID");
  for (const name of ["AA", "BB", "CC"]) await json([...CREATE, "--name", name], site);
  await watching.prints("… 4 more\x1b[K\n\x1b[J");
  watching.interrupt();
  const { code, stdout } = await watching.ended;
  assert.equal(code, 0);
  const pictures = stdout.split("\x1b[H").slice(1);
  assert.ok(pictures.length >= 2 && pictures.every((picture) => picture.split("\n").length <= 4));
  assert.equal(stdout.split("\x1b[2J").length, 2);
});

onEachReach("--watch with -o yaml prints a document for each row that changes", async (open) => {
  await using site = await openJobs(open);
  const watching = start(["jobs", "list", "--watch", "-o", "yaml"], site);
  await watching.prints("name: Nightly");
  watching.interrupt();
  const documents = parseAllDocuments((await watching.ended).stdout);
  assert.equal(Array.isArray(documents) && documents.length, 2);
});

onEachReach(
  "jobs list, runs list and audit take a filter as arguments and by flags, which narrow together",
  async (open) => {
    await using site = await openJobs(open);
    await json(["jobs", "run", "2"], site);
    const ids = async (...args: string[]) => (await out([...args, "-o", "name"], site)).trimEnd();
    assert.equal(await ids("jobs", "list", "label:eu,us"), "nightly");
    assert.equal(await ids("jobs", "list", "--label", "eu,us"), "nightly");
    assert.equal(await ids("jobs", "list", "narrow", "terminal"), "2");
    assert.equal(await ids("runs", "list", "job:night*", "since:1h"), "1");
    assert.equal(await ids("runs", "list", "--label", "eu", "--since", "1h"), "1");
    assert.equal(await ids("runs", "list", "--job", "*longer*", "status:waiting"), "2");
    assert.equal(await ids("runs", "list", "--until", "1h"), "");
    assert.equal(await ids("runs", "list", "--worker", "w*"), "");
    assert.equal((await ids("audit", "action:jobs.create", "--since", "1h")).split("\n").length, 2);
    const twice = await run(["jobs", "list", "state:active", "--state", "active"], site);
    assert.deepEqual([twice.code, twice.stderr], [
      2,
      "jobctl: filter: it narrows by states, as another parameter does; expected one of the two\n",
    ]);
    assert.match(
      (await run(["runs", "list", "--since", "soon"], site)).stderr,
      /^jobctl: --since: found "soon", expected a duration/,
    );
  },
);
