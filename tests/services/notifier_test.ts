import assert from "node:assert/strict";
import { proves } from "@jobtrigger/shared/access";
import { type Delivery, epochMs, type Job, workerId } from "@jobtrigger/shared/domain";
import type { Store } from "@jobtrigger/shared/store";
import { requestOf } from "../../services/notifier/channels.ts";
import { failed, withoutSecrets } from "../../services/notifier/carry.ts";
import { send } from "../../services/notifier/http.ts";
import { Gate, isInside, Refused } from "../../services/notifier/network.ts";
import { by } from "../support/actor.ts";
import { eventually, openSite, openSiteOn, Service, type Site } from "../support/process.ts";
import { DATABASES } from "../support/store.ts";
import { delivery, NOW, outgoing } from "./_outgoing.ts";
import { addJob, start } from "./_runs.ts";

const HERE = new Gate(["127.0.0.1"]);
const WORKER = workerId("w");
const SECRET = `whsec_${btoa("a secret of at least twenty-four bytes")}`;

const ADDRESSES: readonly (readonly [address: string, isInside: boolean])[] = [
  ["8.8.8.8", false],
  ["172.15.255.255", false],
  ["172.32.0.0", false],
  ["2606:4700::1", false],
  ["127.0.0.1", true],
  ["127.255.255.254", true],
  ["0.0.0.0", true],
  ["10.1.2.3", true],
  ["172.16.0.1", true],
  ["192.168.0.1", true],
  ["169.254.169.254", true],
  ["100.64.0.1", true],
  ["198.18.0.1", true],
  ["224.0.0.1", true],
  ["255.255.255.255", true],
  ["::", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["::ffff:8.8.8.8", true],
  ["64:ff9b::7f00:1", true],
  ["64:ff9b:1::a00:1", true],
  ["fe80::1", true],
  ["fe80::1%eth0", true],
  ["fc00::1", true],
  ["fd00:ec2::254", true],
  ["ff02::1", true],
  ["2002:7f00:1::", true],
  ["2001:0:7f00:1::", true],
  ["2001:db8::1", true],
  ["localhost", true],
  ["", true],
];
for (const [address, expected] of ADDRESSES) {
  Deno.test(`isInside() says ${expected} of ${JSON.stringify(address)}`, () =>
    assert.equal(isInside(address), expected));
}

/** Addresses as people write them to hide what they are; the URL parser or the resolver makes the same of each. */
const DISGUISED = [
  "http://127.0.0.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://127.1/",
  "http://0/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[64:ff9b::127.0.0.1]/",
  "http://localhost/",
  "http://localhost./",
  "http://LOCALHOST/",
  "http://ⓛocalhost/",
  "http://169.254.169.254/latest/meta-data/",
];
for (const url of DISGUISED) {
  Deno.test(`send() does not reach ${url}`, async () => {
    await assert.rejects(send(new Gate([]), { url, headers: {} }, AbortSignal.timeout(5000)), Refused);
  });
}

Deno.test("a name is refused when one of its addresses is inside, unless the name or the network is allowed", async () => {
  const resolve = () => Promise.resolve(["8.8.8.8", "10.0.0.5"]);
  await assert.rejects(new Gate([], resolve).addressOf("mixed.example"), /10\.0\.0\.5 inside the network/);
  assert.equal(await new Gate(["mixed.example"], resolve).addressOf("Mixed.Example"), "8.8.8.8");
  assert.equal(await new Gate(["10.0.0.0/24"], resolve).addressOf("mixed.example"), "8.8.8.8");
  await assert.rejects(new Gate(["10.0.1.0/24"], resolve).addressOf("mixed.example"), Refused);
  await assert.rejects(new Gate([], () => Promise.resolve([])).addressOf("none.example"), /has no address/);
});

/** A receiver of deliveries, and what it got. */
function receiver(answer: (request: Request) => Response = () => new Response("ok"), hostname = "127.0.0.1") {
  const got: { readonly headers: Headers; readonly body: string }[] = [];
  const server = Deno.serve({ port: 0, hostname, onListen: () => {} }, async (request) => {
    got.push({ headers: new Headers(request.headers), body: await request.text() });
    return answer(request);
  });
  const url = `http://${hostname}:${server.addr.port}`;
  return { got, url, port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("the connection goes to the address that was checked, whatever the name resolves to later", async () => {
  await using there = receiver(undefined, "127.0.0.2");
  let asked = 0;
  const resolve = () => Promise.resolve([asked++ === 0 ? "127.0.0.2" : "127.0.0.1"]);
  const url = `http://rebind.example:${there.port}/path`;
  const { status } = await send(
    new Gate(["127.0.0.2"], resolve),
    { url, headers: {}, body: "x" },
    AbortSignal.timeout(5000),
  );
  assert.deepEqual([status, asked, there.got.length], [200, 1, 1]);
  assert.equal(there.got[0]?.headers.get("host"), `rebind.example:${there.port}`);
});

Deno.test("a redirect is an answer and not followed, and a long answer is not read to its end", async () => {
  await using inside = receiver();
  await using there = receiver((request) =>
    request.url.endsWith("/long")
      ? new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(97)) }))
      : Response.redirect(inside.url, 302)
  );
  const { status } = await send(HERE, { url: there.url, headers: {} }, AbortSignal.timeout(5000));
  assert.deepEqual([status, inside.got.length], [302, 0]);
  const long = await send(HERE, { url: `${there.url}/long`, headers: {} }, AbortSignal.timeout(5000));
  assert.deepEqual([long.status, long.beginning.length], [200, 200]);
});

