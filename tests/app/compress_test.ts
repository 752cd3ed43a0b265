/**
 * What goes over the wire, seen through a real server by a client that decodes nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { App } from "fresh";
import { Buffer } from "node:buffer";
import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { compress } from "../../app/server/compress.ts";
import type { State } from "../../app/utils.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { append } from "../support/attempts.ts";
import { chunksOf } from "../support/output.ts";
import { openPortal, type TestPortal } from "./_portal.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Serves a portal for `look`, which asks it over a socket. */
async function overTheWire(
  look: (
    portal: TestPortal,
    ask: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>,
  ) => Promise<void>,
): Promise<void> {
  await using portal = await openPortal();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (req) => {
    const { pathname, search } = new URL(req.url);
    // The portal is signed in at the address of its tests, which names another port.
    const headers = new Headers(req.headers);
    headers.delete("host");
    return portal.get(pathname + search, { method: req.method, headers, body: req.body });
  });
  await look(
    portal,
    (path, headers = { "accept-encoding": "gzip, br" }, method = "GET") =>
      new Promise((resolve, reject) => {
        const asked = request(
          { host: "127.0.0.1", port: server.addr.port, path, headers, method },
          async (response) => {
            const body = await Array.fromAsync<Uint8Array>(response);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: new Uint8Array(Buffer.concat(body)),
            });
          },
        );
        asked.on("error", reject);
        asked.end();
      }),
  );
}

const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);

Deno.test("pages, error pages and JSON are compressed for who takes gzip, once, and say that they depend on it", async () => {
  await overTheWire(async (portal, ask) => {
    await portal.job();
    const preview = "/api/schedule/preview?schedule=cron+*+*+*+*+*&timezone=Europe/Berlin";
    for (const path of ["/jobs", "/jobs/1", "/runs", "/workers", "/help", "/nowhere", preview]) {
      const zipped = await ask(path);
      assert.equal(zipped.headers["content-encoding"], "gzip", path);
      assert.match(String(zipped.headers.vary), /accept-encoding/i, path);
      const plain = await ask(path, {});
      assert.equal(plain.headers["content-encoding"], undefined, path);
      assert.match(String(plain.headers.vary), /accept-encoding/i, path);
      assert.equal(plain.status, zipped.status);
      assert.ok(zipped.body.length < plain.body.length / 2, `${path}: ${zipped.body.length} of ${plain.body.length}`);
      if (path !== preview) assert.match(textOf(gunzipSync(zipped.body)), /<\/html>$/);
      assert.equal((await ask(path, { "accept-encoding": "gzip;q=0, *;q=0" })).headers["content-encoding"], undefined);
    }
  });
});

Deno.test("static files are compressed once, by the build", async () => {
  await overTheWire(async (_, ask) => {
    const { headers, body } = await ask("/styles.css");
    assert.equal(headers["content-encoding"], "gzip");
    assert.match(String(headers.etag), /^"[0-9a-f]+-gzip"$/);
    assert.match(textOf(gunzipSync(body)), /@layer/);
  });
});

Deno.test("what is small, what has no body and streams of events are left as they are", async () => {
  await overTheWire(async (portal, ask) => {
    await portal.job();
    for (const path of ["/healthz", "/api/events?since=&poll=1"]) {
      assert.equal((await ask(path)).headers["content-encoding"], undefined, path);
    }
    const { headers, body } = await ask("/jobs", { "accept-encoding": "gzip" }, "HEAD");
    assert.deepEqual([headers["content-encoding"], headers.vary, body.length], [undefined, "accept-encoding", 0]);
  });
});

Deno.test("a page that says no-store, because it shows a secret, is not compressed", async () => {
  const app = new App<State>().use(compress())
    .get("/secret", () => page("no-store")).get("/open", () => page("no-cache"));
  const codings = await Promise.all(["/secret", "/open"].map(async (path) => {
    const response = await app.handler()(new Request(`http://host${path}`, { headers: { "accept-encoding": "gzip" } }));
    await response.body?.cancel();
    return response.headers.get("content-encoding");
  }));
  assert.deepEqual(codings, [null, "gzip"]);

  function page(cacheControl: string): Response {
    return new Response("x".repeat(5000), { headers: { "content-type": "text/html", "cache-control": cacheControl } });
  }
});

Deno.test("a log is downloaded compressed as a whole, and in parts as it is stored", async () => {
  await overTheWire(async (portal, ask) => {
    const claim = await portal.claim(await portal.job());
    const text = "a line of output\n".repeat(5000);
    await append(portal.store, claim, chunksOf([["stdout", text]], { at: epochMs(0) }));
    const path = `/runs/${claim.dispatchId}/log`;
    const zipped = await ask(path);
    assert.equal(zipped.headers["content-encoding"], "gzip");
    assert.deepEqual([zipped.headers["accept-ranges"], zipped.headers["content-length"]], [undefined, undefined]);
    assert.equal(textOf(gunzipSync(zipped.body)), text);
    const part = await ask(path, { "accept-encoding": "gzip", range: "bytes=2000-5999" });
    assert.deepEqual([part.status, part.headers["content-encoding"], part.headers["content-length"]], [
      206,
      undefined,
      "4000",
    ]);
    assert.equal(textOf(part.body), text.slice(2000, 6000));
    const plain = await ask(path, {});
    assert.deepEqual([plain.headers["accept-ranges"], plain.headers["content-length"]], ["bytes", String(text.length)]);
  });
});
