/**
 * What is only so where jobctl works with a portal: which portal, the token, and what a network can do wrong.
 *
 * @module
 */
import assert from "node:assert/strict";
import { targetOf } from "../../cli/client/target.ts";
import { dispatchId, epochMs, Invalid, workerId } from "../../shared/domain/mod.ts";
import type { Claim } from "../../shared/store/mod.ts";
import { type Clock, systemClock } from "../../shared/time/mod.ts";
import { append, complete } from "../support/attempts.ts";
import { eventually, openSite } from "../support/process.ts";
import { openDirectory } from "../support/temporary.ts";
import { json, run, start, type Surroundings } from "./_cli.ts";
import { type Reached, throughPortal } from "./_reach.ts";

const TOKEN = "jtp_aVeryLongSecretThatNobodyMayEverSee00000000";

/** A clock on which no sleep takes time; it keeps what it was asked for. */
function hurriedClock(): { readonly clock: Clock; readonly slept: readonly number[] } {
  const slept: number[] = [];
  const sleep = (ms: number) => Promise.resolve(void slept.push(ms));
  return { clock: { ...systemClock, sleep }, slept };
}

/** A server that answers in place of a portal. */
function fakePortal(
  answer: (request: Request) => Response,
): AsyncDisposable & { readonly env: Record<string, string> } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return {
    env: { JOBTRIGGER_URL: `http://127.0.0.1:${server.addr.port}`, JOBTRIGGER_TOKEN: TOKEN },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function problem(status: number, code: string, detail: string, more: ResponseInit["headers"] = {}): Response {
  const body = { type: `/help/api#${code}`, title: code, status, detail, code, errors: [], requestId: "r-1" };
  const headers = { "content-type": "application/problem+json", ...more };
  return new Response(JSON.stringify(body), { status, headers });
}

const URL_ = { JOBTRIGGER_URL: "https://jobs.example.com" };
const BOTH = { ...URL_, JOBTRIGGER_TOKEN: TOKEN };
const wrong: readonly (readonly [what: string, env: Readonly<Record<string, string>>, said: RegExp])[] = [
  [
    "a portal and a database at once",
    { ...BOTH, DATABASE_URL: "sqlite:///a.db" },
    /^JOBTRIGGER_URL: it names a portal, and DATABASE_URL names a database; expected one of the two/,
  ],
  [
    "a portal and a database by its former name",
    { ...BOTH, REFLEX_DB_URL: "sqlite:///a.db" },
    /^JOBTRIGGER_URL: it names a portal, and REFLEX_DB_URL names a database/,
  ],
  ["a portal without a token", URL_, /^JOBTRIGGER_TOKEN: is missing.*jobctl login https:\/\/jobs\.example\.com/],
  ["a token without a portal", { JOBTRIGGER_TOKEN: TOKEN }, /^JOBTRIGGER_URL: is missing/],
  [
    "a token that is none",
    { ...URL_, JOBTRIGGER_TOKEN: "hunter2" },
    /^JOBTRIGGER_TOKEN: found 7 characters that are no API token/,
  ],
  ["a path", { ...BOTH, JOBTRIGGER_URL: "https://jobs.example.com/api" }, /^JOBTRIGGER_URL: .*without a path/],
  ["no address", { ...BOTH, JOBTRIGGER_URL: "jobs" }, /^JOBTRIGGER_URL: found "jobs", expected an address/],
  [
    "an address with a password",
    { ...BOTH, JOBTRIGGER_URL: "https://ann:hunter2@jobs.example.com" },
    /^JOBTRIGGER_URL: found more than an address/,
  ],
  [
    "another machine without TLS",
    { ...BOTH, JOBTRIGGER_URL: "http://jobs.example.com" },
    /^JOBTRIGGER_URL: http:\/\/jobs\.example\.com would get the token without TLS.*JOBTRIGGER_ALLOW_HTTP=yes/,
  ],
];
for (const [what, env, said] of wrong) {
  Deno.test(`jobctl refuses ${what}, and repeats no secret`, () => {
    assert.throws(() => targetOf((name) => new Map(Object.entries(env)).get(name)), (error) => {
      assert.ok(error instanceof Invalid);
      assert.match(error.message, said);
      assert.doesNotMatch(error.message, /hunter2|aVeryLongSecret/);
      return true;
    });
  });
}

const rightTargets: readonly (readonly [what: string, env: Readonly<Record<string, string>>, found: string])[] = [
  ["the portal of JOBTRIGGER_URL", BOTH, "https://jobs.example.com"],
  [
    "a portal on this machine without TLS",
    { ...BOTH, JOBTRIGGER_URL: "http://127.0.0.1:8000" },
    "http://127.0.0.1:8000",
  ],
  ["a portal at [::1] without TLS", { ...BOTH, JOBTRIGGER_URL: "http://[::1]:8000" }, "http://[::1]:8000"],
  [
    "another machine without TLS where that is allowed",
    { ...BOTH, JOBTRIGGER_URL: "http://jobs.example.com", JOBTRIGGER_ALLOW_HTTP: "yes" },
    "http://jobs.example.com",
  ],
  ["the database of DATABASE_URL", { DATABASE_URL: "sqlite:///a.db" }, "database"],
  ["the default database", {}, "database"],
];
for (const [what, env, found] of rightTargets) {
  Deno.test(`jobctl works with ${what}`, () => {
    const target = targetOf((name) => new Map(Object.entries(env)).get(name));
    assert.equal(target.kind === "portal" ? target.url : target.kind, found);
  });
}

Deno.test("jobctl login keeps a token that only its owner can read, whoami says whose it is, and logout forgets it", async () => {
  await using site = await throughPortal(await openSite());
  await using home = await openDirectory();
  const { JOBTRIGGER_URL: url = "", JOBTRIGGER_TOKEN: token = "" } = site.env;
  const env = { XDG_CONFIG_HOME: `${home.path}/config`, DISPLAY_TIMEZONE: "UTC" };
  const path = `${home.path}/config/jobtrigger/login.json`;
  const refused = await run(["login", url], { env, stdin: `${TOKEN}\n` });
  assert.deepEqual([refused.code, refused.stdout], [4, ""]);
  assert.match(refused.stderr, /does not accept the token/);
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);

  assert.deepEqual(await run(["login", `${url}/`], { env, typed: [token] }), {
    code: 0,
    stdout: `Signed in to ${url} as ci of robot; the token is in ${path}\n`,
    stderr: "",
  });
  const { mode } = await Deno.stat(path);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(await json(["jobs", "list"], { env }), []);
  const { stdout } = await run(["whoami"], { env });
  assert.match(stdout, /^portal\thttp:.*\nnamed by\tjobctl login\nacts as\tci of robot\nrole\tadmin\n/);
  assert.match(stdout, /\ntoken expires\tnever\nmay do\tjobs\.read, /);
  assert.doesNotMatch(stdout, new RegExp(token));
  assert.deepEqual(Object(await json(["whoami"], { env })).actor, { kind: "token", name: "ci of robot" });

  const over = await run(["login", url], { env: { ...env, DATABASE_URL: site.url }, stdin: token });
  assert.deepEqual([over.code, over.stderr], [0, "DATABASE_URL is set, and goes before the login\n"]);
  assert.deepEqual(await json(["whoami"], { env: { ...env, DATABASE_URL: site.url } }), {
    database: site.url,
    actor: { kind: "cli", name: "jobctl" },
  });
  assert.deepEqual(await json(["jobs", "list"], { env: { ...env, JOBTRIGGER_URL: url } }), []);

  await Deno.chmod(path, 0o640);
  const open = await run(["jobs", "list"], { env });
  assert.deepEqual([open.code, open.stdout], [2, ""]);
  assert.match(open.stderr, /login\.json: it holds a token and has mode 0640, expected 0600/);
  await Deno.chmod(path, 0o600);
  await Deno.writeTextFile(path, "{}");
  assert.match((await run(["jobs", "list"], { env })).stderr, /login\.json: it holds no login; remove it/);

  const done = "The login is removed. Its token is valid until it is revoked in the portal\n";
  assert.deepEqual(await run(["logout"], { env }), { code: 0, stdout: done, stderr: "" });
  assert.deepEqual(await json(["logout"], { env }), { result: "none" });
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
});

