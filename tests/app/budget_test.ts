import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { openPortal, type TestPortal } from "./_portal.ts";

/**
 * Bytes of all scripts that a page loads, each compressed on its own as it would be on the wire. What an `import()` loads is loaded
 * when somebody asks for it.
 */
async function scriptsOf(portal: TestPortal, path: string): Promise<number> {
  const seen = new Map<string, number>();
  const visit = async (text: string): Promise<void> => {
    for (const [, name = ""] of text.matchAll(/(?<!import\()["'`](?:\/_fresh\/js\/|\.\/)([\w.-]+\.js)["'`]/g)) {
      if (seen.has(name)) continue;
      seen.set(name, 0);
      const code = await (await portal.get(`/_fresh/js/${name}`)).text();
      seen.set(name, gzipSync(code).length);
      await visit(code);
    }
  };
  await visit(await (await portal.get(path)).text());
  assert.ok(seen.size > 1, `${path} loads no script, or it is loaded in another way than this test knows`);
  return [...seen.values()].reduce((sum, size) => sum + size, 0);
}

Deno.test("pages keep to their budgets of script: 20 kB for lists, jobs and forms, 28 kB for a run", async () => {
  await using portal = await openPortal();
  await portal.job();
  await portal.post("/jobs/1/run", { key: "k" });
  const pages = [
    "/jobs",
    "/runs",
    "/workers",
    "/timeline",
    "/timeline/month",
    "/statistics",
    "/",
    "/queue",
    "/jobs/new",
    "/jobs/1",
    "/jobs/1/edit",
    "/jobs/1/run",
    "/jobs/1/backfill",
  ];
  for (const path of pages) {
    const size = await scriptsOf(portal, path);
    assert.ok(size <= 20_000, `${path} has ${size} bytes of script`);
  }
  assert.ok(await scriptsOf(portal, "/runs/1") <= 28_000);
});

Deno.test("the style sheet is one file, names its layers first, and keeps to its budget of 15 kB", async () => {
  await using portal = await openPortal();
  const text = await (await portal.get("/styles.css")).text();
  const layers = ["reset", "tokens", "base", "layout", "components", "pages", "utilities"];
  assert.equal(/@layer[^{;]*[{;]/.exec(text)?.[0], `@layer ${layers.join(", ")};`);
  for (const layer of layers) assert.ok(text.includes(`@layer ${layer} {`), `nothing is in the layer ${layer}`);
  assert.ok(!text.includes("@import"), "the browser would have to fetch more");
  assert.equal((await portal.get("/styles/log.css")).status, 404);
  const size = gzipSync(text).length;
  assert.ok(size > 1000 && size <= 15_000, `${size} bytes`);
});

Deno.test("every file of the style sheet is in it", async () => {
  const entry = await Deno.readTextFile(new URL("../../app/static/styles.css", import.meta.url));
  const imported = [...entry.matchAll(/^@import "\.\.\/styles\/(.+)";$/gm)].map(([, name]) => name);
  const present = await Array.fromAsync(Deno.readDir(new URL("../../app/styles", import.meta.url)), ({ name }) => name);
  assert.deepEqual(imported.toSorted(), present.toSorted());
});

Deno.test("the audit list has no script at all", async () => {
  await using portal = await openPortal();
  await portal.job();
  const response = await portal.get("/audit");
  assert.doesNotMatch(await response.text(), /<script|modulepreload|\.js["']/);
  assert.equal(response.headers.get("link"), null);
});

Deno.test("a row of the list of jobs has at most 2,400 bytes of HTML, and a planned time of the timeline at most 12", async () => {
  await using portal = await openPortal();
  await portal.job({ name: "Every half an hour", schedule: "every 30m" });
  const rows = (await (await portal.get("/jobs")).text()).match(/<tr [^>]*data-row="\d+".*?<\/tr>/gs) ?? [];
  assert.equal(rows.length, 1);
  assert.ok(String(rows[0]).length <= 2400, `${String(rows[0]).length} bytes`);
  const chart = await (await portal.get("/timeline?range=next-24h")).text();
  const [, path = ""] = /<path\s+class="b-tick"[^>]* d="([^"]*)"/.exec(chart.slice(chart.indexOf('class="tl"'))) ?? [];
  const ticks = path.split("M").length - 1;
  assert.ok(ticks >= 40, `${ticks} planned times`);
  assert.ok(path.length <= 12 * ticks, `${path.length} bytes`);
});
