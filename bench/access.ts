/**
 * What it costs to know who asks: signing in, many sign-ins at once while somebody reads pages, and a session on a page. A real portal
 * as a process, on SQLite. `deno task bench:access` writes what this prints to `bench/ACCESS.md`. Exits with 1 when a bar is missed.
 * Linux: reads /proc.
 *
 * @module
 */
import { cpus } from "node:os";
import { hashPassword } from "../shared/access/mod.ts";
import { by } from "../tests/support/actor.ts";
import { NOBODY, PASSWORD } from "../tests/support/accounts.ts";
import { fullPasswords } from "../tests/support/password_cost.ts";
import { openSite, Service } from "../tests/support/process.ts";
import { quantile } from "./queue/statistics.ts";

/**
 * Longest sign-in at the median, in bare hashes of a password. One takes 0.35 to 0.8 s, by the machine: it is meant to be slow, and half a
 * second for a sign-in can be had only where one takes less.
 */
const SIGN_IN_BAR = 1.1;
/** Longest page at the 95th percentile while many sign in, in milliseconds: hashes are computed beside the pages. */
const PAGE_BAR_MS = 250;
/** Most that a session may add to a page at the median, in milliseconds. */
const SESSION_BAR_MS = 1;

const USERS = 50;
const PAGES = 200;
const ROUNDS = 1000;
/** Somebody who reads pages while others sign in, and leaves the processors to them in between. */
const BETWEEN_PAGES_MS = 50;

await using site = await openSite({ WEB_PORT: "0" });
using _full = fullPasswords();
const passwordHash = await hashPassword(PASSWORD);
const names = Array.from({ length: USERS }, (_, i) => `user ${i}`);
for (const name of names) {
  await site.store.users.create({ ...NOBODY, name, role: "admin", passwordHash }, by(await site.store.now()));
}
await using service = await Service.start("serve", site.env);
const origin = /http:\S+:\d+/.exec(await service.line(/The portal has started/))?.[0] ?? "";

/** What the browser of each user keeps. */
const cookies = new Map<string, string>();

/** Signs in and answers how long it took, in milliseconds. @throws {Error} when it failed. */
async function signIn(name: string): Promise<number> {
  const since = performance.now();
  const answer = await fetch(`${origin}/sign-in`, {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", cookie: cookies.get(name) ?? "" },
    body: new URLSearchParams({ name, password: PASSWORD, next: "/" }),
    redirect: "manual",
  });
  await answer.body?.cancel();
  const tookMs = performance.now() - since;
  if (answer.status !== 303) throw new Error(`${name} was not signed in: ${answer.status}`);
  const kept = new Map((cookies.get(name) ?? "").split("; ").filter((one) => one !== "").map((one) => cut(one)));
  for (const cookie of answer.headers.getSetCookie()) kept.set(...cut(cookie.split(";")[0] ?? ""));
  cookies.set(name, [...kept].map(([key, value]) => `${key}=${value}`).join("; "));
  return tookMs;
}

function cut(cookie: string): [name: string, value: string] {
  const at = cookie.indexOf("=");
  return [cookie.slice(0, at), cookie.slice(at + 1)];
}

