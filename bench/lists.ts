/**
 * How long the portal takes for its lists on a database with a long history: a real portal as a process, on SQLite and on PostgreSQL.
 * `deno task bench:lists` writes what this prints to `bench/LISTS.md`. Exits with 1 when a list misses the budget of its database.
 *
 * @module
 */
import { cpus } from "node:os";
import { hashPassword } from "../shared/access/mod.ts";
import { by } from "../tests/support/actor.ts";
import { NOBODY, PASSWORD } from "../tests/support/accounts.ts";
import { openSiteOn, Service } from "../tests/support/process.ts";
import { DATABASES, type TestStore } from "../tests/support/store.ts";
import { fillHistory } from "../tools/history.ts";
import { startProgram } from "./_program.ts";
import { quantile } from "./queue/statistics.ts";

const [JOBS = 40_000, RUNS = 1_000_000] = Deno.args.map(Number);
/** Over how long the runs are spread; a day less is kept, so that retention has something to do. */
const SPAN_DAYS = 30;
const DAY_MS = 86_400_000;
const OUTPUT = "12:00:00 reading orders since the last run\n12:00:01 412 orders read, 398 new\n12:00:02 done\n";
const WARM_UP = 20;
const SAMPLES = 100;

/** Longest answer at the 95th percentile, in milliseconds. */
const BUDGET_MS = { SQLite: 25, PostgreSQL: 50 } as const;

const LISTS = [
  "/jobs",
  "/jobs?q=label:eu",
  "/jobs?q=state:paused",
  "/runs",
  "/runs?status=FAILED",
  "/runs?status=CANCELLED",
  "/runs?status=PENDING",
  "/runs?q=label:eu+status:failed",
  "/runs?job=1",
  "/jobs/1",
  "/",
  "/queue",
  "/timeline",
  "/timeline/month",
  "/statistics",
  "/workers",
  "/audit",
] as const;

/** One job in four has a label, by which somebody may see it. */
const LABELS = "INSERT INTO job_labels (label, job_id) SELECT 'eu', id FROM scheduled_jobs WHERE id % 4 = 0";

/** Of these jobs nine in ten are active, so that 100 are due each second when they have a run each minute. */
const EACH_MINUTE = "id <= 6667";
const OFTEN = `
  UPDATE scheduled_jobs SET schedule = '{"kind":"interval","everySeconds":60}' WHERE ${EACH_MINUTE}`;

/** Begins their minutes, after the measurement without a scheduler: till then they are due as all others, far in the future. */
const BEGIN = {
  SQLite: `UPDATE scheduled_jobs SET next_run = (unixepoch() + id / 10 % 60) * 1000 WHERE is_active AND ${EACH_MINUTE}`,
  PostgreSQL: `
    UPDATE scheduled_jobs SET next_run = date_trunc('second', now()) + id / 10 % 60 * interval '1 second'
    WHERE is_active AND ${EACH_MINUTE}`,
} as const;

/** Where the ids of PostgreSQL's runs go on. */
const SEQUENCE = "SELECT setval(pg_get_serial_sequence('job_dispatch', 'id'), (SELECT max(id) FROM job_dispatch))";

const rows: string[] = [];
const missed: string[] = [];
/** How many runs a second there were in the end. */
const rates: string[] = [];
for (const name of ["SQLite", "PostgreSQL"] as const) {
  const budgetMs = BUDGET_MS[name];
  await using site = await openSiteOn<TestStore>(DATABASES[name], { WEB_PORT: "0" });
  const [beginMs, stepMs] = [Date.now() - SPAN_DAYS * DAY_MS, SPAN_DAYS * DAY_MS / RUNS];
  await fillHistory(site, { jobs: JOBS, runs: RUNS, beginMs, stepMs, chunks: 1, output: OUTPUT, gathered: false });
  await site.sql(LABELS);
  await site.sql(OFTEN);
  if (name === "PostgreSQL") await site.sql(SEQUENCE);
  // Retention waits for the count, and what is counted but once after an installation is not what goes on day by day.
  while (await site.store.statistics.rollUp({ limit: 5000 }) > 0);
  await site.sql("ANALYZE");
  const passwordHash = await hashPassword(PASSWORD);
  const now = by(await site.store.now());
  await site.store.users.create({ ...NOBODY, name: "admin", role: "admin", passwordHash }, now);
  const grants = [{ label: "eu", role: "viewer" }] as const;
  await site.store.users.create({ ...NOBODY, name: "viewer", grants, passwordHash }, now);
  await using service = await Service.start("serve", site.env);
  const origin = /http:\S+:\d+/.exec(await service.line(/The portal has started/))?.[0] ?? "";
  await measure({ name, budgetMs, origin, meanwhile: "nothing" });
  await site.sql(BEGIN[name]);
  await using scheduler = await Service.start("scheduler", {
    ...site.env,
    CLEANUP_RETENTION_DAYS: String(SPAN_DAYS - 1),
  });
  await scheduler.line(/The scheduler has started/);
  await using load = startProgram("load.ts", site.env);
  await load.begun;
  const [since, first] = [performance.now(), await lastRun(site)];
  await measure({ name, budgetMs, origin, meanwhile: "100 runs a second, retention" });
  const perSecond = 1000 * (await lastRun(site) - first) / (performance.now() - since);
  rates.push(`${perSecond.toFixed(0)} on ${name}`);
}

