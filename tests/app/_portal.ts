/**
 * A portal without a socket: requests go to the application's handler, the database is a real one.
 *
 * @module
 */
import { createApp } from "../../app/app.ts";
import { newAccess } from "../../app/server/access/local.ts";
import { fetchFromHere } from "../../app/server/access/oidc/provider_fetch.ts";
import { createPortal, type Portal, type PortalParts } from "../../app/server/portal.ts";
import { type EpochMs, epochMs, type Job, type WorkerId, workerId } from "../../shared/domain/mod.ts";
import { type JobInput, parseJobInput } from "../../shared/api/mod.ts";
import { createJob, runNow } from "../../shared/operations/mod.ts";
import type { Claim, Store } from "../../shared/store/mod.ts";
import { type Clock, systemClock } from "../../shared/time/mod.ts";
import { builtPortal } from "../support/built_portal.ts";
import { NETWORK, NO_PROVIDER } from "../support/network.ts";
import { operating } from "../support/operating.ts";
import { signIn } from "../support/sign_in.ts";
import { DATABASES, type OpenTestStore, openTestStore } from "../support/store.ts";
import { markStarted } from "../support/attempts.ts";

/** Where the portal is asked for. */
export const ORIGIN = "http://127.0.0.1:8000";

/** The worker that tests play. */
export const WORKER: WorkerId = workerId("worker-1");

/** A portal for one test. */
export interface TestPortal extends AsyncDisposable {
  readonly store: Store;
  /** Runs one statement beside the store. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** The database's time. */
  now(): EpochMs;
  /** What it complained about in its log. */
  readonly logged: readonly string[];
  /** What it noted there. */
  readonly noted: readonly string[];
  /** What the address that signs in has. */
  readonly token: string;
  /** Asks for a page as the local administrator, who is signed in. */
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Asks as somebody who is not. */
  asStranger(path: string, init?: RequestInit): Promise<Response>;
  /** Posts a form as the portal's own pages do. */
  post(path: string, fields?: Readonly<Record<string, string>>, init?: RequestInit): Promise<Response>;
  /** Creates a job. */
  job(input?: JobInput): Promise<Job>;
  /** Starts a job by hand and claims the run. */
  claim(job: Job): Promise<Claim>;
  /** The application and what it is about, to put a server before it. */
  readonly portal: Portal;
  readonly handler: (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;
  /** The cookie of who is signed in. */
  readonly cookie: string;
  /** Ends the portal's streams. */
  stop(): void;
}

const build = await builtPortal();

/** Checks a behaviour of the portal on each database. */
export function onEachDatabase(name: string, check: (open: OpenTestStore) => Promise<void>): void {
  for (const [database, open] of Object.entries(DATABASES)) Deno.test(`${database}: ${name}`, () => check(open));
}

/** How far the clock of a portal's machine is ahead of its database's: what goes by it would be an hour late. */
const AHEAD_MS = 3_600_000;

/**
 * Opens a portal on an empty database, by default SQLite: `await using portal = await openPortal()`. With `ownNow` the test owns
 * the database's clock.
 */
export async function openPortal(
  open: OpenTestStore = openTestStore,
  ownNow: (() => EpochMs) | null = null,
  sleep: Clock["sleep"] = systemClock.sleep,
  config: Partial<PortalParts["config"]> = {},
): Promise<TestPortal> {
  const database = await open();
  const store = ownNow === null ? database.store : { ...database.store, now: () => Promise.resolve(ownNow()) };
  const now = ownNow ?? systemClock.now;
  const scripts = await Deno.makeTempDir({ prefix: "jobtrigger-scripts-" });
  for (const name of ["test_job.sh", "report.py"]) {
    await Deno.writeTextFile(`${scripts}/${name}`, "#!/bin/sh\n", { mode: 0o755 });
  }
  const logged: string[] = [];
  const noted: string[] = [];
  const writeTo = (lines: string[]) => (message: string, properties: Record<string, unknown>) => {
    lines.push(`${message} ${Deno.inspect(properties)}`);
  };
  const { access, token } = newAccess(systemClock);
  const portal = createPortal({
    store,
    clock: {
      sleep,
      now: () => epochMs(now() + AHEAD_MS),
      monotonic: () => ownNow?.() ?? systemClock.monotonic(),
    },
    config: {
      scriptsDirs: [scripts],
      displayTimezone: "Asia/Hong_Kong",
      maxRetries: 3,
      jobTimeoutMs: 600_000,
      ...NETWORK,
      ...NO_PROVIDER,
      apiPerMinute: 600,
      corsOrigins: [],
      metricsToken: null,
      ...config,
    },
    log: { info: writeTo(noted), warn: writeTo(logged), error: writeTo(logged) },
    access,
    providerFetch: fetchFromHere,
  });
  const app = createApp(portal);
  build(app);
  const handler = app.handler();
  const info = {
    remoteAddr: { transport: "tcp" as const, hostname: "127.0.0.1", port: 40_000 },
    completed: Promise.resolve(),
  };
  const asStranger = (path: string, init?: RequestInit) => handler(new Request(ORIGIN + path, init), info);
  const session = await signIn((path) => asStranger(path), token);
  const get = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("cookie", [headers.get("cookie"), session].filter((cookie) => cookie !== null).join("; "));
    return asStranger(path, { ...init, headers });
  };
  return {
    store,
    sql: database.sql,
    now,
    portal,
    handler,
    cookie: session,
    logged,
    noted,
    token,
    get,
    asStranger,
    post: (path, fields = {}, init = {}) =>
      get(path, { method: "POST", headers: { origin: ORIGIN }, body: new URLSearchParams(fields), ...init }),
    job: async (input = {}) => {
      const whole = { name: "Backup", script: "test_job.sh", schedule: "daily at 02:30", ...input };
      const context = { scriptsDirs: [scripts], defaultTimezone: "Asia/Hong_Kong" };
      return await createJob(operating(store, now()), await parseJobInput(whole, context));
    },
    claim: async (job) => {
      await runNow(operating(store, now()), { id: job.id, args: null, force: true, idempotencyKey: null });
      const [claim] = await store.queue.claim({
        workerId: WORKER,
        tags: new Set(),
        limit: 1,
        leaseMs: 60_000,
        now: now(),
      });
      if (claim === undefined) throw new Error("There is nothing to claim");
      await markStarted(store, claim, { now: now(), timeoutAt: epochMs(now() + 60_000) });
      return claim;
    },
    stop: () => portal.stop(),
    async [Symbol.asyncDispose]() {
      portal.stop();
      await database[Symbol.asyncDispose]();
      await Deno.remove(scripts, { recursive: true });
    },
  };
}

