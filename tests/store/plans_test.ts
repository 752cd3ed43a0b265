/**
 * What every list costs on a database with a long history: no statement reads a big table where an index leads to its rows.
 *
 * The statements are those that the store really runs, taken down as the drivers get them. SQLite tells its plan; PostgreSQL
 * tells how many rows each part of it met.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import {
  type DispatchId,
  dispatchId,
  type DispatchStatus,
  epochMs,
  incidentId,
  jobId,
} from "../../shared/domain/mod.ts";
import { encodeCursor } from "../../shared/store/cursor.ts";
import type { RunQuery, Store } from "../../shared/store/mod.ts";
import { openPostgresTestStore, openTestStore } from "../support/store.ts";
import { fillWithHistory, JOBS, RUNS } from "../support/history.ts";

/** Tables that grow with time. */
const BIG = [
  "run_statistics",
  "job_dispatch",
  "job_execution_logs",
  "job_log_chunks",
  "occurrence_ledger",
  "incidents",
  "deliveries",
];

/** Partial indexes that hold live rows only, so that all of one may be read. */
const LIVE = [
  "job_dispatch_waiting",
  "job_dispatch_running",
  "job_dispatch_held",
  "job_dispatch_unfinished",
  "incidents_open_by_id",
  "incidents_next",
  "deliveries_next",
];

/** Most rows of a table that one list may read: a page from each of its branches, and the live rows. */
const MOST_ROWS = 500;

/** Most rows that the statement behind the small charts of a list of jobs may read: the last 20 runs of each of 50 jobs. */
const MOST_CHARTED = 1000;

/** Most rows of each state that may be looked at for the newest of some jobs. */
const MOST_NEAR = 1000;

/** The statement behind the charts, in PostgreSQL. */
const CHARTS = /FROM unnest\(\$1::bigint\[\]\) AS v \(id\)\s*$/;

// An incident and a delivery for each run; one of a thousand is open, and waits.
const INCIDENTS = `
  INSERT INTO incidents (rule_id, rule_name, job_id, job_name, message, opened_at, last_at, count, closed_at)
  SELECT id, 'Rule', job_id, 'Job', 'It failed.', created_at, created_at, 1,
    CASE WHEN id % 1000 = 0 THEN NULL ELSE created_at END FROM job_dispatch`;
const DELIVERIES = `
  INSERT INTO deliveries (public_id, channel_id, incident_id, job_id, kind, notice, key, created_at, next_at, ended_at, is_delivered)
  SELECT 'alert_' || id, 1, id, job_id, 'run', '{"title":"Job","text":"It ended."}', 'run_1_1_' || id, created_at,
    CASE WHEN id % 1000 = 0 THEN created_at END, CASE WHEN id % 1000 = 0 THEN NULL ELSE created_at END,
    CASE WHEN id % 1000 = 0 THEN NULL ELSE 1 = 1 END FROM job_dispatch`;

interface Question {
  readonly name: string;
  readonly ask: (store: Store) => Promise<unknown>;
  /** Whether it reads a table from its end and uses nearly each row. */
  readonly walks?: boolean;
}

const WATCHED = ["running", "waiting", "no_success"] as const;

const STATUSES: readonly (readonly DispatchStatus[])[] = [
  ["PENDING"],
  ["IN_PROGRESS"],
  ["COMPLETED"],
  ["FAILED"],
  ["TIMEOUT"],
  ["CANCELLED"],
  ["PENDING", "IN_PROGRESS"],
  ["FAILED", "TIMEOUT", "CANCELLED"],
];
const cursor = encodeCursor({ order: "newest", key: null, id: RUNS / 2 });

function* alertQuestions(): Generator<Question> {
  for (const page of [{ limit: 50 }, { limit: 50, cursor }]) {
    for (const state of ["open", "closed", null] as const) {
      const query = { ...page, ...(state !== null && { state }) };
      const isAll = state !== "open";
      yield {
        name: `incidents ${JSON.stringify(query)}`,
        ask: ({ alerts }) => alerts.incidents(query),
        walks: isAll,
      };
    }
    const ofJob = { ...page, jobId: jobId(2) };
    yield { name: `incidents ${JSON.stringify(ofJob)}`, ask: ({ alerts }) => alerts.incidents(ofJob) };
    const visible = { ...page, state: "open", visible: ["eu"] } as const;
    yield { name: "open incidents of a label", ask: ({ alerts }) => alerts.incidents(visible) };
    yield { name: "deliveries", ask: ({ alerts }) => alerts.deliveries(page), walks: true };
    const ofIncident = { ...page, incidentId: incidentId(7) };
    yield { name: "deliveries of an incident", ask: ({ alerts }) => alerts.deliveries(ofIncident) };
  }
  yield { name: "when a notifier is due", ask: ({ alerts }) => alerts.nextAt() };
  yield { name: "runs that have started", ask: ({ alerts }) => alerts.started({ after: epochMs(0), limit: 50 }) };
}

