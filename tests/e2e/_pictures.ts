/**
 * The pictures of the portal: each page in each state that is worth a look, in chapters, because what one needs another one changes.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { pauseJob, runNow } from "../../shared/operations/mod.ts";
import { type Job, VERSION } from "../../shared/domain/mod.ts";
import { openAccounts } from "../support/accounts.ts";
import { operating } from "../support/operating.ts";
import { seedAlerts } from "./_alert_seed.ts";
import { seedDays } from "./_days.ts";
import { type TestPortal, ZONE } from "./_portal.ts";
import { addJob, begin, seed, type Seeded, WORKER } from "./_seed.ts";

/** A picture. */
export interface Picture {
  /** Page and state: `jobs/empty`. */
  readonly name: string;
  readonly path: string;
  /** What is done on the page first. */
  readonly act?: (page: Page) => Promise<unknown>;
  /** Not in both themes and all sizes, but as it is printed, or in colours of the system. */
  readonly as?: "print" | "forced";
}

/** Pictures that the portal gives in one state. `prepare` brings it there, and says who looks where that changes. */
export interface Chapter {
  /** Whether a scheduler and a worker report themselves meanwhile. */
  readonly isServed?: boolean;
  readonly prepare: (portal: TestPortal) => Promise<readonly Cookie[] | "as before">;
  readonly pictures: readonly Picture[];
}

/** A cookie of a browser. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly url: string;
}

const asBefore = () => Promise.resolve("as before" as const);

/** Pages that have something to say while there is nothing. */
const EMPTY: readonly Picture[] = [
  "/",
  "/jobs",
  "/runs",
  "/queue",
  "/workers",
  "/timeline",
  "/timeline/month",
  "/statistics",
  "/search",
  "/audit",
  "/alerts",
  "/alerts/rules",
  "/settings/alerts",
  "/settings/users",
  "/first-account",
].map((path) => ({ name: `${nameOf(path)}/empty`, path }));

/** The chapters, from the empty portal to the one whose database is away. */
export async function* chapters(portal: TestPortal): AsyncGenerator<Chapter> {
  yield { prepare: asBefore, pictures: EMPTY };
  const { night } = await seedDays(portal);
  const seeded = await seed(portal);
  const failing = await failingJob(portal);
  const huge = await hugeLog(portal);
  const paused = await pausedJob(portal);
  await seedAlerts(portal, [seeded.job, seeded.unusual]);
  yield {
    isServed: true,
    prepare: asBefore,
    pictures: [...lists(), ...jobs(seeded, { night, failing, paused }), ...runs(seeded, huge)],
  };
  yield { isServed: true, prepare: asBefore, pictures: [...editors(seeded), ...others(seeded), ...errors()] };
  const accounts = await openAccounts(portal);
  const viewer = accounts.users.get("viewer")?.id;
  yield {
    isServed: true,
    prepare: () => accounts.signIn("admin", portal.origin),
    pictures: people(`/settings/users/${viewer}`, `/jobs/${seeded.job.id}`),
  };
  yield {
    isServed: true,
    prepare: () => accounts.signIn("viewer", portal.origin),
    pictures: ["/", "/jobs", `/jobs/${seeded.job.id}`, "/settings/users"].map((path) => ({
      name: `${nameOf(path)}/viewer`,
      path,
    })),
  };
  yield { prepare: () => Promise.resolve([]), pictures: strangers() };
  yield {
    prepare: async () => {
      const cookies = await accounts.signIn("admin", portal.origin);
      portal.loseDatabase();
      return cookies;
    },
    pictures: [{ name: "error/503", path: "/jobs" }],
  };
}

