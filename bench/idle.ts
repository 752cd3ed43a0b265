/**
 * The cost of idle services: processor time over a minute and resident memory of scheduler, worker and web, beside a bare Deno
 * with `node:sqlite` loaded. Linux only: it reads /proc. `deno task bench:idle`.
 *
 * @module
 */
import { openSite, Service } from "../tests/support/process.ts";

const SECONDS = 60;
/** Clock ticks of /proc/PID/stat in a second (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS = 100;

/** Processor seconds used so far, and resident bytes. */
async function usage(pid: number): Promise<{ readonly cpu: number; readonly rssMb: number }> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const rss = /VmRSS:\s+(\d+)/.exec(await Deno.readTextFile(`/proc/${pid}/status`))?.[1] ?? "0";
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, rssMb: Number(rss) / 1024 };
}

await using site = await openSite({ WEB_PORT: "0" });
await using scheduler = await Service.start("scheduler", site.env);
await using worker = await Service.start("worker", site.env);
await using web = await Service.start("serve", site.env);
await Promise.all([scheduler.line(/has started/), worker.line(/has started/), web.line(/has started/)]);
const bare = new Deno.Command(Deno.execPath(), {
  args: [
    "eval",
    `import { DatabaseSync } from "node:sqlite"; new DatabaseSync(":memory:"); setInterval(() => {}, 1e6)`,
  ],
}).spawn();
await new Promise((resolve) => setTimeout(resolve, 5000));

const processes = { scheduler: scheduler.pid, worker: worker.pid, web: web.pid, "bare Deno": bare.pid };
const before = await Promise.all(Object.values(processes).map(usage));
await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
const after = await Promise.all(Object.values(processes).map(usage));
bare.kill();
await bare.status;

let total = 0;
for (const [i, name] of Object.keys(processes).entries()) {
  const cpu = 100 * ((after[i]?.cpu ?? 0) - (before[i]?.cpu ?? 0)) / SECONDS;
  if (name !== "bare Deno") total += cpu;
  console.log(
    `${name.padEnd(10)} ${cpu.toFixed(2).padStart(6)} % of a core ${(after[i]?.rssMb ?? 0).toFixed(1).padStart(7)} MB`,
  );
}
console.log(`the three  ${total.toFixed(2).padStart(6)} % of a core`);