function* runQuestions(): Generator<Question> {
  for (const job of [null, 1, 2, JOBS]) {
    for (const statuses of [null, ...STATUSES]) {
      for (const isLater of [false, true]) {
        const query: RunQuery = {
          limit: 50,
          ...(job !== null && { jobId: jobId(job) }),
          ...(statuses !== null && { statuses }),
          ...(isLater && { cursor }),
        };
        yield {
          name: `runs ${JSON.stringify(query)}`,
          ask: (store) => store.runs.list(query),
          walks: job === null && (statuses === null || statuses.includes("COMPLETED")),
        };
      }
    }
  }
  for (const statuses of [null, ...STATUSES]) {
    for (const isLater of [false, true]) {
      const later = isLater && { cursor };
      const query: RunQuery = { limit: 50, visible: ["eu", "hr"], ...(statuses !== null && { statuses }), ...later };
      yield { name: `visible runs ${JSON.stringify(query)}`, ask: (store) => store.runs.list(query) };
    }
  }
}

/** What filters narrow by: times leave a walk bounded. */
function* narrowedQuestions(): Generator<Question> {
  const bounds = { since: epochMs(1.7e12 + 1000 * (RUNS - 500)), until: epochMs(1.7e12 + 1000 * (RUNS - 100)) };
  for (const statuses of [null, ...STATUSES]) {
    const query: RunQuery = { limit: 50, ...bounds, ...(statuses !== null && { statuses }) };
    const some = { labels: [["eu", "us"], ["hr"]], jobs: ["job 2*"] };
    const walks = statuses === null || statuses.includes("COMPLETED");
    yield { name: `runs of a time ${statuses}`, ask: (store) => store.runs.list(query), walks };
    yield { name: `runs of some jobs ${statuses}`, ask: (store) => store.runs.list({ ...query, ...some }) };
    const always: RunQuery = { limit: 50, ...(statuses !== null && { statuses }) };
    for (const [when, asked] of [["in a time", query], ["", always]] as const) {
      yield {
        name: `runs of a worker ${when} ${statuses}`,
        ask: (store) => store.runs.list({ ...asked, workers: ["w1"] }),
      };
      yield {
        name: `runs of triggers ${when} ${statuses}`,
        ask: (store) => store.runs.list({ ...asked, triggers: ["backfill", "manual"] }),
      };
    }
  }
  yield { name: "runs of jobs by name", ask: (store) => store.runs.list({ limit: 50, jobs: ["job 2"] }) };
  yield { name: "jobs by name", ask: (store) => store.jobs.list({ limit: 50, jobs: ["job 2*"] }) };
}

/** Two jobs have a label each that somebody may see. */
const LABELS = "INSERT INTO job_labels (label, job_id) VALUES ('eu', 1), ('eu', 2), ('hr', 2)";

