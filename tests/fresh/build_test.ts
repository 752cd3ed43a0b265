import { deepStrictEqual as same, match, ok, strictEqual as equal } from "node:assert/strict";
import { App, staticFiles } from "fresh";
import { Builder } from "fresh/dev";

const root = `${import.meta.dirname}/fixture`;

Deno.test("build() writes a server that needs only its own files", async (t) => {
  await new Builder({ root }).build();
  const { default: server } = await import(`${root}/_fresh/server.js`);
  const ask = (path: string): Promise<Response> => server.fetch(new Request(`http://host${path}`));
  const html = await (await ask("/islands")).text();

  await t.step("a page preloads the modules of its islands, which browsers may cache for ever", async () => {
    const link = (await ask("/islands")).headers.get("link") ?? "";
    const urls = [...link.matchAll(/<([^>]+)>; rel="modulepreload"/g)].map(([, url = ""]) => url);
    const imported = [...html.matchAll(/from"([^"]+)"/g)].map(([, url = ""]) => url);
    ok(imported.length >= 5 && imported.every((url) => urls.includes(url)), `${imported} ${urls}`);
    for (const url of urls) {
      const response = await ask(url);
      same([response.status, response.headers.get("cache-control")], [200, "public, max-age=31536000, immutable"], url);
      const source = await response.text();
      for (const [, name = ""] of source.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) {
        ok(urls.includes(`/_fresh/js/${name}`), name);
      }
    }
  });

  await t.step("a page without islands has no script and preloads nothing", async () => {
    const response = await ask("/");
    equal(response.headers.get("link"), null);
    ok(!(await response.text()).includes("<script"));
  });

  await t.step("the address of a static file names this build", async () => {
    const [, url = ""] = /href="(\/styles\.css\?v=\w+)"/.exec(html) ?? [];
    const response = await ask(url);
    same([response.status, response.headers.get("content-type")], [200, "text/css; charset=utf-8"]);
    match(response.headers.get("cache-control") ?? "", /immutable/);
  });

  await t.step("hostile text does not close the script", () => {
    equal(html.match(/<script/g)?.length, 1);
    equal(html.match(/<\/script>/g)?.length, 1);
    ok(html.endsWith("</script></body></html>"), html.slice(-80));
  });

  await t.step("the same source gives the same names", async () => {
    const names = async () =>
      (await Array.fromAsync(Deno.readDir(`${root}/_fresh/static/_fresh/js`))).map(({ name }) => name).sort();
    const before = await names();
    await new Builder({ root }).build();
    same(await names(), before);
  });
});

Deno.test("onTransformStaticFile() changes the files that its filter matches, one transformer after the other", async () => {
  const builder = new Builder({ root });
  const seen: string[] = [];
  for (const mark of ["first", "second"]) {
    builder.onTransformStaticFile({ pluginName: mark, filter: /\.css$/ }, ({ path, text }) => {
      seen.push(path);
      return Promise.resolve({ content: `${text}/* ${mark} */\n` });
    });
  }
  const app = new App().use(staticFiles());
  (await builder.build<unknown>({ snapshot: "memory" }))(app);
  const ask = async (path: string) => await (await app.handler()(new Request(`http://host${path}`))).text();
  match(await ask("/styles.css"), /\/\* first \*\/\n\/\* second \*\/\n$/);
  same(seen, Array(2).fill(`${root}/static/styles.css`));
});

Deno.test("listen() builds in memory and serves files that browsers must not cache", async () => {
  const stop = new AbortController();
  const listening = Promise.withResolvers<Deno.NetAddr>();
  await new Builder({ root }).listen(() => import("./fixture/main.ts"), {
    hostname: "127.0.0.1",
    port: 0,
    signal: stop.signal,
    onListen: listening.resolve,
  });
  const origin = `http://127.0.0.1:${(await listening.promise).port}`;
  const html = await (await fetch(`${origin}/islands`)).text();
  const [, url = ""] = /import\{boot\}from"([^"]+)"/.exec(html) ?? [];
  const response = await fetch(origin + url, { headers: { connection: "close" } });
  await response.body?.cancel();
  same([response.status, response.headers.get("cache-control")], [200, "no-cache"]);
  stop.abort();
});
