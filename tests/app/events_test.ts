import assert from "node:assert/strict";
import { LastingAnswers, MOST_LASTING, MOST_OF_A_USER } from "../../app/server/lasting_answers.ts";
import { apiTokenId, type DispatchId, epochMs, userId } from "../../shared/domain/mod.ts";
import type { Claim } from "../../shared/store/mod.ts";
import { onEachDatabase, openPortal, type TestPortal } from "./_portal.ts";
import { openAccounts } from "../support/accounts.ts";
import { append, complete } from "../support/attempts.ts";
import { openTestStore } from "../support/store.ts";

interface Event {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** Reads a stream of events, comments left out. */
async function* events({ body }: Response): AsyncGenerator<Event> {
  let rest = "";
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1] ?? null;
      const event = field("event");
      if (event !== null) yield { event, id: field("id"), data: field("data") ?? "" };
    }
  }
}

async function write({ store }: TestPortal, claim: Claim, ...lines: readonly string[]): Promise<void> {
  const { length } = await store.logs.read(claim.dispatchId, { fromSeq: 0, maxBytes: 1e6 });
  const chunks = lines.map((data, i) => ({ seq: length + i, stream: "stdout" as const, at: epochMs(0), data }));
  await append(store, claim, chunks);
}

async function end({ store }: TestPortal, claim: Claim): Promise<void> {
  await complete(store, claim, epochMs(Date.now()));
}

/** The output a page has after it read a stream to its end. */
async function output(portal: TestPortal, id: DispatchId, init?: RequestInit): Promise<string> {
  let text = "";
  for await (const { event, data } of events(await portal.get(`/api/runs/${id}/events`, init))) {
    if (event === "chunk") text += JSON.parse(data).data;
  }
  return text;
}

onEachDatabase(
  "a run's stream has all output, what comes later too, each change of state, and ends with the run",
  async (open) => {
    await using portal = await openPortal(open);
    const claim = await portal.claim(await portal.job());
    await write(portal, claim, "one\n", "two\n");
    const seen: string[] = [];
    for await (const { event, data } of events(await portal.get(`/api/runs/${claim.dispatchId}/events?from=0`))) {
      seen.push(event === "chunk" ? JSON.parse(data).data.trim() : event);
      if (seen.at(-1) === "state" && seen.length === 3) await write(portal, claim, "three\n");
      if (seen.at(-1) === "three") await end(portal, claim);
    }
    assert.deepEqual(seen, ["one", "two", "state", "three", "state", "end"]);
  },
);

onEachDatabase("a page that connects again goes on after the last piece it has", async (open) => {
  await using portal = await openPortal(open);
  const claim = await portal.claim(await portal.job());
  await write(portal, claim, "a", "b", "c");
  await end(portal, claim);
  const { dispatchId } = claim;
  assert.equal(await output(portal, dispatchId), "abc");
  assert.equal(await output(portal, dispatchId, { headers: { "last-event-id": "0" } }), "bc");
  assert.equal(await output(portal, dispatchId, { headers: { "last-event-id": "2" } }), "");
});

onEachDatabase("a page that polls is answered at once", async (open) => {
  await using portal = await openPortal(open);
  const claim = await portal.claim(await portal.job());
  await write(portal, claim, "a");
  const seen: string[] = [];
  for await (const { event } of events(await portal.get(`/api/runs/${claim.dispatchId}/events?from=0&poll=1`))) {
    seen.push(event);
  }
  assert.deepEqual(seen, ["chunk", "state"]);
});

onEachDatabase("pages hear of a change, and one that was away hears that it missed something", async (open) => {
  await using portal = await openPortal(open);
  const stream = events(await portal.get("/api/events?since="));
  const hello = (await stream.next()).value;
  assert.equal(hello?.event, "hello");
  const next = stream.next();
  await portal.job();
  assert.equal((await next).value?.event, "change");
  await stream.return(undefined);
  const [missed] = await Array.fromAsync(events(await portal.get(`/api/events?since=${hello?.id}&poll=1`)));
  assert.equal(missed?.event, "change");
});

Deno.test("a stream says each ten seconds that nothing happened, as an event", async () => {
  const slept: number[] = [];
  await using portal = await openPortal(openTestStore, null, (ms) => {
    slept.push(ms);
    return Promise.resolve();
  });
  const claim = await portal.claim(await portal.job());
  for (const path of ["/api/events?since=", `/api/runs/${claim.dispatchId}/events`]) {
    const stream = events(await portal.get(path));
    const seen: string[] = [];
    for await (const { event } of stream) if (seen.push(event) === 4) break;
    assert.deepEqual([seen.at(-1), slept.at(-1)], ["heartbeat", 10_000], path);
  }
});

onEachDatabase("streams end when the portal stops", async (open) => {
  await using portal = await openPortal(open);
  const stream = events(await portal.get("/api/events?since="));
  await stream.next();
  const rest = Array.fromAsync(stream);
  portal.stop();
  await rest;
});

Deno.test("a user has twenty streams and waits open at most, tokens included; a poll needs none, and one that ends makes room", async () => {
  await using portal = await openPortal();
  const { as, users } = await openAccounts(portal);
  const cookie = await as("operator");
  const user = users.get("operator");
  assert.ok(user !== undefined);
  const { id } = await portal.job();
  const open = (path: string, init: RequestInit = {}) => portal.asStranger(path, { ...init, headers: { cookie } });
  const first = await open("/api/events");
  const token = { kind: "token", name: "ci of operator", userId: user.id, tokenId: apiTokenId(1) } as const;
  const others = Array.from({ length: MOST_OF_A_USER - 1 }, () => portal.portal.lasting.begin(token));
  for (const path of ["/api/events", "/api/v1/events"]) {
    const refused = await open(path);
    assert.equal(refused.status, 429, path);
    await refused.body?.cancel();
  }
  const headers = { cookie, origin: "http://127.0.0.1:8000", "content-type": "application/json" };
  const wait = await portal.asStranger(`/api/v1/jobs/${id}/runs?wait=1`, { method: "POST", headers, body: "{}" });
  assert.deepEqual([wait.status, wait.headers.get("retry-after")], [429, "10"]);
  await wait.body?.cancel();
  assert.deepEqual((await portal.store.runs.list({ limit: 1 })).items, [], "a wait that is refused has started a run");
  for (
    const answer of [
      await open("/api/events?poll=1"),
      await portal.asStranger("/api/events", { headers: { cookie: await as("viewer") } }),
    ]
  ) {
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
  }
  await first.body?.cancel();
  const again = await open("/api/events");
  assert.equal(again.status, 200);
  await again.body?.cancel();
  for (const other of others) other[Symbol.dispose]();
});

Deno.test("all users together have a bounded number of streams and waits open", () => {
  const lasting = new LastingAnswers();
  const begin = (user: number) => lasting.begin({ kind: "user", name: `user ${user}`, userId: userId(user) });
  const open = Array.from({ length: MOST_LASTING }, (_, i) => begin(1 + Math.floor(i / MOST_OF_A_USER)));
  assert.throws(() => begin(1000), /560 event streams and waits are open already/);
  for (const one of [open[0], open[0]]) one?.[Symbol.dispose]();
  begin(1000);
  assert.throws(() => begin(1001), /already/);
});
