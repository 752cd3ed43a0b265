import assert from "node:assert/strict";
import { type Edge, type Limits, serve } from "../../app/server/edge/serve.ts";
import { openEdge } from "../../app/server/edge.ts";
import { append } from "../support/attempts.ts";
import { openSite, Service } from "../support/process.ts";
import { signInAt } from "../support/sign_in.ts";
import { openPortal, type TestPortal } from "./_portal.ts";

/** A portal behind its edge. */
interface Served extends AsyncDisposable {
  readonly portal: TestPortal;
  readonly edge: Edge;
  readonly port: number;
  /** The statuses of what the application has answered, once nothing is under way. */
  answered(): Promise<readonly number[]>;
}

async function openServed(limits: Partial<Limits> = {}): Promise<Served> {
  const portal = await openPortal();
  const answers: Promise<Response>[] = [];
  const edge = openEdge(portal.portal, { hostname: "127.0.0.1", port: 0, limits }, (request, info) => {
    const answer = portal.handler(request, info);
    answers.push(answer);
    return answer;
  });
  return {
    portal,
    edge,
    port: edge.addr.port,
    answered: async () => (await Promise.all(answers)).map(({ status }) => status),
    async [Symbol.asyncDispose]() {
      portal.stop();
      await edge.shutdown();
      await portal[Symbol.asyncDispose]();
    },
  };
}

/** Sends bytes as they are and answers all that comes back until the server closes the connection. */
async function exchange(port: number, text: string): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(text));
  return await new Response(conn.readable).text();
}