/** What is worth a look in a database of many jobs and runs, whichever they are. */
export async function hugePictures({ store }: Pick<TestPortal, "store">): Promise<readonly Picture[]> {
  const [job] = (await store.jobs.list({ limit: 1 })).items;
  const [run] = (await store.runs.list({ limit: 1 })).items;
  const paths = ["/", "/jobs", "/jobs?q=label:eu", "/runs", "/queue", "/timeline", "/timeline/month", "/statistics"];
  if (job !== undefined) paths.push(`/jobs/${job.id}`);
  if (run !== undefined) paths.push(`/runs/${run.id}`);
  paths.push("/search?q=job", "/jobs/bulk?do=pause&all=1&q=label%3Aeu", "/audit");
  return paths.map((path) => ({ name: `${nameOf(path)}/huge${path.includes("?") ? "-some" : ""}`, path }));
}

function lists(): readonly Picture[] {
  const check = async (page: Page) => {
    for (const box of (await page.locator("tbody .pick input").all()).slice(0, 3)) await box.check({ force: true });
  };
  return [
    { name: "overview/full", path: "/" },
    { name: "jobs/full", path: "/jobs" },
    { name: "jobs/filter", path: "/jobs?q=label:nightly" },
    { name: "jobs/nothing", path: "/jobs?q=nothing" },
    { name: "jobs/problem", path: "/jobs?q=lable:eu" },
    { name: "jobs/selected", path: "/jobs?select=1", act: check },
    { name: "runs/full", path: "/runs" },
    { name: "runs/filter", path: "/runs?q=status:failed since:24h" },
    { name: "runs/problem", path: "/runs?q=state:gone" },
    { name: "queue/full", path: "/queue" },
    { name: "queue/later", path: "/queue?when=later" },
    { name: "workers/full", path: "/workers" },
    { name: "timeline/full", path: "/timeline" },
    { name: "timeline/day", path: "/timeline?range=last-24h" },
    { name: "timeline/problem", path: "/timeline?from=tomorrow" },
    { name: "month/full", path: `/timeline/month?month=${nextMonth()}` },
    { name: "statistics/full", path: "/statistics" },
    { name: "search/full", path: "/search?q=re" },
    { name: "search/nothing", path: "/search?q=zzzz" },
    { name: "audit/full", path: "/audit" },
    { name: "alerts/full", path: "/alerts" },
    { name: "alert-rules/full", path: "/alerts/rules" },
    { name: "alert-rules/edit", path: "/alerts/rules/1/edit" },
    { name: "alert-channels/full", path: "/settings/alerts" },
    { name: "jobs/forced", path: "/jobs", as: "forced" },
    { name: "overview/forced", path: "/", as: "forced" },
    { name: "timeline/forced", path: "/timeline", as: "forced" },
  ];
}

/** The month after this one, as the page has it in its address. */
function nextMonth(): string {
  return Temporal.Now.plainDateISO(ZONE).add({ months: 1 }).toPlainYearMonth().toString();
}

function jobs(
  { job, unusual }: Seeded,
  { night, failing, paused }: Readonly<Record<"night" | "failing" | "paused", Job>>,
): readonly Picture[] {
  return [
    { name: "job/fine", path: `/jobs/${night.id}` },
    { name: "job/failing", path: `/jobs/${failing.id}` },
    { name: "job/paused", path: `/jobs/${paused.id}?notice=paused` },
    { name: "job/waiting", path: `/jobs/${unusual.id}` },
    { name: "job/why", path: `/jobs/${unusual.id}?why=02:30` },
    { name: "job/forced", path: `/jobs/${failing.id}`, as: "forced" },
    { name: "revisions/full", path: `/jobs/${paused.id}/revisions` },
    { name: "pause/full", path: `/jobs/${job.id}/pause` },
    { name: "delete/full", path: `/jobs/${job.id}/delete` },
    { name: "arguments/full", path: `/jobs/${unusual.id}/run` },
    { name: "backfill/empty", path: `/jobs/${job.id}/backfill` },
    { name: "backfill/full", path: `/jobs/${job.id}/backfill?from=2025-11-01&to=2025-11-20` },
    { name: "webhooks/empty", path: `/jobs/${job.id}/webhooks` },
  ];
}

