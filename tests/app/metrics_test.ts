import assert from "node:assert/strict";
import { RequestCounts } from "../../app/server/metrics/request_counts.ts";
import { PortalMetrics } from "../../app/server/metrics/portal_metrics.ts";
import { formatMetrics } from "../../app/server/metrics/exposition.ts";
import { epochMs, StoreUnavailable } from "../../shared/domain/mod.ts";
import { openTestStore } from "../support/store.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { NETWORK } from "../support/network.ts";
import { onEachDatabase, openPortal, type TestPortal } from "./_portal.ts";

const TOKEN = "a-token-of-at-least-thirty-two-characters";

/** A metric as a scraper reads it: its type, and each series with its value. */
interface Read {
  readonly type: string;
  readonly series: ReadonlyMap<string, number>;
}

const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const SERIES = new RegExp(String.raw`^([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\{${LABEL}(?:,${LABEL})*\})?) (\S+)$`);

/** Reads the text as its specification says. @throws where a line is not of the format, or a metric is not whole. */
function readMetrics(text: string): ReadonlyMap<string, Read> {
  assert.ok(text.endsWith("\n"));
  const found = new Map<string, { type: string; series: Map<string, number> }>();
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === "HELP") assert.ok(!found.has(name), `${name} has one HELP, before its TYPE`);
    if (keyword === "TYPE") found.set(current = name, { type: rest, series: new Map() });
    if (keyword !== undefined) continue;
    const [, series = "", labels = "", value = ""] = SERIES.exec(line) ?? assert.fail(`Not of the format: ${line}`);
    const metric = found.get(current) ?? assert.fail(`${series} has no TYPE`);
    const base = metric.type === "histogram" ? series.replace(/_(bucket|sum|count)$/, "") : series;
    assert.equal(base, current, "the lines of a metric stand together");
    assert.ok(!metric.series.has(series + labels), `${series}${labels} stands there once`);
    assert.ok(Number.isFinite(Number(value)), line);
    metric.series.set(series + labels, Number(value));
  }
  for (const [name, { type, series }] of found) {
    assert.equal(type === "counter", name.endsWith("_total"), `${name} is a ${type}`);
    if (type === "histogram") assertWhole(name, series);
  }
  return found;
}