/** Asks for a page and answers how long it took, in milliseconds. */
async function page(path: string, cookie: string): Promise<number> {
  const since = performance.now();
  const answer = await fetch(origin + path, { headers: { cookie } });
  await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`);
  return performance.now() - since;
}

/** Processor time of the portal, in milliseconds: user and system time of proc_pid_stat(5), 100 ticks a second. */
async function cpuMs(): Promise<number> {
  const fields = (await Deno.readTextFile(`/proc/${service.pid}/stat`)).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const bare: number[] = [];
for (let i = 0; i < 10; i++) {
  const since = performance.now();
  await hashPassword(PASSWORD);
  bare.push(performance.now() - since);
}

const alone: number[] = [];
const cpuBefore = await cpuMs();
for (const name of names) alone.push(await signIn(name));
const signInCpuMs = (await cpuMs() - cpuBefore) / USERS;

const cookie = cookies.get(names[0] ?? "") ?? "";
for (let i = 0; i < PAGES; i++) await page("/jobs", cookie);
const idle: number[] = [];
for (let i = 0; i < PAGES; i++) idle.push(await page("/jobs", cookie));

// Each from a device that is known, as in an office on a Monday: nobody is slowed down by the others. The first one reads pages.
let isOver = false;
const crowd = Promise.all(names.slice(1).concat("user 1").map(signIn)).finally(() => isOver = true);
const busy: number[] = [];
while (!isOver) {
  busy.push(await page("/jobs", cookie));
  await new Promise((resolve) => setTimeout(resolve, BETWEEN_PAGES_MS));
}
const together = await crowd;

// The cheapest page there is, so that nothing hides what a session adds: the only difference is the cookie, which the database knows.
const [without, withSession]: [number[], number[]] = [[], []];
let [cpuWithout, cpuWith] = [0, 0];
for (let round = 0; round < ROUNDS; round += 100) {
  for (const [into, sent] of [[without, ""], [withSession, cookie]] as const) {
    const before = await cpuMs();
    for (let i = 0; i < 100; i++) into.push(await page("/healthz", sent));
    if (sent === "") cpuWithout += await cpuMs() - before;
    else cpuWith += await cpuMs() - before;
  }
}

const ms = (samples: readonly number[], share: number) =>
  quantile(samples, share).toFixed(samples === without || samples === withSession ? 2 : 0);
const row = (title: string, samples: readonly number[]) =>
  `| ${title} | ${samples.length} | ${ms(samples, 0.5)} | ${ms(samples, 0.95)} | ${ms(samples, 1)} |`;
const extraMs = quantile(withSession, 0.5) - quantile(without, 0.5);
const bars: readonly (readonly [what: string, found: number, most: number])[] = [
  ["a sign-in at the median, in bare hashes", quantile(alone, 0.5) / quantile(bare, 0.5), SIGN_IN_BAR],
  ["a page at the 95th percentile while 50 sign in, ms", quantile(busy, 0.95), PAGE_BAR_MS],
  ["what a session adds to a page at the median, ms", extraMs, SESSION_BAR_MS],
];

console.log(`# What it costs to know who asks

Written by \`deno task bench:access\`; run it to measure again. It exits with 1 when a bar is missed.

Deno ${Deno.version.deno}, Linux ${Deno.osRelease()}; ${cpus().length} processors, ${
  cpus()[0]?.model.trim() ?? "unknown"
}. A real portal on SQLite; scrypt N=2^17, r=8, p=1. Figures depend on the machine and its load.

| what | samples | median, ms | p95, ms | most, ms |
| --- | --: | --: | --: | --: |
${row("a bare hash of a password", bare)}
${row("a sign-in, one after another", alone)}
${row("a page (`/jobs`) while nobody signs in", idle)}
${row("the page while 50 sign in at once", busy)}
${row("a sign-in of the 50", together)}
${row("the cheapest page (`/healthz`) without a session", without)}
${row("the same with a session", withSession)}

A sign-in took ${
  signInCpuMs.toFixed(0)
} ms of the portal's processor, which depends on the load least. The session cost ${
  extraMs.toFixed(2)
} ms at the median and ${((cpuWith - cpuWithout) / ROUNDS).toFixed(2)} ms of the portal's processor.

| bar | found | at most |
| --- | --: | --: |
${bars.map(([what, found, most]) => `| ${what} | ${found.toFixed(2)} | ${most} |`).join("\n")}`);

for (const [what, found, most] of bars) {
  if (found <= most) continue;
  console.error(`The bar is missed: ${what} is ${found.toFixed(2)}, at most ${most}`);
  Deno.exitCode = 1;
}