const logins: readonly (readonly [what: string, address: string, stdin: string, said: RegExp])[] = [
  ["no token", "https://jobs.example.com", "", /^jobctl: token: found nothing on standard input/],
  ["a token that is none", "https://jobs.example.com", "hunter2", /^jobctl: token: found 7 characters/],
  ["a path", "https://jobs.example.com/x", TOKEN, /^jobctl: address: .*without a path/],
  ["another machine without TLS", "http://jobs.example.com", TOKEN, /^jobctl: address: .*without TLS/],
];
for (const [what, address, stdin, said] of logins) {
  Deno.test(`jobctl login refuses ${what}, and repeats no secret`, async () => {
    const { code, stdout, stderr } = await run(["login", address], { stdin });
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /hunter2|aVeryLongSecret/);
  });
}

for (const command of ["migrate", "check", "backup --to /nowhere/a.db"]) {
  Deno.test(`jobctl database ${command} says that it works on the database itself`, async () => {
    const { code, stdout, stderr } = await run(["database", ...command.split(" ")], { env: BOTH });
    assert.deepEqual([code, stdout], [2, ""]);
    const [name] = command.split(" ");
    assert.match(
      stderr,
      new RegExp(
        `^jobctl: database ${name}: it works on the database itself, but JOBTRIGGER_URL names the portal https`,
      ),
    );
  });
}

