/**
 * Many processes on one SQLite file under full load: a scheduler, four workers with empty runs, and a portal whose pages are
 * requested without pause. Prints each worker's share, the time of heartbeats, and whether a process found the database locked.
 * `deno task bench:sqlite`.
 *
 * @module
 */
import { DEFAULT_POLICIES, epochMs } from "../shared/domain/mod.ts";
import { parseScheduleText } from "../shared/schedule/mod.ts";
import { openSite, Service } from "../tests/support/process.ts";
import type { Seen } from "./queue/load_worker.ts";
import { openBackdoor } from "./queue/ours_sqlite.ts";
import { quantile } from "./queue/statistics.ts";
import { by } from "../tests/support/actor.ts";

const SECONDS = 15;
const WORKERS = 4;
/** Jobs that are due each second: more than the workers can run. */
const JOBS = 5000;
/** The bar. */
const HEARTBEAT_P99_MS = 100;

await using site = await openSite({ WEB_PORT: "0", LOG_LEVEL: "warning" });
const { LOG_LEVEL: _quiet, ...webEnv } = site.env;
const now = Date.now();
const job = await site.store.jobs.create({
  name: "Nothing",
  key: null,
  labels: [],
  scriptPath: "nothing.sh",
  scriptArgs: [],
  schedule: parseScheduleText("every 1s"),
  timezone: "UTC",
  policies: DEFAULT_POLICIES,
}, { nextRun: epochMs(now), ...by(epochMs(now)) });
await using backdoor = await openBackdoor(site.url);
await backdoor.addDueJobs(job.id, { count: JOBS - 1, dueAt: now, stepMs: 0 });

await using web = await Service.start("serve", webEnv);
const address = /http:\S+token=\S+/.exec(await web.line(/token=/))?.[0] ?? "";
const signedIn = await fetch(address, { redirect: "manual" });
await signedIn.body?.cancel();
const cookie = signedIn.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
await using scheduler = await Service.start("scheduler", site.env);
const workers = Array.from({ length: WORKERS }, () =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", new URL("./queue/load_worker.ts", import.meta.url).pathname, site.url],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn());

const until = Date.now() + SECONDS * 1000;
const pages: number[] = [];
const failed: string[] = [];
for (let path = "/runs"; Date.now() < until; path = path === "/runs" ? "/jobs" : "/runs") {
  const from = performance.now();
  const answer = await fetch(new URL(path, address), { headers: { cookie } });
  const text = await answer.text();
  pages.push(performance.now() - from);
  if (!answer.ok) failed.push(`${answer.status} ${text.slice(0, 200)}`);
}
for (const worker of workers) worker.kill("SIGTERM");
const outputs = await Promise.all(workers.map((worker) => worker.output()));
const logs = [
  ...web.lines,
  ...scheduler.lines,
  ...outputs.map(({ stderr }) => new TextDecoder().decode(stderr)),
  ...failed,
]
  .join("\n");
const seen = outputs.map(({ stdout }): Seen => JSON.parse(new TextDecoder().decode(stdout)));
const total = seen.reduce((sum, { runs }) => sum + runs, 0);
const beats = seen.flatMap(({ beats }) => beats);
const p99 = quantile(beats, 0.99);
const locked = logs.split("\n").filter((line) => /database is locked|busy|does not answer/i.test(line));

console.log(`${Math.round(total / SECONDS)} runs a second by ${WORKERS} workers`);
console.log(`shares ${seen.map(({ runs }) => `${(100 * runs / total).toFixed(0)} %`).join(", ")}`);
console.log(
  `${beats.length} heartbeats: p50 ${quantile(beats, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms ` +
    `(${p99 < HEARTBEAT_P99_MS ? "met" : "missed"}: under ${HEARTBEAT_P99_MS} ms), most ${
      Math.max(...beats).toFixed(1)
    } ms`,
);
console.log(
  `${pages.length} pages: p50 ${quantile(pages, 0.5).toFixed(0)} ms, p99 ${quantile(pages, 0.99).toFixed(0)} ms`,
);
console.log(`told that the database is locked: ${locked.length === 0 ? "nobody" : locked.join("\n")}`);
console.log(`pages that failed: ${failed.length}`);
if (failed.length > 0) throw new Error(failed[0]);
