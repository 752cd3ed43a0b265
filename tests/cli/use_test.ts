import assert from "node:assert/strict";
import { openSite } from "../support/process.ts";
import { run } from "./_cli.ts";

const wrong: readonly (readonly [args: string, message: RegExp])[] = [
  ["jbs", /unknown command 'jbs' \(Did you mean jobs\?\) \(see jobctl --help\)/],
  ["jobs lst", /unknown command 'lst' \(Did you mean list\?\) \(see jobctl jobs --help\)/],
  ["jobs list --zzzzzzzz", /unknown option '--zzzzzzzz' \(see jobctl jobs list --help\)/],
  ["workers list extra", /too many arguments/],
  ["jobs show", /missing required argument 'job'/],
  ["runs show x", /id: found "x", expected a whole number from 1/],
  ["runs show 0", /id: found "0", expected a whole number from 1/],
  ["runs show 1e3", /id: found "1e3"/],
  ["jobs list --limit 0", /--limit: found "0", expected a whole number from 1 to 200/],
  ["jobs list --state on", /--state: found "on", expected active, paused, failing, late, waiting, running or manual/],
  ["jobs list --cursor x", /cursor: cannot be used/],
  ["jobs edit 1 --revision x", /--revision: found "x", expected a whole number from 1\n/],
  ["jobs rollback 1", /required option '--to <n>' not specified/],
  ["jobs rollback 1 --to 0", /--to: found "0", expected a whole number from 1/],
  ["runs list --status done", /--status: found "done", expected any of PENDING,/],
  ["runs logs 1 --stream both", /--stream: found "both", expected stdout, stderr or system/],
  ["schedule next --schedule", /option '--schedule <text>' argument missing/],
];
for (const [args, message] of wrong) {
  Deno.test(`jobctl ${args} is wrong use: exit code 2 and one line on standard error`, async () => {
    await using site = await openSite();
    const { code, stdout, stderr } = await run(args.split(" "), site);
    assert.deepEqual([code, stdout, stderr.split("\n").length], [2, "", 2], stderr);
    assert.match(stderr, /^jobctl: /);
    assert.match(stderr, message);
  });
}

for (const args of ["", "jobs", "runs", "workers", "schedule"]) {
  Deno.test(`jobctl ${args} without a command is wrong use and shows the help on standard error`, async () => {
    const { code, stdout, stderr } = await run(args.split(" ").filter(Boolean));
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^Usage: jobctl .*\[command\]\n/);
  });
}

const COMMANDS = [
  ...["create", "list", "show", "edit", "pause", "resume", "delete", "run", "history", "rollback", "clone"].map((
    name,
  ) => `jobs ${name}`),
  ...["list", "show", "logs", "cancel"].map((name) => `runs ${name}`),
  "workers list",
  ...["next", "explain", "preview"].map((name) => `schedule ${name}`),
  ...["login", "logout", "whoami"],
];
for (const command of COMMANDS) {
  Deno.test(`jobctl ${command} --help explains the command, --json among its options`, async () => {
    const { code, stdout, stderr } = await run([...command.split(" "), "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.startsWith(`Usage: jobctl ${command} [options]`), stdout);
    assert.match(stdout, /\n {2}--json +print JSON\n/);
  });
}

Deno.test("jobctl --help names the exit codes and the variables", async () => {
  const { code, stdout } = await run(["--help"]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /Exit codes: 0 done, 1 failed, 2 wrong use or input, 4 not permitted, 5 no such thing, 6 conflict/,
  );
  assert.match(stdout, /DATABASE_URL, SCRIPTS_DIR, DISPLAY_TIMEZONE; JOBTRIGGER_URL and JOBTRIGGER_TOKEN/);
});

Deno.test("jobctl reports all that is wrong with its settings at once", async () => {
  const env = { DATABASE_URL: "mysql://root:secret@db/x", DISPLAY_TIMEZONE: "Mars", SCRIPTS_DIR: ":" };
  const { code, stderr } = await run(["jobs", "list"], { env });
  assert.equal(code, 2);
  assert.deepEqual(stderr.trimEnd().split("\n").map((line) => line.split(":")[1]?.trim()), [
    "DATABASE_URL",
    "SCRIPTS_DIR",
    "DISPLAY_TIMEZONE",
  ]);
  assert.doesNotMatch(stderr, /secret/);
});

const databases: readonly (readonly [what: string, url: (directory: string) => string, message: RegExp])[] = [
  [
    "PostgreSQL with a wrong setting",
    () => "postgresql+asyncpg://u:secret@127.0.0.1/db?pool_max=many",
    /^jobctl: DATABASE_URL: has pool_max=many; expected a whole number from 1 to 100/,
  ],
  ["a directory", (directory) => `sqlite:///${directory}`, /^jobctl: DATABASE_URL: .*it is a directory/],
  [
    "a missing directory",
    (directory) => `sqlite:///${directory}/no/jobs.db`,
    /^jobctl: DATABASE_URL: .*does not exist/,
  ],
  ["no database", (directory) => `sqlite:///${directory}/a.sh`, /^jobctl: DATABASE_URL: .*not a SQLite database/],
];
for (const [what, url, message] of databases) {
  Deno.test(`jobctl refuses ${what} as its database in one line`, async () => {
    await using site = await openSite();
    await site.script("a.sh", "echo ".padEnd(200, "x"));
    const env = { ...site.env, DATABASE_URL: url(site.env.SCRIPTS_DIR ?? "") };
    const { code, stdout, stderr } = await run(["jobs", "list"], { env });
    assert.deepEqual([code, stdout, stderr.split("\n").length], [2, "", 2], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /secret/);
  });
}