const at = epochMs(1.7e12 + 1000 * RUNS / 2);
const end = epochMs(1.7e12 + 1000 * RUNS);
const hours = { grain: "hour", from: epochMs(at - 3_600_000), until: at } as const;
const lastHour = { now: end, failedSince: epochMs(end - 3_600_000) };
const span = { from: epochMs(at - 60_000), until: at };
const run: DispatchId = dispatchId(101);
const questions: readonly Question[] = [
  ...runQuestions(),
  ...narrowedQuestions(),
  ...[1, JOBS].flatMap((job): Question[] => [
    { name: `ledger of job ${job}`, ask: (store) => store.runs.ledger(jobId(job), 20) },
    { name: `unfinished runs of job ${job}`, ask: (store) => store.runs.unfinished(jobId(job)) },
    { name: `waiting runs of job ${job}`, ask: (store) => store.runs.waiting(jobId(job)) },
    { name: `job ${job}`, ask: (store) => store.jobs.get(jobId(job)) },
  ]),
  ...(["name", "nextRun", "lastRun", "worst", "id"] as const).flatMap((sort): Question[] => [
    { name: `jobs by ${sort}`, ask: (store) => store.jobs.list({ limit: 50, sort, now: end }) },
    {
      name: `paused jobs by ${sort}`,
      ask: (store) => store.jobs.list({ limit: 50, sort, now: end, states: ["paused"] }),
    },
  ]),
  {
    name: "planned starts within an hour",
    ask: ({ jobs }) =>
      jobs.plannedStarts({ from: epochMs(0), until: epochMs(3_600_000), except: jobId(1), limit: 1_001 }),
  },
  { name: "labels of jobs", ask: (store) => store.jobs.labels({ limit: 30 }) },
  { name: "labels of visible jobs", ask: (store) => store.jobs.labels({ limit: 30, visible: ["eu"] }) },
  { name: "what ended last of a job", ask: (store) => store.jobs.recent(jobId(1), 60) },
  ...(["failing", "late", "waiting", "running", "manual"] as const).map((state): Question => ({
    name: `${state} jobs`,
    ask: (store) => store.jobs.list({ limit: 50, sort: "worst", states: [state], now: end }),
  })),
  { name: "jobs that a search finds", ask: (store) => store.jobs.list({ limit: 50, search: "job 7" }) },
  { name: "the queue", ask: (store) => store.runs.queue({ now: span.until, when: "now", limit: 50 }) },
  { name: "what waits for later", ask: (store) => store.runs.queue({ now: span.until, when: "later", limit: 50 }) },
  {
    name: "the queue of a label and a name",
    ask: (store) =>
      store.runs.queue({
        now: span.until,
        when: "now",
        limit: 50,
        labels: [["eu"]],
        jobs: ["job 1*"],
        triggers: ["api"],
      }),
  },
  {
    name: "the visible queue",
    ask: (store) => store.runs.queue({ now: span.until, when: "now", limit: 50, visible: ["eu"] }),
  },
  { name: "queue groups with tags", ask: (store) => store.runs.taggedGroups(200) },
  { name: "failing jobs", ask: (store) => store.jobs.failing({ limit: 20 }) },
  { name: "visible failing jobs", ask: (store) => store.jobs.failing({ limit: 20, visible: ["eu"] }) },
  {
    name: "bars of jobs",
    ask: async (store) => {
      const bounds = await store.runs.barBounds(span);
      return await store.runs.bars({ jobIds: [1, 2, JOBS].map(jobId), ...span, limit: 61, bounds });
    },
  },
  { name: "visible jobs", ask: (store) => store.jobs.list({ limit: 50, visible: ["eu"] }) },
  {
    name: "visible jobs, the worst first",
    ask: (store) => store.jobs.list({ limit: 50, visible: ["eu"], sort: "worst", now: end }),
  },
  { name: "how many jobs", ask: (store) => store.jobs.count({}) },
  {
    name: "how many visible jobs in some states",
    ask: (store) => store.jobs.count({ visible: ["eu"], states: ["failing", "late", "waiting", "running"], now: end }),
  },
  { name: "bare jobs", ask: (store) => store.jobs.page({ limit: 50, labels: [["eu"]], sort: "lastRun" }) },
  { name: "jobs by their ids", ask: (store) => store.jobs.list({ limit: 50, ids: [1, 2, 3].map(jobId) }) },
  { name: "runs by their ids", ask: (store) => store.runs.list({ limit: 50, ids: [1, 2, 3].map(dispatchId) }) },
  { name: "a run", ask: (store) => store.runs.get(run) },
  { name: "the execution of a run", ask: (store) => store.runs.execution(run) },
  { name: "the attempts of an occurrence", ask: (store) => store.runs.attempts(run) },
  { name: "who holds a key", ask: (store) => store.runs.holders("key") },
  { name: "totals", ask: (store) => store.runs.totals(lastHour) },
  { name: "visible totals", ask: (store) => store.runs.totals({ ...lastHour, visible: ["eu"] }) },
  { name: "hours of all jobs", ask: ({ statistics }) => statistics.series(hours) },
  { name: "hours of visible jobs", ask: ({ statistics }) => statistics.series({ ...hours, visible: ["eu"] }) },
  {
    name: "numbers of visible jobs",
    ask: ({ statistics }) => statistics.series({ ...hours, visible: ["eu"], countsOnly: true }),
  },
  { name: "hours of a job", ask: ({ statistics }) => statistics.series({ ...hours, jobId: jobId(1) }) },
  { name: "hours of a host", ask: ({ statistics }) => statistics.series({ ...hours, host: "a" }) },
  { name: "statistics of jobs", ask: ({ statistics }) => statistics.ofJobs({ ...hours, jobIds: [1, 2].map(jobId) }) },
  { name: "statistics of hosts", ask: ({ statistics }) => statistics.ofHosts(hours) },
  {
    name: "a ranking",
    ask: ({ statistics }) => statistics.ranked({ ...hours, ranking: "failed", limit: 50, rows: 1000 }),
  },
  { name: "how far statistics are", ask: ({ statistics }) => statistics.progress() },
  { name: "workers", ask: (store) => store.workers.list() },
  ...["running", "waiting", "no_success"].map((what) => ({
    name: `jobs that alerts watch: ${what}`,
    ask: ({ alerts }: Store) =>
      alerts.watch({
        what: WATCHED.find((one) => one === what) ?? "running",
        before: span.until,
        scope: { kind: "all" },
        limit: 100,
      }),
  })),
  ...alertQuestions(),
  { name: "output", ask: (store) => store.logs.read(run, { fromSeq: 0, maxBytes: 1000 }) },
  { name: "the end of output", ask: (store) => store.logs.end(run) },
  { name: "a line of output", ask: (store) => store.logs.find(run, { line: 2 }) },
  { name: "a place in output", ask: (store) => store.logs.find(run, { offset: 2 }) },
];