const answers: readonly (readonly [what: string, answer: () => Response, code: number, said: RegExp])[] = [
  [
    "401",
    () => problem(401, "unauthorized", "There is no such API token, or it is not valid any more"),
    4,
    /does not accept the token: There is no such API token, or it is not valid any more\. It may have expired.*JOBTRIGGER_TOKEN, or jobctl login/,
  ],
  ["403", () => problem(403, "forbidden", "You may not"), 4, /^jobctl: You may not\n$/],
  ["404", () => problem(404, "not_found", "There is no job 1"), 5, /^jobctl: There is no job 1\n$/],
  ["409", () => problem(409, "conflict", "Too late"), 6, /^jobctl: Too late\n$/],
  ["412", () => problem(412, "precondition_failed", "Too late"), 6, /^jobctl: Too late\n$/],
  [
    "405",
    () => problem(405, "method_not_allowed", "It answers GET"),
    1,
    /does not understand this jobctl: It answers GET\. Are both of one version\?/,
  ],
  ["421", () => problem(421, "misdirected", "Ask for jobs.example.com"), 1, /does not answer under this name: Ask for/],
  ["500", () => problem(500, "internal", "Something went wrong"), 1, /failed: Something went wrong\. .*request r-1/],
  [
    "503",
    () => problem(503, "unavailable", "The database is away"),
    1,
    /cannot answer now: The database is away\. Try again later/,
  ],
  [
    "502 of a proxy",
    () => new Response("<html>", { status: 502 }),
    1,
    /answered 502 and not as this portal does.*down\?/,
  ],
  [
    "404 of something else",
    () => new Response("no", { status: 404 }),
    1,
    /answered 404 and not as this portal does\. Is it/,
  ],
  ["a page", () => new Response("<html>"), 1, /answered what this jobctl cannot read/],
  ["half an answer", () => Response.json({ id: 1 }), 1, /cannot read: \w+: .*Are both of one version\?/],
];
for (const [what, answer, code, said] of answers) {
  Deno.test(`jobctl says in one line what ${what} of a portal means`, async () => {
    await using portal = fakePortal(answer);
    const found = await run(["jobs", "show", "1"], portal);
    assert.deepEqual([found.code, found.stdout, found.stderr.split("\n").length], [code, "", 2], found.stderr);
    assert.match(found.stderr, said);
    assert.doesNotMatch(found.stderr, /aVeryLongSecret/);
  });
}

