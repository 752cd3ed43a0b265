/**
 * What pages weigh, how fast a browser shows them, and how many a second the portal serves: a real portal as a process, and a browser.
 * `deno task bench:pages` writes what this prints to `bench/PAGES.md`. Exits with 1 when a budget is missed.
 *
 * @module
 */
import { cpus } from "node:os";
import { gunzipSync } from "node:zlib";
import { openBrowser } from "../tests/support/browser.ts";
import { openSite, Service } from "../tests/support/process.ts";
import { fillHistory } from "../tools/history.ts";
import { startProgram } from "./_program.ts";
import { quantile } from "./queue/statistics.ts";

/** Pages with the most bytes of script that each may load, compressed. */
const PAGES: readonly (readonly [path: string, scriptBudget: number])[] = [
  ["/", 20_000],
  ["/jobs", 20_000],
  ["/jobs/2", 20_000],
  ["/runs", 20_000],
  ["/runs/990", 28_000],
  ["/timeline", 20_000],
  ["/statistics", 20_000],
  ["/jobs/2/edit", 20_000],
  ["/audit", 0],
  ["/help", 0],
];
const STYLE_BUDGET = 15_000;
const BUDGET = { lcpMs: 1000, inpMs: 100, cls: 0.02 } as const;
const VISITS = 5;
/** The page that is served as fast as can be, and by how many connections. */
const [SERVED, CONNECTIONS, REQUESTS] = ["/runs", 16, 1000];
/** Of upstream Fresh 2.3.3, on two shared cores: a page with a table of 100 rows. */
const UPSTREAM_PER_SECOND = 2360;

const [JOBS, RUNS, SPAN_MS] = [200, 5000, 86_400_000];
const missed: string[] = [];
await using site = await openSite({ WEB_PORT: "0" });
const stepMs = SPAN_MS / RUNS;
await fillHistory(site, {
  jobs: JOBS,
  runs: RUNS,
  beginMs: Date.now() - SPAN_MS,
  stepMs,
  chunks: 3,
  output: "line\n",
  gathered: true,
});
await using service = await Service.start("serve", site.env);
const started = await service.line(/The portal has started/);
const origin = /http:\S+:\d+/.exec(started)?.[0] ?? "";
const address = service.lines.map((line) => /http:\S+token=\S+/.exec(line)?.[0]).find((one) => one !== undefined) ?? "";
const signedIn = await fetch(address, { redirect: "manual" });
await signedIn.body?.cancel();
const cookie = signedIn.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");

const weights: string[] = [];
for (const [path, scriptBudget] of PAGES) {
  const html = await weighed(path);
  const scripts = await scriptsOf(html.text);
  const style = await weighed(/href="(\/styles\.css[^"]*)"/.exec(html.text)?.[1] ?? "/styles.css");
  weights.push(`| \`${path}\` | ${html.text.length} | ${html.wire} | ${scripts} | ${scriptBudget} | ${style.wire} |`);
  if (scripts > scriptBudget) missed.push(`${path} loads ${scripts} bytes of script, at most ${scriptBudget}`);
  if (style.wire > STYLE_BUDGET) missed.push(`the style sheet has ${style.wire} bytes, at most ${STYLE_BUDGET}`);
}

const vitals: string[] = [];
const browser = await openBrowser();
try {
  for (const [path] of PAGES.filter(([, budget]) => budget > 0)) {
    const [lcp, inp, cls]: [number[], number[], number[]] = [[], [], []];
    for (let visit = 0; visit < VISITS; visit++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const [name = "", value = ""] = cookie.split("=");
      await context.addCookies([{ name, value, url: origin }]);
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      await page.addInitScript(`globalThis.seen = { lcp: 0, inp: 0, cls: 0 };
        new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
          .observe({ type: "largest-contentful-paint", buffered: true });
        new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) seen.cls += one.value; })
          .observe({ type: "layout-shift", buffered: true });
        new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.inp = Math.max(seen.inp, one.duration); })
          .observe({ type: "event", buffered: true, durationThreshold: 16 });`);
      await page.goto(origin + path);
      await page.locator("html[data-seen]").waitFor({ state: "attached" });
      await page.keyboard.press("?");
      await page.keyboard.press("Escape");
      await page.locator("summary:visible, h1").first().click();
      await page.waitForTimeout(300);
      const seen = await page.evaluate<Record<"lcp" | "inp" | "cls", number>>("seen");
      lcp.push(seen.lcp);
      inp.push(seen.inp);
      cls.push(seen.cls);
      await context.close();
    }
    const [paint, answer, shift] = [quantile(lcp, 0.5), Math.max(...inp), Math.max(...cls)];
    vitals.push(`| \`${path}\` | ${paint.toFixed(0)} | ${answer.toFixed(0)} | ${shift.toFixed(3)} |`);
    if (paint > BUDGET.lcpMs) missed.push(`${path}: LCP ${paint.toFixed(0)} ms, at most ${BUDGET.lcpMs}`);
    if (answer > BUDGET.inpMs) missed.push(`${path}: INP ${answer.toFixed(0)} ms, at most ${BUDGET.inpMs}`);
    if (shift > BUDGET.cls) missed.push(`${path}: CLS ${shift.toFixed(3)}, at most ${BUDGET.cls}`);
  }
} finally {
  await browser.close();
}