/** Measures all lists, as both users. */
async function measure({ name, budgetMs, origin, meanwhile }: {
  readonly name: string;
  readonly budgetMs: number;
  readonly origin: string;
  /** What else goes on in the database. */
  readonly meanwhile: string;
}): Promise<void> {
  for (const who of ["admin", "viewer"]) {
    const cookie = await signIn(origin, who);
    for (const path of who === "admin" ? LISTS : LISTS.filter((list) => !/^.(audit|jobs.1)|job=1/.test(list))) {
      for (let i = 0; i < WARM_UP; i++) await tookMs(origin + path, cookie);
      const samples: number[] = [];
      for (let i = 0; i < SAMPLES; i++) samples.push(await tookMs(origin + path, cookie));
      const [median, p95] = [quantile(samples, 0.5), quantile(samples, 0.95)];
      const row = `| ${name} | ${meanwhile} | ${who} | \`${path}\` | ${median.toFixed(1)} | ${
        p95.toFixed(1)
      } | ${budgetMs} |`;
      rows.push(row);
      // It takes minutes: whoever waits sees how far it is.
      console.error(row);
      if (p95 > budgetMs) {
        missed.push(`${path} for the ${who} on ${name}, ${meanwhile}: ${p95.toFixed(1)} ms, at most ${budgetMs} ms`);
      }
    }
  }
}

console.log(`# How long lists take

Written by \`deno task bench:lists\`; run it to measure again. It exits with 1 when a list misses its budget.

Deno ${Deno.version.deno}, Linux ${Deno.osRelease()}; ${cpus().length} processors, ${
  cpus()[0]?.model.trim() ?? "unknown"
}. ${JOBS} jobs, ${RUNS} runs; ${SAMPLES} requests each, one after another, from sending to the last byte. The viewer may
see the jobs of one label, which a fourth of the jobs has. First nothing else goes on; then a scheduler dispatches the 100
jobs that are due each second and deletes what is older than ${
  SPAN_DAYS - 1
} days, and a worker (\`load.ts\`, without processes) claims
these runs, writes their starts and output, and finishes them. Runs dispatched a second: ${rates.join(", ")}.

| database | meanwhile | who | list | median, ms | p95, ms | budget for p95, ms |
| --- | --- | --- | --- | --: | --: | --: |
${rows.join("\n")}`);

for (const what of missed) console.error(`The budget is missed: ${what}`);
if (missed.length > 0) Deno.exitCode = 1;

/** The number of the last run. */
async function lastRun({ sql }: Pick<TestStore, "sql">): Promise<number> {
  const [row] = await sql("SELECT max(id) AS n FROM job_dispatch");
  return Number(row?.["n"]);
}

/** Signs in and answers the cookie of the session. */
async function signIn(origin: string, name: string): Promise<string> {
  const answer = await fetch(`${origin}/sign-in`, {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ name, password: PASSWORD, next: "/" }),
    redirect: "manual",
  });
  await answer.body?.cancel();
  if (answer.status !== 303) throw new Error(`${name} was not signed in: ${answer.status}`);
  return answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
}

async function tookMs(url: string, cookie: string): Promise<number> {
  const since = performance.now();
  const answer = await fetch(url, { headers: { cookie } });
  await answer.text();
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
  return performance.now() - since;
}