function runs({ good, bad, running, waiting }: Seeded, huge: number): readonly Picture[] {
  return [
    { name: "run/finished", path: `/runs/${good.id}` },
    { name: "run/failed", path: `/runs/${bad.id}` },
    { name: "run/running", path: `/runs/${running.run.id}` },
    { name: "run/waiting", path: `/runs/${waiting.id}` },
    { name: "run/huge", path: `/runs/${huge}` },
    { name: "run/found", path: `/runs/${huge}?find=4711` },
    { name: "run/print", path: `/runs/${bad.id}`, as: "print" },
    { name: "run/forced", path: `/runs/${bad.id}`, as: "forced" },
  ];
}

function editors({ job, unusual }: Seeded): readonly Picture[] {
  const kinds = ["manual", "once at 2030-01-31 09:00", "every 15m", "hourly at :15", "daily at 09:00"];
  kinds.push("weekly on mon,fri at 09:00", "monthly on 31 at 09:00", "cron */5 9-17 1 * mon-fri");
  const type = (schedule: string) => async (page: Page) => {
    await page.locator("[name=schedule]").fill(schedule);
    await page.locator(".preview .sentence").waitFor();
  };
  const send = async (page: Page) => {
    await page.evaluate("document.querySelector('form.job, main form').noValidate = true");
    await page.locator("[name=schedule]").fill("dayly at 9");
    await page.locator("button.primary[value=save]").click();
    await page.locator(".problem, .note.bad").first().waitFor();
  };
  return [
    { name: "editor/new", path: "/jobs/new" },
    { name: "editor/edit", path: `/jobs/${job.id}/edit` },
    { name: "editor/unusual", path: `/jobs/${unusual.id}/edit` },
    { name: "editor/problems", path: "/jobs/new", act: send },
    ...kinds.map((text) => ({ name: `editor/${text.split(" ")[0]}`, path: "/jobs/new", act: type(text) })),
    { name: "editor/forced", path: `/jobs/${job.id}/edit`, as: "forced" },
  ];
}

function others({ job, unusual }: Seeded): readonly Picture[] {
  const which = `id=${job.id}&id=${unusual.id}`;
  const carryOut = async (page: Page) => {
    await page.locator("main form button[type=submit]").first().click();
    await page.waitForURL(/bulk\/\d+/);
  };
  return [
    ...["run", "pause", "label", "delete"].map((kind) => ({
      name: `bulk/${kind}`,
      path: `/jobs/bulk?do=${kind}&${which}`,
    })),
    { name: "bulk/result", path: `/jobs/bulk?do=run&${which}`, act: carryOut },
    { name: "help/full", path: "/help" },
    { name: "help/search", path: "/help?q=lease" },
    { name: "help/nothing", path: "/help?q=zzzz" },
    { name: "help/page", path: "/help/docs/policies" },
    { name: "help/api", path: "/help/api" },
    {
      name: "palette/full",
      path: "/jobs",
      act: async (page) => {
        await page.keyboard.press("Control+k");
        await page.locator("dialog[open] input").waitFor();
        await page.keyboard.type("re");
        await page.locator("dialog[open] [role=option]").first().waitFor();
      },
    },
  ];
}

function errors(): readonly Picture[] {
  return [{ name: "error/404", path: "/nowhere" }, { name: "error/job", path: "/jobs/999999" }];
}

