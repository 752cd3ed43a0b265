/**
 * The portal's listener beside `Deno.serve` and a bare `node:http`: GET requests on connections that are kept, answered by
 * one trivial handler. Each serves from a process of its own, and they take turns, round after round. `deno task bench:edge`
 * writes what this prints to `bench/EDGE.md`. Exits with 1 when the bar is missed.
 *
 * @module
 */
import { createServer } from "node:http";
import { cpus } from "node:os";
import { serve } from "../app/server/edge/serve.ts";
import { quantile } from "./queue/statistics.ts";

/** Most processor time that a request may take beyond `Deno.serve`'s, at the median, in microseconds. */
const BAR_US = 250;
const CONNECTIONS = 16;
const ROUNDS = 9;
const REQUESTS = 2000;
const REQUEST = new TextEncoder().encode("GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n");
const HEADERS = { "content-type": "text/plain" };

/** The trivial handler. It reads the address and the host, as the portal does first. */
function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  return Promise.resolve(new Response(`${pathname} at ${request.headers.get("host")}\n`, { headers: HEADERS }));
}

/** Each listens on a free port and passes it on. */
const CONTESTANTS = {
  deno(onPort: (port: number) => void): void {
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => onPort(port) }, answer);
  },
  edge(onPort: (port: number) => void): void {
    const address = { hostname: "127.0.0.1", port: 0 };
    onPort(serve({ ...address, headers: {}, onRefused: console.error, onError: console.error }, answer).addr.port);
  },
  node(onPort: (port: number) => void): void {
    const server = createServer(({ url, headers }, response) => {
      response.writeHead(200, HEADERS).end(`${url} at ${headers.host}\n`);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address !== "string") onPort(address.port);
    });
  },
} as const;
type Name = keyof typeof CONTESTANTS;
const NAMES: readonly Name[] = ["deno", "edge", "node"];

/** The measurements of one turn. */
interface Turn {
  readonly perSecond: number;
  /** Processor time of the server for one request, in microseconds. */
  readonly cpuUs: number;
}

const [served] = NAMES.filter((name) => Deno.args[0] === name);
if (served !== undefined) CONTESTANTS[served]((port) => console.log(port));
else await compare();

/** A process that serves. */
interface Server {
  readonly child: Deno.ChildProcess;
  readonly output: ReadableStreamDefaultReader<string>;
  readonly port: number;
}

/** Starts one contestant in a process of its own. */
async function start(name: Name): Promise<Server> {
  const args = ["run", "--quiet", "--no-lock", "--allow-net", "--allow-read", import.meta.filename ?? "", name];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  return { child, output, port: Number((await output.read()).value) };
}

/** Clock ticks that a process has used, in milliseconds: user and system time of proc_pid_stat(5), 100 ticks a second. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function turn({ child, port }: Server): Promise<Turn> {
  const [cpu, since] = [await cpuMs(child.pid), performance.now()];
  let left = REQUESTS;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay();
    while (left-- > 0) await exchange(conn);
  }));
  const seconds = (performance.now() - since) / 1000;
  return { perSecond: REQUESTS / seconds, cpuUs: (await cpuMs(child.pid) - cpu) / REQUESTS * 1000 };
}

async function exchange(conn: Deno.TcpConn): Promise<void> {
  await conn.write(REQUEST);
  const buffer = new Uint8Array(4096);
  for (let text = ""; !/at 127\.0\.0\.1\n(\r\n0\r\n\r\n)?$/.test(text);) {
    const length = await conn.read(buffer);
    if (length === null) throw new Error(`The server closed the connection after: ${text}`);
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
}

async function compare(): Promise<void> {
  const servers = new Map<Name, Server>();
  const turns: Record<Name, Turn[]> = { deno: [], edge: [], node: [] };
  try {
    for (const name of NAMES) servers.set(name, await start(name));
    for (let round = -1; round < ROUNDS; round++) {
      for (const [name, server] of servers) {
        const took = await turn(server);
        // The first round warms up.
        if (round >= 0) turns[name].push(took);
      }
    }
  } finally {
    for (const { child, output } of servers.values()) {
      child.kill("SIGKILL");
      await Promise.all([child.status, output.cancel()]);
    }
  }
  report(turns);
}

function report(turns: Readonly<Record<Name, readonly Turn[]>>): void {
  const median = (samples: readonly number[]) => quantile(samples, 0.5);
  const line = (title: string, name: Name) => {
    const perSecond = turns[name].map((one) => one.perSecond);
    const ratios = perSecond.map((one, round) => one / (turns.deno[round]?.perSecond ?? NaN));
    const cpuUs = median(turns[name].map((one) => one.cpuUs));
    return `| ${title} | ${median(perSecond).toFixed(0)} | ${median(ratios).toFixed(2)} | ${cpuUs.toFixed(0)} |`;
  };
  const extraUs = median(turns.edge.map(({ cpuUs }, round) => cpuUs - (turns.deno[round]?.cpuUs ?? NaN)));
  console.log(`# The portal's listener beside Deno.serve

Written by \`deno task bench:edge\`; run it to measure again. It exits with 1 when the bar is missed.

Deno ${Deno.version.deno}, Linux ${Deno.osRelease()}; ${cpus().length} processors, ${
    cpus()[0]?.model.trim() ?? "unknown"
  }. Figures depend on the machine and its load. The processor time depends on it least.

${CONNECTIONS} kept connections send GET requests to a trivial handler, which reads the address and the host. A figure is the
median of ${ROUNDS} rounds of ${REQUESTS} requests each.

| listener | requests a second | ratio to Deno.serve | processor time of a request, µs |
| --- | --: | --: | --: |
${line("Deno.serve", "deno")}
${line("the portal's", "edge")}
${line("bare node:http", "node")}

The portal's listener took ${
    extraUs.toFixed(0)
  } µs more of the processor than Deno.serve; the bar is ${BAR_US} µs. [Decision
10](../docs/decisions/0010-node-http-behind-own-connections.md) says why that price is paid.`);
  if (extraUs > BAR_US) {
    console.error("The bar is missed.");
    Deno.exitCode = 1;
  }
}
