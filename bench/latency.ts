/**
 * From due time to the script's start: a real scheduler and a real worker on SQLite, otherwise idle. Prints a table; a plain
 * program, because it measures other processes: `deno task bench:latency`.
 *
 * @module
 */
import { FULL_ACCESS } from "../shared/access/mod.ts";
import { epochMs, HERE } from "../shared/domain/mod.ts";
import { parseJobInput } from "../shared/api/mod.ts";
import { createJob, guardStore } from "../shared/operations/mod.ts";
import { eventually, openSite, Service } from "../tests/support/process.ts";

const OCCURRENCES = 30;

await using site = await openSite();
await site.script("nothing.sh", "exit 0");
await using _scheduler = await Service.start("scheduler", site.env);
await using _worker = await Service.start("worker", site.env);
await eventually(site.store, async () => (await site.store.workers.list()).length === 1);

const definition = await parseJobInput(
  { name: "Due", script: "nothing.sh", schedule: "every 1s", timezone: "UTC" },
  { scriptsDirs: [site.env.SCRIPTS_DIR ?? ""], defaultTimezone: "UTC" },
);
await createJob(
  {
    store: guardStore(site.store),
    now: epochMs(Date.now()),
    actor: { kind: "cli", name: "bench" },
    origin: HERE,
    access: FULL_ACCESS,
  },
  definition,
);
const runs = await eventually(site.store, async () => {
  const { items } = await site.store.runs.list({ statuses: ["COMPLETED"], limit: 200 });
  return items.length >= OCCURRENCES && items;
});
const latencies = runs.flatMap(({ state, scheduledFor }) =>
  state.status === "COMPLETED" && state.startedAt !== null ? [state.startedAt - scheduledFor] : []
).toSorted((a, b) => a - b);
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
console.log(
  `due → script started, ${latencies.length} occurrences: median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`,
);