// What became of the times of a span: of the ledger, all entries of the job are read, which retention bounds.
const occurrences: Question = {
  name: "occurrences",
  ask: (store) => store.runs.occurrences(jobId(1), span),
};

for (const gathered of [true, false]) {
  Deno.test(`SQLite: no list scans a big table, ${gathered ? "with" : "without"} statistics`, async () => {
    await using database = await openTestStore();
    await fillWithHistory(database, { gathered });
    for (const sql of [LABELS, INCIDENTS, DELIVERIES]) await database.sql(sql);
    for (const { name, ask, walks = false } of [...questions, occurrences]) {
      // A store of its own: each prepares a statement once.
      const statements = await takenDown(await database.another(), ask);
      assert.ok(statements.size > 0);
      for (const [sql] of statements) {
        const rows = await database.sql(`EXPLAIN QUERY PLAN ${sql}`);
        const scans = rows.map(({ detail }) => String(detail)).filter((detail) => isScan(sql, detail));
        assert.deepEqual(walks ? scans.filter((detail) => !isWalk(detail)) : scans, [], `${name}: ${sql}`);
      }
    }
  });
}

// As our sessions are set; and as they are where a pooler allows neither settings nor prepared statements.
const sessions: readonly (readonly [name: string, ...settings: string[]])[] = [
  ["planned once for all values", "SET plan_cache_mode = force_generic_plan", "SET enable_seqscan = off"],
  ["planned for its values", "SET plan_cache_mode = force_custom_plan", "SET enable_seqscan = off"],
  ["through a pooler", "SET plan_cache_mode = force_custom_plan"],
];
Deno.test("PostgreSQL: no list meets many more rows of a table than it shows", async (t) => {
  await using database = await openPostgresTestStore();
  await fillWithHistory(database, { gathered: true });
  for (const sql of [LABELS, INCIDENTS, DELIVERIES]) await database.sql(sql);
  const asked = new Map<string, ReadonlyMap<string, readonly unknown[]>>();
  for (const { name, ask } of questions) asked.set(name, await takenDown(database.store, ask));
  for (const [session, ...settings] of sessions) {
    await t.step(session, async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      try {
        for (const setting of settings) await client.query(setting);
        for (const [name, statements] of asked) {
          assert.ok(statements.size > 0);
          for (const [sql, values] of statements) {
            const plan = await explained(client, sql, values);
            const most = CHARTS.test(sql) ? MOST_CHARTED : sql.includes("with near") ? MOST_NEAR : MOST_ROWS;
            const found = met(plan).filter(({ rows }) => rows > most);
            assert.deepEqual(found, [], `${name}: ${sql}\n${JSON.stringify(plan)}`);
          }
        }
      } finally {
        await client.end();
      }
    });
  }
});