Deno.test("jobctl follows no redirect: its token goes to the named portal alone", async () => {
  let asked = 0;
  await using other = fakePortal(() => new Response(String(asked++)));
  const location = `${other.env["JOBTRIGGER_URL"]}/api/v1/jobs/1?token=x`;
  await using portal = fakePortal(() => new Response(null, { status: 307, headers: { location } }));
  const { code, stderr } = await run(["jobs", "show", "1"], portal);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^jobctl: JOBTRIGGER_URL: .* sends to http:\/\/127\.0\.0\.1:\d+, where jobctl does not take its token/,
  );
  assert.equal(asked, 0);
});

Deno.test("jobctl waits as long as a portal with too many requests says, and no longer than is bearable", async () => {
  let asked = 0;
  let most = 2;
  let seconds = "7";
  await using portal = fakePortal(() =>
    asked++ < most
      ? problem(429, "too_many_requests", "This token has sent too many requests", { "retry-after": seconds })
      : Response.json({ items: [] })
  );
  const patient = hurriedClock();
  assert.equal((await run(["workers", "list"], { ...portal, clock: patient.clock })).code, 0);
  assert.deepEqual(patient.slept, [7000, 7000]);
  most = Infinity;
  const endless = hurriedClock();
  const { code, stderr } = await run(["workers", "list"], { ...portal, clock: endless.clock });
  assert.deepEqual([code, endless.slept.length], [1, 5]);
  assert.match(stderr, /has too many requests: .*Try again in 7 s\n$/);
  seconds = "3600";
  const long = hurriedClock();
  assert.match((await run(["workers", "list"], { ...portal, clock: long.clock })).stderr, /Try again in 3600 s/);
  assert.deepEqual(long.slept, []);
});

Deno.test("jobctl says that nothing listens at the portal's address, and that a name is unknown", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const nobody = { JOBTRIGGER_URL: `http://127.0.0.1:${port}`, JOBTRIGGER_TOKEN: TOKEN };
  const { code, stderr } = await run(["jobs", "list"], { env: nobody });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^jobctl: Cannot reach the portal at http:\/\/127\.0\.0\.1:\d+: nothing listens there \(ECONNREFUSED\)\. Is it running, and is this its address\?\n$/,
  );
  const nowhere = { JOBTRIGGER_URL: "https://portal.invalid", JOBTRIGGER_TOKEN: TOKEN };
  const unknown = await run(["jobs", "list"], { env: nowhere });
  assert.equal(unknown.code, 1);
  assert.match(
    unknown.stderr,
    /^jobctl: Cannot reach the portal at https:\/\/portal\.invalid: (?:there is no such name|the name cannot be looked up)/,
  );
});

Deno.test("jobctl says of a change whose answer broke off that it may have been carried out", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const slammed = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096));
      connection.close();
    }
  })();
  const env = { JOBTRIGGER_URL: `http://127.0.0.1:${listener.addr.port}`, JOBTRIGGER_TOKEN: TOKEN };
  const changed = await run(["runs", "cancel", "1"], { env });
  assert.equal(changed.code, 1);
  assert.match(changed.stderr, /the connection broke off.*Whether the portal carried this out is not known/);
  assert.doesNotMatch((await run(["workers", "list"], { env })).stderr, /carried this out/);
  listener.close();
  await slammed;
});

