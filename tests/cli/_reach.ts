/**
 * The two ways in which jobctl reaches jobs and runs. Whatever does not concern the database's own machine is tested in both: the
 * same commands, output and exit codes.
 *
 * @module
 */
import { createApp } from "../../app/app.ts";
import { newAccess } from "../../app/server/access/local.ts";
import { fetchFromHere } from "../../app/server/access/oidc/provider_fetch.ts";
import { openEdge } from "../../app/server/edge.ts";
import { createPortal } from "../../app/server/portal.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { newToken } from "../app/api/_client.ts";
import { builtPortal } from "../support/built_portal.ts";
import { NETWORK, NO_PROVIDER } from "../support/network.ts";
import { openSite, openSiteOn, type Site } from "../support/process.ts";
import { DATABASES } from "../support/store.ts";

/** A site with the environment by which jobctl reaches it. */
export interface Reached extends Site {
  /** How jobctl reaches it. */
  readonly by: "database" | "portal";
  /** The trigger of a run that jobctl starts. */
  readonly trigger: "manual" | "api";
  /** Who acts, as histories and the audit list name them. */
  readonly actor: { readonly kind: "cli" | "token"; readonly name: string };
}

/** Opens a site that jobctl reaches in one of the ways; `env` is set beside. */
export type OpenReached = (env?: Readonly<Record<string, string>>) => Promise<Reached>;

/** Tests a behaviour of jobctl with a SQLite database and with a portal over one. */
export function onEachReach(name: string, check: (open: OpenReached) => Promise<void>): void {
  Deno.test(`with a database: ${name}`, () => check(async (env) => directly(await openSite(env))));
  Deno.test(`with a portal: ${name}`, () => check(async (env) => await throughPortal(await openSite(), env)));
}

/** As {@linkcode onEachReach}, on both databases. */
export function onEachDatabaseAndReach(name: string, check: (open: OpenReached) => Promise<void>): void {
  for (const [database, open] of Object.entries(DATABASES)) {
    Deno.test(`${database}: ${name}`, () => check(async (env) => directly(await openSiteOn(open, env))));
    const opened: OpenReached = async (env) => await throughPortal(await openSiteOn(open), env);
    Deno.test(`a portal over ${database}: ${name}`, () => check(opened));
  }
}

function directly(site: Site): Reached {
  return { ...site, by: "database", trigger: "manual", actor: { kind: "cli", name: "jobctl" } };
}

/** How far the clock of the portal's machine is ahead of the database's: what goes by it would be an hour late. */
const AHEAD_MS = 3_600_000;

/** Puts a portal before a site. What jobctl gets of the site's environment are the portal's address and a token. */
export async function throughPortal(site: Site, env: Readonly<Record<string, string>> = {}): Promise<Reached> {
  const logged: string[] = [];
  const log = (message: string) => void logged.push(message);
  const portal = createPortal({
    store: site.store,
    clock: { ...systemClock, now: () => epochMs(systemClock.now() + AHEAD_MS) },
    config: {
      scriptsDirs: [site.env["SCRIPTS_DIR"] ?? ""],
      displayTimezone: "Pacific/Kiritimati",
      maxRetries: 3,
      jobTimeoutMs: 600_000,
      ...NETWORK,
      ...NO_PROVIDER,
      apiPerMinute: 100_000,
      corsOrigins: [],
      metricsToken: null,
    },
    log: { info: log, warn: log, error: log },
    access: newAccess(systemClock).access,
    providerFetch: fetchFromHere,
  });
  const app = createApp(portal);
  (await builtPortal())(app);
  const edge = openEdge(portal, { hostname: "127.0.0.1", port: 0 }, app.handler());
  // A service account: it is no administrator who could sign in, so the last one of a test stays the last.
  const token = await newToken({ store: site.store, now: systemClock.now }, { name: "robot", isService: true });
  return {
    ...site,
    by: "portal",
    trigger: "api",
    actor: { kind: "token", name: "ci of robot" },
    env: { JOBTRIGGER_URL: `http://127.0.0.1:${edge.addr.port}`, JOBTRIGGER_TOKEN: token, ...env },
    async [Symbol.asyncDispose]() {
      portal.stop();
      await edge.shutdown();
      await site[Symbol.asyncDispose]();
    },
  };
}
