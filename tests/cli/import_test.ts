import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { openPostgresTestStore, openTestStore } from "../support/store.ts";
import { postgres } from "../support/postgres.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { execute } from "../store/_whole.ts";
import { run } from "./_cli.ts";

/** The tables of the old system's last version. `at` is its type of an instant, `flag` its type of a yes or no. */
function oldSchema({ at, flag, id }: { readonly at: string; readonly flag: string; readonly id: string }): string {
  return `
    CREATE TABLE scheduled_jobs (id ${id}, name VARCHAR NOT NULL, script_path VARCHAR NOT NULL,
      interval_seconds INTEGER NOT NULL, schedule_type VARCHAR NOT NULL, schedule_time VARCHAR, schedule_day INTEGER,
      is_active ${flag} NOT NULL, next_run ${at}, last_dispatched_at ${at}, dispatch_lock_until ${at});
    CREATE TABLE worker_registration (worker_id VARCHAR(50) NOT NULL PRIMARY KEY, hostname VARCHAR(255) NOT NULL,
      platform VARCHAR(50) NOT NULL, started_at ${at} NOT NULL, last_heartbeat ${at} NOT NULL, status VARCHAR(20) NOT NULL,
      jobs_processed INTEGER NOT NULL, current_job_id INTEGER, process_id INTEGER);
    CREATE TABLE job_dispatch (id ${id}, job_id INTEGER NOT NULL REFERENCES scheduled_jobs (id), created_at ${at} NOT NULL,
      claimed_at ${at}, completed_at ${at}, status VARCHAR(20) NOT NULL, worker_id VARCHAR(50), retry_count INTEGER NOT NULL,
      error_message TEXT);
    CREATE TABLE job_execution_logs (id ${id}, job_id INTEGER NOT NULL REFERENCES scheduled_jobs (id), run_time ${at} NOT NULL,
      status VARCHAR NOT NULL, log_output TEXT);`;
}

const ROWS = `
  INSERT INTO scheduled_jobs (id, name, script_path, interval_seconds, schedule_type, schedule_time, schedule_day, is_active, next_run)
  VALUES
    (1, 'Nightly backup', '/opt/portal/app/scripts/backup.sh', 0, 'daily', '18:30', NULL, TRUE, '2026-11-27 18:30:00'),
    (2, 'Month end', '/opt/portal/app/scripts/close.py', 0, 'monthly', '21:00', 30, TRUE, '2026-11-30 21:00:00.000000'),
    (3, 'Sync', 'C:\\portal\\app\\scripts\\sync.py', 900, 'interval', NULL, NULL, FALSE, NULL),
    (4, 'Twice', '/opt/portal/app/scripts/sync.py', 0, 'interval', NULL, NULL, TRUE, '2026-11-27 10:00:00'),
    (9, 'By hand', '/opt/portal/app/scripts/sync.py', 0, 'manual', NULL, NULL, TRUE, NULL),
    (11, '', '', 60, 'interval', NULL, NULL, TRUE, NULL);
  INSERT INTO job_dispatch (id, job_id, created_at, claimed_at, completed_at, status, worker_id, retry_count, error_message) VALUES
    (1, 1, '2026-11-25 18:30:01', '2026-11-25 18:30:04.5', '2026-11-25 18:31:04.5', 'COMPLETED', 'worker-1a2b3c4d', 0, NULL),
    (2, 1, '2026-11-26 18:30:01', '2026-11-26 18:30:02', '2026-11-26 18:30:09', 'FAILED', 'worker-1a2b3c4d', 0, 'STDOUT:'),
    (3, 1, '2026-11-27 10:00:00', NULL, NULL, 'PENDING', NULL, 0, NULL);
  INSERT INTO job_execution_logs (id, job_id, run_time, status, log_output) VALUES
    (1, 1, '2026-11-24 18:30:02', 'success', 'all copied'),
    (2, 1, '2026-11-25 18:30:04.5', 'SUCCESS', 'STDOUT:
copied 7 files


STDERR:
'),
    (3, 1, '2026-11-26 18:30:02', 'FAILURE', 'STDOUT:
copied 2 files


STDERR:
no space left


Exit Code: 4'),
    (4, 9, '2026-11-26 09:00:00', 'running', '');`;

interface Imported {
  readonly from: string;
  readonly dryRun: boolean;
  readonly jobs: readonly {
    readonly old_id: number;
    readonly id: number | null;
    readonly schedule: string;
    readonly timezone: string;
    readonly paused: string | null;
    readonly next_run: string | null;
    readonly runs: number;
    readonly left: number;
    readonly result: string;
    readonly notes: readonly string[];
  }[];
}