/** Certificates of an authority of one's own and of 127.0.0.1, made by openssl. */
async function certificates(
  path: string,
): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }> {
  const file = (name: string) => `${path}/${name}`;
  const openssl = async (...args: readonly string[]) => {
    const { success } = await new Deno.Command("openssl", { args: [...args], stderr: "null" }).output();
    assert.ok(success, args.join(" "));
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const root = ["-x509", "-days", "2", "-subj", "/CN=Test", "-keyout", file("ca.key"), "-out", file("ca.pem")];
  await openssl("req", ...key, ...root);
  await openssl("req", ...key, "-subj", "/CN=portal", "-keyout", file("key.pem"), "-out", file("portal.csr"));
  await Deno.writeTextFile(file("san"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
  const signer = [
    "-CA",
    file("ca.pem"),
    "-CAkey",
    file("ca.key"),
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    file("san"),
  ];
  await openssl("x509", "-req", "-in", file("portal.csr"), ...signer, "-out", file("cert.pem"));
  return {
    ca: file("ca.pem"),
    cert: await Deno.readTextFile(file("cert.pem")),
    key: await Deno.readTextFile(file("key.pem")),
  };
}

Deno.test("jobctl sends nothing to a portal whose certificate it cannot trust, and trusts an authority that it is given", async () => {
  await using home = await openDirectory();
  const { ca, cert, key } = await certificates(home.path);
  const asked: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, cert, key, onListen() {} }, ({ headers }) => {
    asked.push(headers.get("authorization"));
    return Response.json({ items: [] });
  });
  const env = { JOBTRIGGER_URL: `https://127.0.0.1:${server.addr.port}`, JOBTRIGGER_TOKEN: TOKEN };
  const { code, stderr } = await run(["workers", "list"], { env });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^jobctl: Cannot trust https:\/\/127\.0\.0\.1:\d+: its certificate is not valid here \(\w+\), so nothing was sent\. .*JOBTRIGGER_CA_FILE\n$/,
  );
  assert.deepEqual(asked, []);
  const trusting = await run(["workers", "list"], { env: { ...env, JOBTRIGGER_CA_FILE: ca } });
  assert.deepEqual([trusting.code, trusting.stderr, asked], [0, "", [`Bearer ${TOKEN}`]]);
  const missing = await run(["workers", "list"], { env: { ...env, JOBTRIGGER_CA_FILE: `${home.path}/none` } });
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /^jobctl: JOBTRIGGER_CA_FILE: cannot read /);
  await server.shutdown();
});

/** A run that a worker of the test holds. */
async function begin({ store, env, script }: Reached): Promise<Claim> {
  await script("a.sh", "true");
  await json(["jobs", "create", "--name", "A", "--script", "a.sh", "--schedule", "manual"], { env });
  await json(["jobs", "run", "1"], { env }).catch(() => {});
  const [claim] = await eventually(store, async () => {
    const request = { workerId: workerId("w"), tags: new Set<string>(), limit: 1, leaseMs: 180_000 };
    const claims = await store.queue.claim({ ...request, now: epochMs(Date.now()) });
    return claims.length > 0 && claims;
  });
  assert.ok(claim !== undefined);
  return claim;
}