Deno.test("a receiver that never answers is given up in time", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const accepted = listener.accept();
  const giveUp = new AbortController();
  const sending = send(HERE, { url: `http://127.0.0.1:${listener.addr.port}/`, headers: {} }, giveUp.signal);
  using _connection = await accepted;
  giveUp.abort();
  await assert.rejects(sending);
});

Deno.test("a webhook is signed as Standard Webhooks says, and a repeat has the same id and says so", async () => {
  await using there = receiver();
  for (const attempts of [1, 2]) {
    await send(
      HERE,
      requestOf("webhook", outgoing("webhook", there.url, { attempts }, SECRET)),
      AbortSignal.timeout(5000),
    );
  }
  const bodies = there.got.map(({ headers, body }) => {
    const sent = { headers, body: new TextEncoder().encode(body) };
    assert.equal(proves({ kind: "standard", secret: SECRET }, sent, NOW), true);
    assert.equal(proves({ kind: "standard", secret: `${SECRET}x` }, { ...sent, body: new Uint8Array(1) }, NOW), false);
    assert.equal(headers.get("webhook-id"), "alert_1");
    return JSON.parse(body);
  });
  assert.deepEqual(bodies.map(({ type, data }) => [type, data.delivery, data.attempt, data.url]), [
    ["incident.opened", "alert_1", 1, "https://jobs.example.com/alerts#incident-3"],
    ["incident.opened", "alert_1", 2, "https://jobs.example.com/alerts#incident-3"],
  ]);
});

Deno.test("each kind of channel gets what it takes", () => {
  const slack = JSON.parse(requestOf("slack", outgoing("slack", "https://hooks.example/s")).body ?? "");
  assert.match(slack.text, /^Alert: job Backup &lt;b&gt;: Failures\nRun 1 failed\.\nhttps:/);
  const teams = JSON.parse(requestOf("teams", outgoing("teams", "https://hooks.example/t")).body ?? "");
  assert.equal(teams.attachments[0].content.actions[0].url, "https://jobs.example.com/alerts#incident-3");
  const title = "Alert: job [click](https://evil.example) *now*: Late";
  const notice = { title, text: "a_b-c\n- 1 > 0\n2. x" };
  const named = JSON.parse(requestOf("teams", outgoing("teams", "https://hooks.example/t", { notice })).body ?? "");
  assert.deepEqual(named.attachments[0].content.body.map(({ text }: { text: string }) => text), [
    String.raw`Alert: job \[click\](https://evil.example) \*now\*: Late`,
    ["a\\_b-c", "\\- 1 \\> 0", "2\\. x"].join("\n"),
  ]);
  assert.equal(slack.mrkdwn, false);
  const ntfy = requestOf("ntfy", outgoing("ntfy", "https://ntfy.example/base/my%20topic", {}, "tk_1"));
  assert.deepEqual([ntfy.url, ntfy.headers["authorization"]], ["https://ntfy.example/base/", "Bearer tk_1"]);
  assert.deepEqual([JSON.parse(ntfy.body ?? "").topic, JSON.parse(ntfy.body ?? "").priority], ["my topic", 4]);
  const ping = (changed: Partial<Delivery>) =>
    requestOf("ping", outgoing("ping", "https://hc.example/uuid", changed)).url;
  const run = (isSuccess: boolean) => ({ kind: "run", notice: { title: "", text: "", isSuccess } } as const);
  const start = { kind: "run", notice: { title: "", text: "", signal: "start" } } as const;
  assert.deepEqual([ping(start), ping(run(true)), ping(run(false)), ping({}), ping({ kind: "recovered" })], [
    "https://hc.example/uuid/start",
    "https://hc.example/uuid",
    "https://hc.example/uuid/fail",
    "https://hc.example/uuid/fail",
    "https://hc.example/uuid",
  ]);
});