const body = new TextEncoder().encode((await weighed(SERVED)).text);
const bare = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response(body));
const bareUrl = `http://127.0.0.1:${bare.addr.port}/`;
const portalPerSecond = await perSecond(origin + SERVED);
const barePerSecond = await perSecond(bareUrl);
await bare.shutdown();
const tablePage = startProgram("table_page.tsx");
const tableUrl = await tablePage.begun;
// So that its code is compiled.
await perSecond(tableUrl);
const tablePerSecond = await perSecond(tableUrl);
await tablePage[Symbol.asyncDispose]();

console.log(`# What pages weigh, and how fast they are

Written by \`deno task bench:pages\`; run it to measure again. It exits with 1 when a budget is missed: script 20 kB, of a run's
page 28 kB, none of audit and help; style sheet 15 kB; LCP 1.0 s, INP 100 ms, CLS 0.02.

Deno ${Deno.version.deno}, Linux ${Deno.osRelease()}; ${cpus().length} processors, ${
  cpus()[0]?.model.trim() ?? "unknown"
}, for the portal, the database, the client and the browser. SQLite, ${JOBS} jobs, ${RUNS} runs.

## On the wire, in bytes with gzip

| page | HTML as it is | HTML | script | budget | style sheet |
| --- | --: | --: | --: | --: | --: |
${weights.join("\n")}

## In a browser, ${VISITS} visits each

LCP: median. INP and CLS: the worst of opening and closing the keys' help, and a click.

| page | LCP, ms | INP, ms | CLS |
| --- | --: | --: | --: |
${vitals.join("\n")}

## Requests a second

${CONNECTIONS} connections ask for \`${SERVED}\` with 50 rows, without compression; every page is read from the database.

| server | requests a second | ratio to Deno.serve |
| --- | --: | --: |
| the portal | ${portalPerSecond.toFixed(0)} | ${(portalPerSecond / barePerSecond).toFixed(3)} |
| bare Deno.serve of the same bytes | ${barePerSecond.toFixed(0)} | 1 |
| our stand-in for Fresh, a table of 100 rows without a database | ${tablePerSecond.toFixed(0)} | |
| upstream Fresh 2.3.3, a table of 100 rows without a database, measured before | ${UPSTREAM_PER_SECOND} | |`);
for (const what of missed) console.error(`The budget is missed: ${what}`);
// An exit ends nothing that `await using` would.
await service[Symbol.asyncDispose]();
await site[Symbol.asyncDispose]();
Deno.exit(missed.length > 0 ? 1 : 0);

/** A file as text, and its bytes on the wire. */
async function weighed(path: string): Promise<{ readonly text: string; readonly wire: number }> {
  const answer = await fetch(origin + path, { headers: { cookie, "accept-encoding": "gzip" } });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isPacked ? gunzipSync(bytes) : bytes;
  return { text: new TextDecoder().decode(plain), wire: isPacked ? bytes.length : await packedSize(bytes) };
}

/** How many bytes it has with gzip, where fetch has unpacked it. */
async function packedSize(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}

/** The bytes of all scripts that a page loads at once. */
async function scriptsOf(html: string): Promise<number> {
  const seen = new Map<string, number>();
  const visit = async (text: string): Promise<void> => {
    for (const [, name = ""] of text.matchAll(/(?<!import\()["'`](?:\/_fresh\/js\/|\.\/)([\w.-]+\.js)["'`]/g)) {
      if (seen.has(name)) continue;
      seen.set(name, 0);
      const { text: code, wire } = await weighed(`/_fresh/js/${name}`);
      seen.set(name, wire);
      await visit(code);
    }
  };
  await visit(html);
  return [...seen.values()].reduce((sum, size) => sum + size, 0);
}

async function perSecond(url: string): Promise<number> {
  let left = REQUESTS;
  const since = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (left-- > 0) await (await fetch(url, { headers: { cookie, "accept-encoding": "identity" } })).text();
  }));
  return 1000 * REQUESTS / (performance.now() - since);
}