async function oldFile(sql: string): Promise<{ readonly path: string; readonly url: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir({ dir: temporaryDirectory(), prefix: "reflex-" });
  const path = join(directory, "reflex.db");
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
  return {
    path,
    url: `sqlite:///${path}`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

const SQLITE = oldSchema({ at: "DATETIME", flag: "BOOLEAN", id: "INTEGER NOT NULL PRIMARY KEY" });

function answerOf(stdout: string): Imported {
  return JSON.parse(stdout);
}

for (const kind of ["SQLite", "PostgreSQL"] as const) {
  Deno.test(`import reflex takes jobs and history over once, from ${kind}`, async (t) => {
    await using file = await oldFile(kind === "SQLite" ? SQLITE + ROWS : "");
    await using database = kind === "SQLite" ? null : await (await postgres()).createDatabase();
    const from = database?.url ?? file.url;
    if (database !== null) {
      await execute(from, oldSchema({ at: "TIMESTAMP", flag: "BOOLEAN", id: "INTEGER NOT NULL PRIMARY KEY" }));
      await execute(from, ROWS);
    }
    const before = await Deno.readFile(file.path);
    await using target = kind === "SQLite" ? await openPostgresTestStore() : await openTestStore();
    const env = { DATABASE_URL: target.url, SCRIPTS_DIR: "/nowhere" };
    const importing = (...args: string[]) => run(["import", "reflex", "--from", from, "--json", ...args], { env });

    await t.step("a dry run says what it would do and changes nothing", async () => {
      const { code, stdout } = await importing("--dry-run");
      assert.equal(code, 1);
      assert.deepEqual(answerOf(stdout).jobs.map(({ result, runs, id }) => [result, runs, id]), [
        ["planned", 3, null],
        ["planned", 0, null],
        ["planned", 0, null],
        ["planned", 0, null],
        ["planned", 0, null],
        ["refused", 0, null],
      ]);
      assert.deepEqual((await target.store.jobs.list({ limit: 10 })).items, []);
    });
    await t.step("the import makes the jobs", async () => {
      const { code, stdout } = await importing();
      assert.equal(code, 1);
      const { jobs } = answerOf(stdout);
      assert.deepEqual(
        jobs.map(({ old_id, schedule, paused, result, runs, left }) => [old_id, schedule, paused, result, runs, left]),
        [
          [1, "daily at 02:30", null, "created", 3, 1],
          [2, "monthly on 31 at 05:00", null, "created", 0, 0],
          [3, "every 15m", "It was switched off in the Reflex system.", "created", 0, 0],
          [
            4,
            "manual",
            "the interval of 0 seconds made it run without a pause; it comes without a schedule, paused",
            "created",
            0,
            0,
          ],
          [9, "manual", null, "created", 0, 1],
          [11, "every 1m", null, "refused", 0, 0],
        ],
      );
      assert.match(jobs[1]?.notes.join() ?? "", /put right: in months of less than 31 days/);
      assert.match(jobs[5]?.notes.join() ?? "", /script: /);
      assert.ok(jobs.every(({ timezone }) => timezone === "Asia/Hong_Kong"));
      const stored = (await target.store.jobs.list({ limit: 10, sort: "id" })).items;
      assert.deepEqual(stored.map(({ key, scriptPath, isActive }) => [key, scriptPath, isActive]), [
        ["reflex-1", "backup.sh", true],
        ["reflex-2", "close.py", true],
        ["reflex-3", "sync.py", false],
        ["reflex-4", "sync.py", false],
        ["reflex-9", "sync.py", true],
      ]);
    });
    await t.step("with their history", async () => {
      const { items } = await target.store.runs.list({ limit: 10 });
      assert.deepEqual(
        items.map(({ state, scheduledFor }) => [
          new Date(scheduledFor).toISOString(),
          state.status,
          "exitCode" in state ? state.exitCode : null,
          "workerId" in state ? state.workerId : null,
        ]),
        [
          ["2026-11-26T18:30:01.000Z", "FAILED", 4, "worker-1a2b3c4d"],
          ["2026-11-25T18:30:01.000Z", "COMPLETED", 0, "worker-1a2b3c4d"],
          ["2026-11-24T18:30:02.000Z", "COMPLETED", 0, null],
        ],
      );
      const [failed, , first] = items;
      assert.ok(failed !== undefined && first !== undefined);
      const output = async (id: typeof failed.id) =>
        (await target.store.logs.read(id, { fromSeq: 0, maxBytes: 9999 })).map(({ stream, data }) => [stream, data]);
      assert.deepEqual(await output(failed.id), [["stdout", "copied 2 files\n"], ["stderr", "no space left\n"]]);
      assert.deepEqual(await output(first.id), [["stdout", "all copied"]]);
    });
    await t.step("a second import changes nothing", async () => {
      const state = async () => [
        await target.store.jobs.list({ limit: 10, sort: "id" }),
        await target.store.runs.list({ limit: 10 }),
        (await target.store.audit.list({ limit: 100 })).items.length,
      ];
      const earlier = await state();
      const { stdout } = await importing();
      assert.deepEqual(answerOf(stdout).jobs.map(({ result, runs }) => [result, runs]), [
        ["present", 0],
        ["present", 0],
        ["present", 0],
        ["present", 0],
        ["present", 0],
        ["refused", 0],
      ]);
      assert.deepEqual(await state(), earlier);
    });
    await t.step("the old database is as it was", async () => {
      assert.deepEqual(await Deno.readFile(file.path), before);
    });
  });
}

Deno.test("import reflex reads the oldest version, which knew intervals alone, and prints a table", async () => {
  await using file = await oldFile(`
    CREATE TABLE scheduled_jobs (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, script_path VARCHAR NOT NULL,
      interval_seconds INTEGER NOT NULL, is_active BOOLEAN NOT NULL, next_run DATETIME NOT NULL);
    INSERT INTO scheduled_jobs VALUES (1, 'Ping', '/opt/ping.sh', 300, 1, '2026-11-27 06:00:00');`);
  await using target = await openTestStore();
  const { code, stdout } = await run(["import", "reflex", "--from", file.url], {
    env: { DATABASE_URL: target.url, SCRIPTS_DIR: "/nowhere" },
    isTerminal: true,
  });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^OLD +JOB +SCHEDULE +NEXT RUN +RUNS +RESULT\n1 +1 Ping +every 5m from 2026-11-27T06:00:00Z +2\S+ \S+ Asia\/Hong_Kong +0 +\S*created\S*\n/,
  );
});

const refusals: [name: string, sql: string | null, message: RegExp][] = [
  ["a file that is not there", null, /^jobctl: --from: cannot use .*: there is no such file$/m],
  [
    "another program's database",
    "CREATE TABLE notes (id INTEGER)",
    /it has no table scheduled_jobs of the Reflex system/,
  ],
];
for (const [name, sql, message] of refusals) {
  Deno.test(`import reflex refuses ${name}`, async () => {
    await using file = await oldFile(sql ?? "");
    await using target = await openTestStore();
    const from = sql === null ? `${file.url}.gone` : file.url;
    const { code, stderr } = await run(["import", "reflex", "--from", from], { env: { DATABASE_URL: target.url } });
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

Deno.test("import reflex refuses a database of this program, and a file that is none", async () => {
  await using target = await openTestStore();
  const env = { DATABASE_URL: target.url };
  const own = await run(["import", "reflex", "--from", target.url], { env });
  assert.deepEqual([own.code, /no table scheduled_jobs of the Reflex system/.test(own.stderr)], [2, true]);
  await using file = await oldFile("");
  await Deno.writeTextFile(file.path, "this is text, and long enough to be no header of a database at all");
  const text = await run(["import", "reflex", "--from", file.url], { env });
  assert.deepEqual([text.code, /it is not a SQLite database/.test(text.stderr)], [2, true]);
});

Deno.test("import crontab makes a job and a script of each line, once, and the script does what cron did", async () => {
  const directory = await Deno.makeTempDir({ dir: temporaryDirectory(), prefix: "crontab-" });
  try {
    await using target = await openTestStore();
    const env = { DATABASE_URL: target.url };
    const file = join(directory, "crontab");
    const scripts = join(directory, "scripts");
    await Deno.mkdir(scripts);
    await Deno.writeTextFile(
      file,
      'GREETING=it\'s "me"\n# Say hello\n0 9 * * 1-5 echo "$GREETING"; cat%one%two\n@reboot nothing\n',
    );
    const importing = (...args: string[]) =>
      run(["import", "crontab", file, "--timezone", "Europe/Berlin", "--json", ...args], { env });
    const results = (stdout: string): readonly string[] =>
      JSON.parse(stdout).jobs.map(({ result }: { readonly result: string }) => result);

    assert.deepEqual(results((await importing()).stdout), ["refused", "refused"]);
    const planned = await importing("--scripts", scripts, "--dry-run");
    assert.deepEqual([planned.code, results(planned.stdout)], [1, ["planned", "refused"]]);
    assert.deepEqual([...Deno.readDirSync(scripts)], []);
    // Only the kernel makes files there: root may not either.
    const closed = await importing("--scripts", "/dev/pts");
    assert.deepEqual(results(closed.stdout), ["refused", "refused"]);
    assert.match(
      closed.stdout,
      /\/dev\/pts\/cron-\w+\.sh cannot be written: this user may not; name a directory of this user's/,
    );
    const none = await importing("--scripts", file);
    assert.match(
      none.stdout,
      /crontab\/cron-\w+\.sh cannot be written: one of its directories is a file; name a directory/,
    );
    assert.match((await importing("--scripts", "")).stdout, /say where with --scripts DIRECTORY/);
    assert.deepEqual(results((await importing("--scripts", scripts, "--paused")).stdout), ["created", "refused"]);
    assert.deepEqual(results((await importing("--scripts", scripts)).stdout), ["present", "refused"]);

    const { items: [job, other] } = await target.store.jobs.list({ limit: 10 });
    assert.ok(job !== undefined && other === undefined);
    const { name, schedule, timezone, isActive, labels, scriptPath, key } = job;
    assert.deepEqual([name, schedule, timezone, isActive, labels], [
      "Say hello",
      { kind: "cron", expression: "0 9 * * 1-5" },
      "Europe/Berlin",
      false,
      ["crontab"],
    ]);
    assert.equal(scriptPath, `${key}.sh`);
    const { stdout, success } = await new Deno.Command(join(scripts, scriptPath), { env: { HOME: directory } })
      .output();
    assert.deepEqual([success, new TextDecoder().decode(stdout)], [true, 'it\'s "me"\none\ntwo\n']);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("import systemd-timers makes a job and a script of each time of a timer, once", async () => {
  const directory = await Deno.makeTempDir({ dir: temporaryDirectory(), prefix: "timers-" });
  try {
    await using target = await openTestStore();
    const env = { DATABASE_URL: target.url };
    const [units, scripts] = [join(directory, "units"), join(directory, "scripts")];
    for (const path of [units, scripts, join(units, "Backup.timer.d")]) await Deno.mkdir(path);
    const files = {
      "Backup.timer": "[Timer]\nOnCalendar=daily\n",
      "Backup.timer.d/later.conf": "[Timer]\nOnCalendar=\nOnCalendar=Mon 9:00 Europe/Berlin\nRandomizedDelaySec=1min\n",
      "Backup.service": "[Service]\nType=oneshot\nEnvironment=GREETING=hello\nExecStart=/bin/echo ${GREETING} you\n",
      "boot.timer": "[Timer]\nOnBootSec=1min\n",
      "boot.service": "[Service]\nExecStart=/bin/true\n",
      "template@.timer": "[Timer]\nOnCalendar=daily\n",
    };
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(units, name), text);
    const importing = (...args: string[]) =>
      run(["import", "systemd-timers", units, "--timezone", "UTC", "--json", ...args], { env });
    const results = (stdout: string): readonly string[] =>
      JSON.parse(stdout).jobs.map(({ result }: { readonly result: string }) => result);

    assert.deepEqual(results((await importing()).stdout), ["refused", "refused"]);
    const planned = await importing("--scripts", scripts, "--dry-run");
    assert.deepEqual([planned.code, results(planned.stdout)], [1, ["planned", "refused"]]);
    assert.deepEqual([...Deno.readDirSync(scripts)], []);
    assert.deepEqual(results((await importing("--scripts", scripts, "--paused")).stdout), ["created", "refused"]);
    assert.deepEqual(results((await importing("--scripts", scripts)).stdout), ["present", "refused"]);

    const { items: [job, other] } = await target.store.jobs.list({ limit: 10 });
    assert.ok(job !== undefined && other === undefined);
    const { name, schedule, timezone, isActive, labels, policies } = job;
    assert.deepEqual([name, schedule, timezone, isActive, labels], [
      "Backup",
      { kind: "weekly", days: ["mon"], time: "09:00" },
      "Europe/Berlin",
      false,
      ["systemd"],
    ]);
    assert.deepEqual([policies.misfire.kind, policies.spreadSeconds], ["skip", 60]);
    const { stdout, success } = await new Deno.Command(join(scripts, job.scriptPath)).output();
    assert.deepEqual([success, new TextDecoder().decode(stdout)], [true, "hello you\n"]);
    const missing = await run(["import", "systemd-timers", join(directory, "none")], { env });
    assert.deepEqual([missing.code, /path: cannot read /.test(missing.stderr)], [2, true]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
