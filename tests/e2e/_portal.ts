/**
 * A portal as people have it, for one test: the built application on a real database, behind a real browser. What a worker would
 * do is done through a second connection to the same database, as another process would.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { createApp } from "../../app/app.ts";
import { newAccess, signInAddress } from "../../app/server/access/local.ts";
import { fetchFromHere } from "../../app/server/access/oidc/provider_fetch.ts";
import { openEdge } from "../../app/server/edge.ts";
import { createPortal } from "../../app/server/portal.ts";
import { epochMs, StoreUnavailable } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { builtPortal } from "../support/built_portal.ts";
import { NETWORK, NO_PROVIDER } from "../support/network.ts";
import { sharedBrowser } from "../support/browser.ts";
import { type OpenTestStore, openTestStore } from "../support/store.ts";

/** The scripts that a test's jobs may name. */
const SCRIPTS = ["backup/nightly.sh", "report.py", "sync.ts", "test_job.sh"];

/** How the portal shows times in tests. */
export const ZONE = "Asia/Hong_Kong";

/** The surroundings of a test. */
export interface TestPortal {
  readonly origin: string;
  /** The database, seen by another process. */
  readonly store: Store;
  readonly scriptsDirs: readonly string[];
  readonly browser: Browser;
  /** The portal's output at its start. */
  readonly signInAddress: string;
  /** Opens a page of the portal, signed in, in a browser profile of its own. Each error that the browser reports fails the test. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** The same without signing in. */
  openAsStranger(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** As `open`, on pages that collect violations of their policy in `violations`. */
  openWatched(path: string): Promise<Page>;
  /** Runs one statement on the database. */
  sql(text: string): Promise<unknown>;
  /** The same in a profile that is there already. */
  openIn(context: BrowserContext, path: string): Promise<Page>;
  /** Expects that the browser reports answers with this status, as it does for 404. */
  expect(status: number): void;
  /** From now on the portal's database does not answer. */
  loseDatabase(): void;
}

const build = await builtPortal();

/**
 * Starts a portal, lets `look` use it, and fails if the browser or the portal complained about anything. The database's clock
 * is `databaseAheadMs()` ahead of that of the portal's and the browser's machine.
 */
export async function withPortal(
  look: (portal: TestPortal) => Promise<void>,
  { databaseAheadMs = () => 0, open = openTestStore }: {
    readonly databaseAheadMs?: () => number;
    readonly open?: OpenTestStore;
  } = {},
): Promise<void> {
  await using database = await open();
  const now = async () => epochMs(await database.store.now() + databaseAheadMs());
  const scripts = await Deno.makeTempDir({ prefix: "jobtrigger-scripts-" });
  await Deno.mkdir(`${scripts}/backup`);
  for (const path of SCRIPTS) await Deno.writeTextFile(`${scripts}/${path}`, "#!/bin/sh\n", { mode: 0o755 });
  const complaints: string[] = [];
  const complain = (message: string, properties: Record<string, unknown>) => {
    complaints.push(`${message} ${Deno.inspect(properties)}`);
  };
  const { access, token } = newAccess(systemClock);
  const portal = createPortal({
    store: { ...database.store, now },
    clock: systemClock,
    config: {
      scriptsDirs: [scripts],
      displayTimezone: ZONE,
      maxRetries: 3,
      jobTimeoutMs: 3_600_000,
      ...NETWORK,
      ...NO_PROVIDER,
      apiPerMinute: 600,
      corsOrigins: [],
      metricsToken: null,
    },
    log: { info: () => {}, warn: complain, error: complain },
    access,
    providerFetch: fetchFromHere,
  });
  const app = createApp(portal);
  build(app);
  const edge = openEdge(portal, { hostname: "127.0.0.1", port: 0 }, app.handler());
  const origin = `http://127.0.0.1:${edge.addr.port}`;
  const shared = await sharedBrowser();
  const { browser } = shared;
  const expected = new Set<number>();
  try {
    const openIn = async (context: BrowserContext, path: string): Promise<Page> => {
      const page = await context.newPage();
      // What a person would wait for at most.
      page.setDefaultTimeout(30_000);
      page.on("console", (message) => {
        const status = Number(/responded with a status of (\d+)/.exec(message.text())?.[1]);
        if (!expected.has(status)) complaints.push(`${page.url()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
      await page.goto(origin + path);
      return page;
    };
    await look({
      origin,
      store: await database.another(),
      scriptsDirs: [scripts],
      browser,
      open: async (path, options) => {
        const context = await browser.newContext(options);
        await context.request.get(signInAddress(origin, token));
        return await openIn(context, path);
      },
      signInAddress: signInAddress(origin, token),
      openWatched: async (path) => {
        const context = await browser.newContext();
        await context.request.get(signInAddress(origin, token));
        await context.addInitScript(
          "violations = []; addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective))",
        );
        return await openIn(context, path);
      },
      sql: database.sql,
      openAsStranger: async (path, options) => openIn(await browser.newContext(options), path),
      openIn,
      expect: (status) => expected.add(status),
      loseDatabase: () => {
        portal.databaseClock.now = () => Promise.reject(new StoreUnavailable("The database does not answer"));
      },
    });
    const isExpected = (complaint: string) => [...expected].some((status) => complaint.includes(`status: ${status}`));
    assert.deepEqual(complaints.filter((complaint) => !isExpected(complaint)), []);
  } finally {
    await shared[Symbol.asyncDispose]();
    portal.stop();
    await edge.shutdown();
    await Deno.remove(scripts, { recursive: true });
  }
}
