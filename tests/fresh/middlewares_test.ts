import { deepStrictEqual as same, match, ok, strictEqual as equal } from "node:assert/strict";
import { App, csp, csrf, type CsrfOptions, staticFiles, trailingSlashes } from "fresh";
import { asset } from "fresh/runtime";
import { setSnapshot, type Snapshot } from "../../app/fresh/snapshot.ts";

const body = new TextEncoder().encode("body{}");
const assets: Snapshot["assets"] = new Map([
  ["/a.css", { body, gzip: null, type: "text/css", hash: "h1", immutable: false }],
  ["/_fresh/js/x-1.js", {
    body,
    gzip: new Uint8Array([31, 139]),
    type: "text/javascript",
    hash: "h2",
    immutable: true,
  }],
]);

function withAssets(): App<unknown> {
  const app = new App<unknown>().use(staticFiles()).get("/a.css", () => new Response("never")).all(
    "*",
    () => new Response("route"),
  );
  setSnapshot(app, { buildId: "b1", routes: [], islands: new Map(), boot: null, assets });
  return app;
}

const forEver = "public, max-age=31536000, immutable";
const files: [name: string, path: string, init: RequestInit, status: number, cache: string | null, body: string][] = [
  ["serves a file that browsers must check again", "/a.css", {}, 200, "no-cache", "body{}"],
  ["serves this build's address for ever", "/a.css?v=b1", {}, 200, forEver, "body{}"],
  ["does not promise another build's address", "/a.css?v=b0", {}, 200, "no-cache", "body{}"],
  ["serves the client's modules for ever", "/_fresh/js/x-1.js", {}, 200, forEver, "body{}"],
  ["answers 304 for a known validator", "/a.css", { headers: { "if-none-match": `"x", W/"h1"` } }, 304, "no-cache", ""],
  [
    "serves the file for an old validator",
    "/a.css",
    { headers: { "if-none-match": `"h0"` } },
    200,
    "no-cache",
    "body{}",
  ],
  ["answers HEAD without a body", "/a.css", { method: "HEAD" }, 200, "no-cache", ""],
  ["refuses other methods", "/a.css", { method: "POST" }, 405, null, "Method Not Allowed"],
  ["does not leave the files by dots", "/x/../../a.css", {}, 200, "no-cache", "body{}"],
  ["does not leave the files by encoded dots", "/%2e%2e%2fmain.ts", {}, 200, null, "route"],
  ["does not serve a file that is not listed", "/static/a.css", {}, 200, null, "route"],
  ["does not decode names twice", "/a%252ecss", {}, 200, null, "route"],
];
for (const [name, path, init, status, cache, text] of files) {
  Deno.test(`staticFiles() ${name}`, async () => {
    const response = await withAssets().handler()(new Request(`http://host${path}`, init));
    same([response.status, response.headers.get("cache-control"), await response.text()], [status, cache, text]);
  });
}

Deno.test("staticFiles() serves the compressed file to browsers that accept gzip, under a validator of its own", async () => {
  const get = async (headers: HeadersInit) => {
    const response = await withAssets().handler()(new Request("http://host/_fresh/js/x-1.js", { headers }));
    const { headers: got } = response;
    return [
      response.status,
      got.get("content-encoding"),
      got.get("etag"),
      got.get("vary"),
      (await response.bytes()).length,
    ];
  };
  const zipped = [200, "gzip", '"h2-gzip"', "accept-encoding", 2];
  const plain = [200, null, '"h2"', "accept-encoding", body.length];
  same(await get({ "accept-encoding": "br, gzip" }), zipped);
  same(await get({ "accept-encoding": "br, gzip;q=0" }), plain);
  same(await get({}), plain);
  same((await get({ "accept-encoding": "gzip", "if-none-match": '"h2-gzip"' }))[0], 304);
  same((await get({ "accept-encoding": "gzip", "if-none-match": '"h2"' }))[0], 200);
});

const addresses: [from: string, to: string][] = [
  ["/a.css", "/a.css?v=b1"],
  ["/a.svg#icon", "/a.svg?v=b1#icon"],
  ["/a.css?x=1", "/a.css?x=1&v=b1"],
  ["//other/a.css", "//other/a.css"],
  ["https://other/a.css", "https://other/a.css"],
];
for (const [from, to] of addresses) {
  Deno.test(`asset() makes ${from} ${to}`, () => {
    withAssets();
    equal(asset(from), to);
  });
}

type Case = [name: string, headers: HeadersInit, options: CsrfOptions | undefined, status: number, method?: string];
const requests: Case[] = [
  ["passes a request that no browser sent", {}, undefined, 200],
  ["passes its own origin", { origin: "http://host" }, undefined, 200],
  ["refuses another origin", { origin: "http://evil" }, undefined, 403],
  ["refuses another scheme", { origin: "https://host" }, undefined, 403],
  ["refuses an origin that is hidden", { origin: "null" }, undefined, 403],
  ["passes same-origin", { "sec-fetch-site": "same-origin", origin: "http://evil" }, undefined, 200],
  ["passes an address that a person typed", { "sec-fetch-site": "none" }, undefined, 200],
  ["refuses same-site", { "sec-fetch-site": "same-site", origin: "http://a.host" }, undefined, 403],
  ["refuses cross-site without an origin", { "sec-fetch-site": "cross-site" }, undefined, 403],
  ["passes GET from another site", { "sec-fetch-site": "cross-site" }, undefined, 200, "GET"],
  ["passes the origin behind a proxy", { origin: "https://x" }, { origin: "https://x" }, 200],
  ["refuses its own name behind a proxy", { origin: "http://host" }, { origin: "https://x" }, 403],
];
for (const [name, headers, options, status, method = "POST"] of requests) {
  Deno.test(`csrf() ${name}`, async () => {
    const app = new App<unknown>().use(csrf(options)).all("/", () => new Response("ok"));
    const response = await app.handler()(new Request("http://host/", { method, headers }));
    equal(response.status, status);
  });
}

Deno.test("csp() names the nonce of a rendered page, so that another middleware can set its own policy", async () => {
  const app = new App<unknown>().use(csp({ useNonce: true, csp: ["img-src *"] }))
    .get("/page", (ctx) => ctx.render(null))
    .get("/text", () => new Response("text"));
  const policy = async (path: string) => {
    const response = await app.handler()(new Request(`http://host${path}`));
    return response.headers.get("content-security-policy") ?? "";
  };
  match(await policy("/page"), /script-src 'self' 'nonce-\w{32}'; .*; img-src \*$/);
  ok(!(await policy("/text")).includes("nonce"));
});

const slashes: [mode: "always" | "never", path: string, to: string | null][] = [
  ["never", "/a/?b=1", "/a?b=1"],
  ["never", "/a", null],
  ["never", "/", null],
  ["always", "/a?b=1", "/a/?b=1"],
  ["always", "/a/", null],
];
for (const [mode, path, to] of slashes) {
  Deno.test(`trailingSlashes() ${mode} ${to === null ? "leaves" : "redirects"} ${path}`, async () => {
    const app = new App<unknown>().use(trailingSlashes(mode)).all("*", () => new Response("ok"));
    const response = await app.handler()(new Request(`http://host${path}`));
    equal(response.headers.get("location"), to);
  });
}