const malformed: readonly (readonly [name: string, request: string, status: number])[] = [
  ["a port beyond all ports", "GET / HTTP/1.1\r\nHost: 127.0.0.1:99999\r\n", 400],
  ["two hosts in one header", "GET / HTTP/1.1\r\nHost: a, b\r\n", 400],
  ["two Host headers", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: localhost\r\n", 400],
  ["a host that is no name", "GET / HTTP/1.1\r\nHost: <script>\r\n", 400],
  ["no Host", "GET / HTTP/1.1\r\n", 400],
  ["a foreign host", "GET / HTTP/1.1\r\nHost: evil.example\r\n", 421],
  ["a whole address in place of a path", "GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400],
  ["a path that is not percent-encoded", "GET /jobs/%E0%A4%A HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400],
  ["a method that nobody answers", "TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\n", 400],
  ["what is no HTTP", "rubbish\r\n", 400],
  ["a header that is too long", `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${"x".repeat(20_000)}\r\n`, 431],
  ["two lengths", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n", 400],
];
for (const [name, request, status] of malformed) {
  Deno.test(`the edge answers ${name} with ${status}, the usual headers and one line in the log`, async () => {
    await using served = await openServed();
    const answer = await exchange(served.port, `${request}Connection: close\r\n\r\n`);
    assert.equal(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), status, answer);
    const names = [
      "content-security-policy: default-src 'none'",
      "x-content-type-options: nosniff",
      "referrer-policy:",
    ];
    for (const header of names) assert.ok(answer.toLowerCase().includes(header), `${header} is not in ${answer}`);
    assert.doesNotMatch(answer, /evil|\bat file:/);
    assert.equal(served.portal.logged.length, 1, served.portal.logged.join("\n"));
    assert.doesNotMatch(served.portal.logged[0] ?? "", /\bat file:/);
  });
}

for (
  const [name, limits, text] of [
    ["says nothing", { headMs: 50 }, ""],
    ["never ends its head", { headMs: 50 }, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"],
    ["stays after an answer", { idleMs: 50 }, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
  ] as const
) {
  Deno.test(`the edge closes a connection that ${name}`, async () => {
    await using served = await openServed(limits);
    const answer = await exchange(served.port, text);
    assert.equal(answer.startsWith("HTTP/1.1 200"), text.endsWith("\r\n\r\n"), answer);
    assert.deepEqual(served.portal.logged, []);
  });
}

Deno.test("the edge closes a connection when its body does not arrive, which is no error", async () => {
  await using served = await openServed({ bodyMs: 50 });
  const { cookie } = served.portal;
  const head =
    `POST /jobs/new HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nOrigin: http://127.0.0.1:8000\r\nCookie: ${cookie}\r\n`;
  const type = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n";
  assert.equal(await exchange(served.port, `${head}${type}name=a`), "");
  assert.deepEqual(await served.answered(), [499]);
  assert.deepEqual(served.portal.logged, []);
});

Deno.test("a client that goes away is no error: in the middle of its form, of a page, of a stream", async () => {
  await using served = await openServed();
  const { cookie } = served.portal;
  const head = (line: string) =>
    `${line} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nOrigin: http://127.0.0.1:8000\r\nCookie: ${cookie}\r\n`;
  const type = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n";
  const requests = [
    `${head("POST /jobs/new")}${type}name=a`,
    `${head("GET /jobs")}\r\n`,
    `${head("GET /api/events")}\r\n`,
  ];
  for (const text of requests) {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: served.port });
    await conn.write(new TextEncoder().encode(text));
    if (text.includes("/api/events")) await conn.read(new Uint8Array(100));
  }
  served.portal.stop();
  await served.edge.shutdown();
  assert.equal((await served.answered())[0], 499);
  assert.deepEqual(served.portal.logged, []);
});

Deno.test("the edge keeps a connection for the next request, and tells the length of what is there at once", async () => {
  await using served = await openServed();
  const request = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  const answer = await exchange(served.port, `${request}\r\n${request}Connection: close\r\n\r\n`);
  assert.equal([...answer.matchAll(/HTTP\/1\.1 200 OK/g)].length, 2, answer);
  assert.equal([...answer.matchAll(/Content-Length: 3/gi)].length, 2, answer);
});

Deno.test("an answer of several megabytes arrives whole, however slowly it is read", async () => {
  await using served = await openServed();
  const { portal } = served;
  const job = await portal.job();
  const claim = await portal.claim(job);
  const data = "0123456789abcdef".repeat(60_000);
  const chunks = [0, 1, 2, 3].map((seq) => ({ seq, stream: "stdout", at: job.createdAt, data }) as const);
  assert.ok(await append(portal.store, claim, chunks));
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: served.port });
  const head = `Host: 127.0.0.1:8000\r\nCookie: ${portal.cookie}\r\nConnection: close\r\n\r\n`;
  await conn.write(new TextEncoder().encode(`GET /runs/${claim.dispatchId}/log HTTP/1.1\r\n${head}`));
  const answer = await new Response(conn.readable).text();
  assert.equal(answer.slice(answer.indexOf("\r\n\r\n") + 4), data.repeat(4));
});

Deno.test("a portal without a descriptor left goes on, and answers while a flood of half-open connections lasts", async () => {
  await using site = await openSite({ WEB_PORT: "0" });
  await using service = await Service.start("serve", site.env, ["sh", "-c", 'ulimit -n 128; exec "$@"', "sh"]);
  const address = (await service.line(/^Job Trigger Portal: /)).replace("Job Trigger Portal: ", "");
  const { origin, cookie } = await signInAt(address);
  const port = Number(new URL(origin).port);
  const flood: Deno.TcpConn[] = [];
  const isAnswered = async () => {
    const response = await fetch(`${origin}/jobs`, { headers: { cookie, connection: "close" } });
    await response.body?.cancel();
    return response.status;
  };
  try {
    for (let i = 0; i < 300; i++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      flood.push(conn);
      await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")).catch(() => {});
    }
    await service.line(/Cannot accept a connection/);
    assert.equal(await isAnswered(), 200);
  } finally {
    for (const conn of flood) conn.close();
  }
  assert.equal(await isAnswered(), 200);
  service.kill("SIGTERM");
  assert.equal((await service.ended()).code, 0);
  assert.equal(service.lines.filter((line) => /Cannot accept/.test(line)).length, 1, service.lines.join("\n"));
});

const FEW = { hostname: "127.0.0.1", port: 0, connections: 2, headers: {}, onRefused() {}, onError() {} };

Deno.test("the edge closes a new connection when it has its most and a request is under way on each", async () => {
  const started = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  let count = 0;
  const edge = serve(FEW, async () => {
    count += 1;
    if (count === FEW.connections) started.resolve();
    if (count > FEW.connections) return new Response("let in");
    await answer.promise;
    return new Response("done");
  });
  const { port } = edge.addr;
  const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  const first = [exchange(port, request), exchange(port, request)];
  await started.promise;
  assert.equal(await exchange(port, request).catch(() => ""), "");
  answer.resolve();
  for (const text of await Promise.all(first)) assert.match(text, /^HTTP\/1\.1 200 OK/);
  await edge.shutdown();
});

Deno.test("the edge closes the connection whose body is awaited longest when it has its most", async () => {
  const started = Promise.withResolvers<void>();
  let count = 0;
  const edge = serve(FEW, async (request) => {
    count += 1;
    if (count === FEW.connections) started.resolve();
    return new Response(`got ${await request.text()}`);
  });
  const { port } = edge.addr;
  const connect = async () => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n"));
    return conn;
  };
  using longest = await connect();
  using other = await connect();
  await started.promise;
  const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  assert.match(await exchange(port, request).catch(() => "closed"), /^HTTP\/1\.1 200 OK/);
  assert.equal(await longest.read(new Uint8Array(1)).catch(() => null), null);
  await other.write(new TextEncoder().encode("ok"));
  const buffer = new Uint8Array(1000);
  const text = new TextDecoder().decode(buffer.subarray(0, await other.read(buffer) ?? 0));
  assert.match(text, /^HTTP\/1\.1 200 OK/);
  await edge.shutdown();
});