/** The buckets of each histogram rise, and the last one counts what its count says. */
function assertWhole(name: string, series: ReadonlyMap<string, number>): void {
  const buckets = [...series].filter(([key]) => key.startsWith(`${name}_bucket`));
  for (const [labels, some] of Map.groupBy(buckets, ([key]) => key.replace(/,?le="[^"]*"/, ""))) {
    const counts = some.map(([, count]) => count);
    assert.deepEqual(counts, counts.toSorted((a, b) => a - b), labels);
    assert.match(some.at(-1)?.[0] ?? "", /le="\+Inf"/);
    const own = labels.replace("_bucket", "_count").replace("{}", "");
    assert.equal(series.get(own), counts.at(-1), own);
  }
}

async function scrape(portal: TestPortal): Promise<ReadonlyMap<string, Read>> {
  const response = await portal.asStranger("/metrics", { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return readMetrics(await response.text());
}

/** Asks promtool, which Debian has in the package prometheus; null: it is not here. */
async function promtool(args: readonly string[], input = ""): Promise<string | null> {
  try {
    const child = new Deno.Command("promtool", { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    return `${code} ${new TextDecoder().decode(stdout)}${new TextDecoder().decode(stderr)}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

onEachDatabase("metrics count what happened since the portal began, once, and say how the system is", async (open) => {
  let now = Date.UTC(2026, 0, 2, 12);
  await using portal = await openPortal(open, () => epochMs(now), undefined, { metricsToken: TOKEN });
  const job = await portal.job();
  const run = async () => {
    const claim = await portal.claim(job);
    const at = epochMs(now + 1500);
    await portal.store.queue.markStarted([{ ...claim, startedAt: epochMs(now), timeoutAt: epochMs(now + 60_000) }]);
    const outcome = {
      status: "COMPLETED",
      execution: "SUCCESS",
      exitCode: 0,
      signal: null,
      errorMessage: null,
    } as const;
    await portal.store.queue.finish([{
      ...claim,
      outcome: { ...outcome, durationMs: 1500, logBytes: 0, truncated: false },
      startedAt: epochMs(now),
      endedAt: at,
      retryAt: null,
    }]);
    while (await portal.store.statistics.rollUp({ limit: 100 }) > 0);
  };
  await run();
  const read = async () => {
    const { runCounts } = portal.portal;
    return readMetrics(formatMetrics(await runCounts.metrics(epochMs(now + 60_000))));
  };
  const valueOf = (metrics: ReadonlyMap<string, Read>, series: string) =>
    metrics.get(series.replace(/\{.*|_count$/, ""))?.series.get(series);
  const before = await read();
  assert.equal(valueOf(before, 'jobtrigger_runs_ended_total{status="success"}'), 0, "what was before does not count");
  await run();
  for (const _ of [1, 2]) {
    const after = await read();
    assert.equal(valueOf(after, 'jobtrigger_runs_ended_total{status="success"}'), 1);
    assert.equal(valueOf(after, 'jobtrigger_dispatches_total{trigger="manual"}'), 1);
    assert.equal(valueOf(after, "jobtrigger_run_duration_seconds_count"), 1);
    assert.equal(after.get("jobtrigger_run_duration_seconds")?.series.get("jobtrigger_run_duration_seconds_sum"), 1.5);
  }
  now += 86_400_000;
  await run();
  assert.equal(valueOf(await read(), 'jobtrigger_runs_ended_total{status="success"}'), 2, "on the next day too");

  const metrics = await scrape(portal);
  assert.equal(valueOf(metrics, "jobtrigger_database_up"), 1);
  assert.equal(valueOf(metrics, 'jobtrigger_services{kind="scheduler",state="up"}'), 0);
  assert.equal(valueOf(metrics, 'jobtrigger_outbox_lag_seconds{consumer="statistics"}'), 0);
  // The job is due each day, and nobody has dealt with it.
  assert.ok((valueOf(metrics, "jobtrigger_scheduler_lag_seconds") ?? 0) > 3600);
});

Deno.test("metrics name routes by their patterns, however many paths are asked for", async () => {
  await using portal = await openPortal(undefined, null, undefined, { metricsToken: TOKEN });
  for (let id = 1; id <= 30; id++) {
    for (const path of [`/jobs/${id}`, `/nowhere/${id}`, `/api/v1/jobs/${id}`, `/api/v1/${id}"\n`]) {
      await (await portal.get(path)).body?.cancel();
    }
  }
  const series = [...(await scrape(portal)).get("jobtrigger_http_requests_total")?.series.keys() ?? []];
  const routes = new Set(series.map((key) => /route="([^"]*)"/.exec(key)?.[1]));
  for (const route of ["/jobs/:id", "none", "/api/v1/jobs/{job}", "/api/v1/:path*"]) {
    assert.ok(routes.has(route), route);
  }
  assert.ok(series.length < 12, series.join("\n"));
});

Deno.test("a metric's labels may hold any text", () => {
  const counts = new RequestCounts();
  counts.add({ route: 'a"b\\c\nd', method: "BREW", status: 200, seconds: 20 });
  const [name = ""] = [
    ...readMetrics(formatMetrics(counts.metrics())).get("jobtrigger_http_requests_total")?.series.keys() ?? [],
  ];
  assert.equal(name, String.raw`jobtrigger_http_requests_total{route="a\"b\\c\nd",method="other",code="200"}`);
});

Deno.test("metrics are for who has their token, or a session; a session helps nobody with a wrong token", async () => {
  await using portal = await openPortal(undefined, null, undefined, { metricsToken: TOKEN });
  const statusOf = async (ask: TestPortal["get"], authorization?: string) => {
    const response = await ask("/metrics", authorization === undefined ? {} : { headers: { authorization } });
    const text = await response.text();
    assert.equal(response.status === 200, text.includes("jobtrigger_"));
    return response.status;
  };
  assert.equal(await statusOf(portal.asStranger), 401);
  assert.equal(await statusOf(portal.asStranger, `Bearer ${TOKEN}`), 200);
  assert.equal(await statusOf(portal.asStranger, `bearer  ${TOKEN}`), 200);
  for (const wrong of [`Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, "Bearer ", `Basic ${btoa(`x:${TOKEN}`)}`]) {
    assert.equal(await statusOf(portal.asStranger, wrong), 401, wrong);
    assert.equal(await statusOf(portal.get, wrong), 401, wrong);
  }
  assert.equal(await statusOf(portal.get), 200);
  await using without = await openPortal(undefined, null, undefined, { metricsToken: null, ...NETWORK });
  for (const wrong of ["Bearer null", "Bearer", `Bearer ${TOKEN}`]) {
    assert.equal(await statusOf(without.asStranger, wrong), 401, wrong);
  }
});

Deno.test("scrapes that come while one is under way share its reading, however long it takes", async () => {
  const database = await openTestStore();
  let reads = 0;
  const slow = Promise.withResolvers<void>();
  const list = async () => {
    reads += 1;
    await slow.promise;
    return await database.store.services.list();
  };
  const store = { ...database.store, services: { ...database.store.services, list } };
  await using portal = await openPortal(() => Promise.resolve({ ...database, store }));
  const metrics = new PortalMetrics();
  const [first, second] = [metrics.text(portal.portal), metrics.text(portal.portal)];
  assert.equal(first, second);
  slow.resolve();
  await first;
  // The status and the list of services are read beside each other.
  assert.equal(reads, 2);
});

Deno.test("without a database the metrics say so, and those of the portal itself go on", async () => {
  const database = await openTestStore();
  const away = () => Promise.reject(new StoreUnavailable("it is away"));
  const store = { ...database.store, services: { ...database.store.services, list: away } };
  await using portal = await openPortal(() => Promise.resolve({ ...database, store }), systemClock.now, undefined, {
    metricsToken: TOKEN,
  });
  const metrics = await scrape(portal);
  assert.equal(metrics.get("jobtrigger_database_up")?.series.get("jobtrigger_database_up"), 0);
  assert.ok(metrics.has("jobtrigger_http_requests_total"));
  assert.ok(!metrics.has("jobtrigger_queue_runs"));
});

Deno.test("the dashboard and the alert rules ask for metrics that there are, and promtool finds nothing wrong", async (test) => {
  await using portal = await openPortal(undefined, null, undefined, { metricsToken: TOKEN });
  await portal.store.events.register("reports");
  await (await portal.get("/jobs")).body?.cancel();
  const text = await (await portal.get("/metrics")).text();
  const known = new Set(readMetrics(text).keys());
  // Only a PostgreSQL has snapshots of others, and only a scheduler that ran has passes.
  const others = ["jobtrigger_database_oldest_snapshot_age_seconds", "jobtrigger_scheduler_last_pass_age_seconds"];
  for (const file of ["grafana-dashboard.json", "jobtrigger.rules.yml"]) {
    const asked = await Deno.readTextFile(`deploy/prometheus/${file}`);
    const names = new Set([...asked.matchAll(/\b(?:jobtrigger|process)_\w+_?\w*/g)].map(([name]) => name))
      .difference(new Set(["jobtrigger_token"]));
    for (const name of names) {
      const base = name.replace(/_(bucket|sum|count)$/, "");
      assert.ok(known.has(base) || others.includes(base), `${file} asks for ${name}`);
    }
  }
  const rules = await Deno.readTextFile("deploy/prometheus/jobtrigger.rules.yml");
  const tried = await Deno.readTextFile("tests/deploy/alert_rules.test.yml");
  const alertsIn = (text: string, key: string) =>
    [...text.matchAll(new RegExp(`- ${key}: (\\w+)`, "g"))].map(([, name]) => name);
  assert.deepEqual(alertsIn(tried, "name").toSorted(), alertsIn(rules, "alert").toSorted(), "each alert is tried");
  const table = [...(await Deno.readTextFile("docs/monitor.md")).matchAll(/^\| `((?:jobtrigger|process)_\w+)`/gm)]
    .map(([, name = ""]) => name);
  assert.deepEqual(table.toSorted(), [...known, ...others].toSorted(), "docs/monitor.md names each metric");
  // CI brings it, and fails without.
  const isHere = Deno.env.get("CI") !== undefined || await promtool(["--version"]) !== null;
  await test.step({
    name: isHere
      ? "promtool reads the metrics, the rules and the part of a configuration"
      : "skipped: no promtool here",
    ignore: !isHere,
    async fn() {
      assert.equal(await promtool(["check", "metrics"], text), "0 ");
      assert.match(
        await promtool(["check", "rules", "deploy/prometheus/jobtrigger.rules.yml"]) ?? "",
        /^0 [\s\S]*SUCCESS/,
      );
      // Each alert is raised when it should be, once, and ends.
      const raised = await promtool(["test", "rules", "tests/deploy/alert_rules.test.yml"]);
      assert.match(raised ?? "", /^0 [\s\S]*SUCCESS/, raised ?? "");
      const config = await promtool(["check", "config", "--syntax-only", "deploy/prometheus/prometheus.yml"]);
      assert.match(config ?? "", /^0 [\s\S]*SUCCESS/);
    },
  });
});
