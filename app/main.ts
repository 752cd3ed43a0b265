/**
 * The portal as an application: settings from the environment, the database they name, and the pages on it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { App } from "fresh";
import { isLoopback, settingsInForce, WEB_KEYS, type WebConfig, webConfig } from "@jobtrigger/shared/config";
import { Invalid } from "@jobtrigger/shared/domain";
import { type Logger, startLog } from "@jobtrigger/shared/log";
import { identifyService, narrowWriting, openStorePatiently, Presence, revokeFiles } from "@jobtrigger/shared/store";
import { openSupervisor, type Supervisor } from "@jobtrigger/shared/systemd";
import { systemClock } from "@jobtrigger/shared/time";
import { migrations } from "@jobtrigger/shared/migrations";
import { createApp } from "./app.ts";
import { newAccess } from "./server/access/local.ts";
import { providerHosts } from "./server/access/oidc/provider.ts";
import { fetchFromHere, startProviderThread } from "./server/access/oidc/provider_fetch.ts";
import { createPortal, type Portal } from "./server/portal.ts";
import { keepPresent } from "./server/presence.ts";
import type { State } from "./utils.ts";

/** The settings in use. */
export const config: WebConfig = webConfig((name) => Deno.env.get(name));

const settings = settingsInForce(WEB_KEYS, (name) => Deno.env.get(name));

/** The portal's log. */
export const log: Logger = await startLog("web", config);

/** Who has started the portal. */
export const supervisor: Supervisor = await openSupervisor((name) => Deno.env.get(name));

/** Aborts the wait for the database: never, because a signal ends the process while it waits. */
const { signal } = new AbortController();

narrowWriting([config.databaseUrl]);
const store = await openStorePatiently(config.databaseUrl, {
  migrations,
  signal,
  onWait: (reason) => {
    log.error("The database does not answer yet: {reason}", { reason });
    supervisor.status(reason);
  },
});
if (store === null) throw new Error("The wait for the database was ended, which nobody does");
if (!isLoopback(config.host) && !await store.users.hasAdmin()) {
  throw new Invalid([{
    field: "WEB_HOST",
    message: `cannot listen on ${config.host} while there is no administrator: whoever came first would be one. ` +
      "Start with 127.0.0.1 and make the first account, or run `jobctl users add NAME --role admin`",
  }]);
}
const { oidcIssuer, oidcHosts } = config;
const providerFetch = oidcIssuer === null
  ? fetchFromHere
  : await startProviderThread(providerHosts({ oidcIssuer, oidcHosts }));
// `_fresh/server.js` reads the files beside it into memory after this.
revokeFiles(config.databaseUrl, [fileURLToPath(new URL("../_fresh", import.meta.url)), ...config.scriptsDirs]);

const { access, token } = newAccess(systemClock);

/** The secret in the address that signs in. Only for the line that prints the address. */
export const signInToken: string = token;

/** What the pages are about. */
export const portal: Portal = createPortal({
  store,
  clock: systemClock,
  config,
  log,
  access,
  providerFetch,
  settings,
});

// Measured before the first request, so that a page is right about the time even while the database is away.
await portal.databaseClock.now();

/** Resolves when the portal has stopped and its row is removed. */
export const presence: Promise<void> = keepPresent(
  portal,
  new Presence(store.services, identifyService("web")),
  supervisor,
);

/** The pages. */
export const app: App<State> = createApp(portal);