/** The statements about our tables that a store runs for `ask`, with their values. */
async function takenDown(store: Store, ask: Question["ask"]): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const seen = new Map<string, readonly unknown[]>();
  const take = (sql: unknown, values: unknown = []) => {
    const isOurs = typeof sql === "string" && /^\s*(select|with)\b/i.test(sql) &&
      /job_|occurrence_|scheduled_|worker_|_statistics|event_consumers|incidents|deliveries/.test(sql);
    if (isOurs) seen.set(sql, Array.isArray(values) ? values : []);
  };
  const { prepare } = DatabaseSync.prototype;
  const { query } = pg.Client.prototype;
  DatabaseSync.prototype.prepare = function (sql) {
    take(sql);
    return prepare.call(this, sql);
  };
  pg.Client.prototype.query = function (this: pg.Client, ...args: readonly unknown[]) {
    const [first, values] = args;
    if (typeof first === "object" && first !== null && "text" in first) take(first.text, Reflect.get(first, "values"));
    else take(first, values);
    return Reflect.apply(query, this, args);
  };
  try {
    await ask(store);
  } finally {
    DatabaseSync.prototype.prepare = prepare;
    pg.Client.prototype.query = query;
  }
  return seen;
}

/** Whether a line of SQLite's plan reads all of a big table, or of one of its indexes. */
function isScan(sql: string, detail: string): boolean {
  const [, how = "", name = "", rest = ""] = /^(SCAN|SEARCH) (\S+)(.*)$/.exec(detail) ?? [];
  const ofDeliveries = sql.includes("FROM deliveries d") && !sql.includes("job_dispatch d");
  const aliases: Readonly<Record<string, string>> = {
    d: ofDeliveries ? "deliveries" : "job_dispatch",
    i: "incidents",
    s: sql.includes("FROM deliveries s") ? "deliveries" : "s",
  };
  const table = aliases[name] ?? name;
  if (!BIG.includes(table)) return false;
  const [, index = ""] = /INDEX (\w+)/.exec(rest) ?? [];
  if (LIVE.includes(index)) return false;
  // Each step of a bisection looks at one row.
  if (sql.includes("bisect") && /\(rowid>\?\)$/.test(detail)) return false;
  // The newest few runs in each state: their number is bounded, or their least id.
  if (sql.includes("with near")) return how === "SCAN";
  // A bound on the primary key alone leaves half the table, and an index by job all runs of a job in whatever state.
  const isBounded = how === "SEARCH" && !/\((rowid|id|dispatch_id)[<>]\?\)/.test(rest);
  const isOfState = /"status" = '(FAILURE|ERROR|TIMEOUT|CANCELLED)'/.test(sql);
  return !isBounded || (isOfState && table === "job_execution_logs" && !/status=\?/.test(rest));
}

/** Whether a line of a plan goes along the primary key, newest first. */
function isWalk(detail: string): boolean {
  return /^SCAN (job_dispatch|job_execution_logs|i|d)$|USING INTEGER PRIMARY KEY \(rowid<\?\)$/.test(detail);
}

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How PostgreSQL carries out a statement. */
async function explained(client: pg.Client, sql: string, values: readonly unknown[]): Promise<PlanNode> {
  await client.query(`PREPARE list AS ${sql}`);
  const literals = values.map((value) => value === null ? "NULL" : client.escapeLiteral(textOf(value)));
  const call = values.length === 0 ? "list" : `list(${literals.join(", ")})`;
  const { rows: [row] } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE ${call}`);
  await client.query("DEALLOCATE list");
  return row["QUERY PLAN"][0].Plan;
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? `{${value.join(",")}}` : String(value);
}

/** How many rows of each big table the nodes of a plan read. */
function met(node: PlanNode): readonly { readonly table: string; readonly rows: number }[] {
  const table = node["Relation Name"] ?? "";
  const removed = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
  const rows = (node["Actual Rows"] + removed) * node["Actual Loops"];
  return [...BIG.includes(table) ? [{ table, rows }] : [], ...(node.Plans ?? []).flatMap(met)];
}