Deno.test("attempts have growing pauses, and the last one has none", () => {
  const pauses = [1, 2, 3, 9, 10, 31].map((attempts) => {
    const result = failed("It failed", delivery({ attempts }), NOW);
    return result.isDelivered || result.retryAt === null ? null : (result.retryAt - NOW) / 1000;
  });
  assert.deepEqual(pauses, [10, 20, 40, 2560, 3600, 3600]);
  const over = { isDelivered: false, error: "It failed", retryAt: null };
  assert.deepEqual(failed("It failed", delivery({ attempts: 32 }), NOW), over);
  for (const [signal, attempts] of [["start", 1], ["heartbeat", 3]] as const) {
    const notice = { title: "", text: "", signal };
    assert.deepEqual(failed("It failed", delivery({ attempts, notice }), NOW), over, signal);
  }
});

Deno.test("what a receiver repeats of a channel's address or token is not kept", () => {
  const url = "https://user%40x:pass%2Fword@hooks.example/services/T0000/B0000/s3cr%20et?key=abcdef";
  const text = `Cannot POST /services/T0000/B0000/s3cr%20et?key=abcdef with user@x, pass/word, s3cr et or tk_12345: no`;
  assert.equal(withoutSecrets(text, { url, token: "tk_12345" }), "Cannot POST /…/…/…/…?… with …, …, … or …: no");
  assert.equal(
    withoutSecrets("It answered 500: a/b", { url: "https://h.example/a/b", token: null }),
    "It answered 500: a/b",
  );
});

/** Ends a run of a job. */
async function end(site: Site, job: Job, execution: "SUCCESS" | "FAILURE"): Promise<void> {
  await start(site, job);
  await endWaiting(site.store, 1, execution);
}

/** Ends `count` runs that wait. */
async function endWaiting(store: Store, count: number, execution: "SUCCESS" | "FAILURE"): Promise<void> {
  const now = epochMs(Date.now());
  for (let left = count; left > 0;) {
    const claims = await store.queue.claim({ workerId: WORKER, tags: new Set(), limit: 200, leaseMs: 60_000, now });
    assert.ok(claims.length > 0);
    const outcome = {
      execution,
      exitCode: 1,
      signal: null,
      errorMessage: null,
      durationMs: 1,
      logBytes: 0,
      truncated: false,
    };
    const status = execution === "SUCCESS" ? "COMPLETED" : "FAILED";
    await store.queue.finish(claims.map(({ dispatchId, epoch }) => ({
      dispatchId,
      epoch,
      outcome: { ...outcome, status },
      retryAt: null,
      endedAt: now,
      startedAt: null,
    })));
    left -= claims.length;
  }
}

/** Adds a job, whose failures a rule says to a receiver, as those of all jobs. */
async function watched(site: Site, url: string): Promise<Job> {
  const { alerts } = site.store;
  const about = { kind: "webhook", address: url, from: null, to: [] } as const;
  const channel = await alerts.createChannel({ name: "ops", ...about, url, token: SECRET }, by(NOW));
  const scope = { kind: "all" } as const;
  const rest = { scope, channelIds: [channel.id], remindSeconds: null, quiet: null };
  await alerts.createRule({ name: "Failures", condition: { kind: "failures", limit: 1 }, ...rest }, by(NOW));
  await site.script("quick.sh", "true");
  return await addJob(site, "manual", "quick.sh");
}

