import assert from "node:assert/strict";
import { type DispatchId, epochMs } from "../../shared/domain/mod.ts";
import type { Claim } from "../../shared/store/mod.ts";
import { onEachDatabase, openPortal, type TestPortal } from "./_portal.ts";
import { append, finish } from "../support/attempts.ts";
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
  const outcome = {
    status: "COMPLETED",
    execution: "SUCCESS",
    exitCode: 0,
    signal: null,
    errorMessage: null,
    durationMs: 1,
    logBytes: 1,
    truncated: false,
  } as const;
  await finish(store, claim, { outcome, retryAt: null, now: epochMs(Date.now()) });
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