/** A way to a portal that breaks each connection after `bytes` of answers, `times` times, and notes where streams go on. */
function brokenWay(to: string, bytes: number, times: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = new URL(to);
  const resumed: string[] = [];
  const open = new Set<Deno.Conn>();
  let left = times;
  const pass = async (near: Deno.Conn) => {
    const far = await Deno.connect({ hostname, port: Number(port) });
    for (const end of [near, far]) open.add(end);
    const close = () => {
      for (const end of [near, far]) {
        if (open.delete(end)) end.close();
      }
    };
    const forward = async (from: Deno.Conn, into: Deno.Conn, passing: (data: Uint8Array) => number) => {
      const buffer = new Uint8Array(4096);
      try {
        for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
          const data = buffer.slice(0, count);
          const part = data.subarray(0, passing(data));
          await into.write(part);
          if (part.length < data.length) break;
        }
      } catch {
        // The other end is gone.
      }
      close();
    };
    let isStream = false;
    let passed = 0;
    const asked = forward(near, far, (data) => {
      const text = new TextDecoder().decode(data);
      isStream = /^GET \S*\/events /m.test(text);
      const last = /^last-event-id: (\d+)/im.exec(text)?.[1];
      if (isStream) resumed.push(last ?? "start");
      return data.length;
    });
    const answered = forward(far, near, (data) => {
      const rest = bytes - passed;
      passed += data.length;
      if (!isStream || left === 0 || data.length <= rest) return data.length;
      left -= 1;
      return rest;
    });
    await Promise.all([asked, answered]);
  };
  const passing: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const near of listener) passing.push(pass(near));
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    resumed,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const end of open) end.close();
      open.clear();
      await accepting;
      await Promise.all(passing);
    },
  };
}

Deno.test("runs logs -f goes on where a connection broke, and prints all output once", async () => {
  await using site = await throughPortal(await openSite());
  const claim = await begin(site);
  const texts = Array.from({ length: 40 }, (_, i) => `line ${i} ${"é".repeat(40)}\n`);
  const at = epochMs(Date.now());
  await append(site.store, claim, texts.map((data, seq) => ({ seq, stream: "stdout", at, data })));
  await using way = brokenWay(site.env["JOBTRIGGER_URL"] ?? "", 3000, 3);
  const env = { ...site.env, JOBTRIGGER_URL: way.url };
  const surroundings: Surroundings = { env, clock: { ...systemClock, sleep: () => Promise.resolve() } };
  const following = start(["runs", "logs", "-f", String(claim.dispatchId)], surroundings);
  await following.prints("line 39");
  assert.ok(await complete(site.store, claim, epochMs(Date.now())));
  assert.deepEqual(await following.ended, { code: 0, stdout: texts.join(""), stderr: "" });
  assert.equal(way.resumed.length, 4);
  const [first, ...later] = way.resumed;
  assert.equal(first, "start");
  assert.ok(later.every((id, i) => Number(id) > (i === 0 ? 0 : Number(later[i - 1]))), later.join(" "));
});

Deno.test("runs logs -f gives up where the portal stays away, and says where it was", async () => {
  await using site = await throughPortal(await openSite());
  const claim = await begin(site);
  let monotonic = 0;
  const clock = {
    ...systemClock,
    monotonic: () => monotonic,
    sleep: (ms: number) => Promise.resolve(void (monotonic += ms)),
  };
  const way = brokenWay(site.env["JOBTRIGGER_URL"] ?? "", 1, 1000);
  const env = { ...site.env, JOBTRIGGER_URL: way.url };
  const { code, stderr } = await run(["runs", "logs", "-f", String(claim.dispatchId)], { env, clock });
  assert.equal(code, 1);
  assert.match(stderr, /^jobctl: Cannot reach the portal at http/);
  assert.ok(way.resumed.length > 30 && way.resumed.length < 100, String(way.resumed.length));
  await way[Symbol.asyncDispose]();
  assert.equal((await site.store.runs.get(dispatchId(1)))?.state.status, "IN_PROGRESS");
});

Deno.test("a role that may not do something says so through the portal, as the API does", async () => {
  await using reached = await throughPortal(await openSite());
  await reached.script("a.sh", "true");
  await json(["jobs", "create", "--name", "A", "--script", "a.sh", "--schedule", "manual"], reached);
  assert.equal((await run(["users", "role", "robot", "viewer"], reached)).code, 0);
  const { code, stdout, stderr } = await run(["jobs", "run", "1"], reached);
  assert.deepEqual([code, stdout], [4, ""]);
  assert.match(stderr, /^jobctl: .*operator.*\n$/);
});