/** Copies the only row of a table until there are `count`. `own` names the columns in which each has its number. */
async function multiply(site: Site, table: string, count: number, own: readonly string[]): Promise<void> {
  const [row = {}] = await site.sql(`SELECT * FROM ${table}`);
  const columns = Object.keys(row);
  await site.sql(`
    INSERT INTO ${table} (${columns})
    WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    SELECT ${columns.map((column) => own.includes(column) ? "n" : column)} FROM ${table}, numbers`);
}

Deno.test("a notifier says a failure and its end to a receiver that first refuses, and shows that it is alive", async () => {
  let refusals = 1;
  await using there = receiver(() => new Response("not now", { status: refusals-- > 0 ? 503 : 200 }));
  await using site = await openSite({ NOTIFIER_ALLOW_HOSTS: "127.0.0.1" });
  const job = await watched(site, there.url);
  await using notifier = await Service.start("notifier", site.env);
  await notifier.line(/notifier.* has started/);
  await end(site, job, "FAILURE");
  await notifier.line(/failed: "?It answered 503: not now/);
  await site.sql("UPDATE deliveries SET next_at = 0 WHERE next_at IS NOT NULL");
  await eventually(site.store, () => Promise.resolve(there.got.length === 2));
  await end(site, job, "SUCCESS");
  await eventually(site.store, () => Promise.resolve(there.got.length === 3));
  const said = there.got.map(({ body }) => JSON.parse(body)).map(({ type, data }) => [type, data.attempt]);
  assert.deepEqual(said, [["incident.opened", 1], ["incident.opened", 2], ["incident.recovered", 1]]);
  assert.equal(new Set(there.got.slice(0, 2).map(({ headers }) => headers.get("webhook-id"))).size, 1);
  const kinds = (await site.store.services.list()).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["notifier"]);
});

/** How many failures a burst has, after how many deliveries notifiers are killed, and an instant long ago on each database. */
const [FAILURES, KILLS] = [1000, [50, 300, 600]];
const LONG_AGO = { SQLite: "0", PostgreSQL: "to_timestamp(0)" };
for (const [database, longAgo] of Object.entries(LONG_AGO)) {
  Deno.test(`${database}: a burst of ${FAILURES} failures loses and doubles no incident, while notifiers are killed`, async () => {
    await using there = receiver();
    const open = database === "SQLite" ? DATABASES.SQLite : DATABASES.PostgreSQL;
    await using site = await openSiteOn(open, { NOTIFIER_ALLOW_HOSTS: "127.0.0.1" });
    // By statements: operations would take longer than all that is tried here.
    const job = await watched(site, there.url);
    await multiply(site, "scheduled_jobs", FAILURES, ["id"]);
    await start(site, job);
    await multiply(site, "job_dispatch", FAILURES, ["id", "job_id", "root_id", "correlation_id"]);
    await endWaiting(site.store, FAILURES, "FAILURE");
    const notifier = () => Service.start("notifier", site.env);
    for (const enough of KILLS) {
      await using one = await notifier();
      await using other = await notifier();
      await eventually(site.store, () => Promise.resolve(there.got.length >= enough));
      for (const service of [one, other]) service.kill("SIGKILL");
    }
    // What the dead held is free again when their claims are over.
    await site.sql(`UPDATE deliveries SET next_at = ${longAgo} WHERE next_at IS NOT NULL`);
    await using _last = await notifier();
    await eventually(site.store, async () => {
      const deliveries = await site.sql("SELECT ended_at FROM deliveries");
      return deliveries.length >= FAILURES && deliveries.every(({ ended_at }) => ended_at !== null);
    });
    const incidents = await site.sql("SELECT job_id FROM incidents");
    assert.deepEqual([incidents.length, new Set(incidents.map(({ job_id }) => job_id)).size], [FAILURES, FAILURES]);
    const bodies = there.got.map(({ body }) => JSON.parse(body).data);
    const byId = Map.groupBy(bodies, ({ delivery }) => delivery);
    assert.equal(byId.size, FAILURES);
    assert.equal(new Set(bodies.map(({ job }) => job)).size, FAILURES);
    for (const same of byId.values()) assert.equal(new Set(same.map(({ attempt }) => attempt)).size, same.length);
  });
}