/** The fields of a form that makes a job. */
export const FIELDS: Readonly<Record<string, string>> = {
  name: "Nightly backup",
  script: "test_job.sh",
  args: "--target\n/srv/my data",
  schedule: "daily at 02:30",
  timezone: "Europe/Berlin",
  timeout: "60",
  max_retries: "2",
  env: "MODE=full",
  gap: "after",
  fold: "first",
  intent: "save",
};

/** What stands in the form of a page, by name: what the browser would send back. */
export function standing(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [tag] of html.matchAll(/<input [^>]*>/g)) {
    const isUnchecked = /type="(checkbox|radio)"/.test(tag) && !/ checked/.test(tag);
    if (!isUnchecked) fields[attribute(tag, "name")] = attribute(tag, "value");
  }
  for (const [, tag = "", text = ""] of html.matchAll(/<textarea([^>]*)>([^<]*)/g)) {
    fields[attribute(tag, "name")] = plain(text);
  }
  for (const [, tag = "", options = ""] of html.matchAll(/<select([^>]*)>(.*?)<\/select>/gs)) {
    const chosen = [...options.matchAll(/<option[^>]*>/g)].find(([option]) => / selected/.test(option))?.[0] ?? "";
    fields[attribute(tag, "name")] = attribute(chosen, "value");
  }
  return fields;
}

function attribute(tag: string, name: string): string {
  return plain(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
}

function plain(html: string): string {
  const signs: Readonly<Record<string, string>> = { quot: '"', "#39": "'", lt: "<", gt: ">", amp: "&" };
  return html.replace(/&(quot|#39|lt|gt|amp);/g, (whole, name) => signs[name] ?? whole);
}

/** Enters {@linkcode WORKER}. */
export async function enterWorker({ store }: Pick<TestPortal, "store">, now: EpochMs): Promise<void> {
  await store.workers.register({
    workerId: WORKER,
    hostname: "node-1",
    platform: "linux x86_64",
    processId: 1,
    version: "0.1.0",
    tags: [],
    concurrency: 4,
  }, now);
}