function people(viewer: string, job: string): readonly Picture[] {
  const makeToken = async (page: Page) => {
    await page.getByText("New token").click();
    await page.getByLabel("Name", { exact: true }).fill("ci-deploy");
    await page.getByRole("button", { name: "Make the token" }).click();
    await page.getByText("Copy it now").waitFor();
  };
  const makeWebhook = async (page: Page) => {
    await page.getByLabel("Name").fill("ci-deploy");
    await page.getByLabel("Arguments from the body").fill("=--quiet\n/ref string max=100");
    await page.getByRole("button", { name: "Make the webhook" }).click();
    await page.getByText("Copy it now").waitFor();
  };
  const sendEmpty = async (page: Page) => {
    await page.evaluate("document.querySelectorAll('main form').forEach((form) => form.noValidate = true)");
    await page.locator("main form button[type=submit]").last().click();
    await page.locator(".problem, .note.bad").first().waitFor();
  };
  const checkAudit = async (page: Page) => {
    await page.getByRole("button", { name: "Check the list" }).click();
    await page.getByText("The list is intact").waitFor();
  };
  return [
    { name: "account/full", path: "/account" },
    { name: "account/token", path: "/account", act: makeToken },
    { name: "users/full", path: "/settings/users" },
    { name: "users/new", path: "/settings/users/new" },
    { name: "users/problems", path: "/settings/users/new", act: sendEmpty },
    { name: "users/one", path: viewer },
    { name: "system/full", path: "/settings/system" },
    { name: "webhooks/made", path: `${job}/webhooks`, act: makeWebhook },
    { name: "audit/checked", path: "/audit", act: checkAudit },
    { name: "users/forced", path: "/settings/users", as: "forced" },
  ];
}

function strangers(): readonly Picture[] {
  const refuse = async (page: Page) => {
    await page.getByLabel("Name").fill("admin");
    await page.getByLabel("Password").fill("nonsense");
    await page.locator("main button[type=submit]").click();
    await page.locator(".problem, .note").first().waitFor();
  };
  return [
    { name: "sign-in/full", path: "/sign-in?next=/runs" },
    { name: "sign-in/problem", path: "/sign-in?next=/runs", act: refuse },
    { name: "sign-in/expired", path: "/jobs?token=old" },
  ];
}

/** Reports what a scheduler, a portal and a worker report every few seconds. */
export async function reportServices({ store }: Pick<TestPortal, "store">): Promise<void> {
  const now = await store.now();
  for (const kind of ["scheduler", "web"] as const) {
    const identity = { serviceId: `${kind}-1`, kind, hostname: "node-1.example", processId: 4712, version: VERSION };
    await store.services.report(identity, now);
  }
  await store.workers.report(WORKER, now);
}

/** A page's folder, from its path. */
function nameOf(path: string): string {
  const [first = "", second = ""] = path.replace(/\?.*/, "").split("/").filter((part) => part !== "");
  if (first === "") return "overview";
  if (first === "settings") return second;
  if (first === "timeline") return second === "" ? first : second;
  if (second === "bulk") return second;
  return second === "" ? first : first.replace(/s$/, "");
}

/** A job whose last runs failed. */
async function failingJob(portal: TestPortal): Promise<Job> {
  const job = await addJob(portal, {
    name: "Rebuild the search index",
    script: "report.py",
    schedule: "daily at 04:15",
    timezone: "Asia/Hong_Kong",
    labels: "search",
  });
  for (const code of [0, 0, 3, 3]) {
    const run = await begin(portal, job);
    await run.write("Reading 120,000 documents\n");
    if (code !== 0) await run.write("elastic.ConnectionError: node es-2 refused the connection\n", "stderr");
    await run.end(code);
  }
  return job;
}

/** A run with 20,000 lines of output. */
async function hugeLog(portal: TestPortal): Promise<number> {
  const job = await addJob(portal, { name: "Import the archive", script: "sync.ts", schedule: "manual" });
  const run = await begin(portal, job);
  for (let part = 0; part < 20; part++) {
    const lines = Array.from(
      { length: 1000 },
      (_, i) => `row ${part * 1000 + i}: customer ${part * 7919 + i} imported\n`,
    );
    await run.write(lines.join(""));
  }
  await run.end(0);
  return run.run.id;
}

/** A paused job with a few revisions and a run that waits. */
async function pausedJob(portal: TestPortal): Promise<Job> {
  const job = await addJob(portal, {
    name: "Send the invoices",
    script: "report.py",
    schedule: "monthly on 31 at 09:00",
    labels: "billing",
  });
  const now = await portal.store.now();
  await runNow(operating(portal.store, now), { id: job.id, args: null, force: false, idempotencyKey: null });
  await pauseJob(operating(portal.store, now), { id: job.id, note: "until the new tax rates are in" });
  return job;
}
