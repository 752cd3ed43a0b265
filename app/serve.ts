/**
 * Entry point of the built portal (`deno task serve`): checks the settings, opens the database, listens on one
 * address, and ends after a signal.
 *
 * Its commands give V8 4 MB for young objects in place of 32. Collecting them takes the processor as long in all, but in many short
 * pauses: with 32 MB each fifth list waited for one that took half as long as the list.
 *
 * @module
 */
import { isLoopback, type WebConfig } from "@jobtrigger/shared/config";
import { Invalid } from "@jobtrigger/shared/domain";
import { revokeNetwork } from "@jobtrigger/shared/store";
import { signInAddress } from "./server/access/local.ts";
import { openEdge } from "./server/edge.ts";
import type { Edge, Handler } from "./server/edge/serve.ts";
import type { Portal } from "./server/portal.ts";

/** The built module: `_fresh/server.js`. */
interface Built {
  readonly default: { readonly fetch: Handler };
}

/** How long open requests may take to end after a signal, in milliseconds. */
const GOODBYE_MS = 3000;

try {
  await serve();
} catch (error) {
  const lines = error instanceof Invalid
    ? error.problems.map(({ field, message }) => `  ${field}: ${message}`)
    : [`  ${error instanceof Error ? error.message : String(error)}`];
  console.error(["The portal cannot start:", ...lines].join("\n"));
  Deno.exit(error instanceof Invalid ? 2 : 1);
}

async function serve(): Promise<void> {
  const build = new URL("../_fresh/server.js", import.meta.url);
  if (!await exists(build)) throw new Error("It is not built yet: run `deno task build` first");
  const { config, log, portal, presence, signInToken, supervisor } = await import("./main.ts");
  const { default: { fetch } }: Built = await import("../_fresh/server.js");
  const edge = listen(portal, config, fetch);
  revokeNetwork([config.databaseUrl]);
  const origin = originOf(config.host, edge.addr.port);
  console.log(`\n${await greeting(portal, origin, signInToken)}\n`);
  log.info("The portal has started at {origin}, {tls}", { origin, tls: tlsOf(config), processId: Deno.pid });
  if (!isLoopback(config.host) && !portal.network.hasTls) {
    log.warn(
      "Other machines reach the portal without TLS: whoever is on the way reads passwords and pages. Put a proxy with TLS before it " +
        "and set WEB_PUBLIC_URL",
      {},
    );
  }

  supervisor.ready();

  await stopRequested();
  const isSaid = supervisor.stopping();
  portal.stop();
  Deno.unrefTimer(setTimeout(() => void portal.store.close().finally(() => Deno.exit(0)), GOODBYE_MS));
  await edge.shutdown();
  await presence;
  await portal.store.close();
  await isSaid;
  log.info("The portal has stopped");
  Deno.exit(0);
}

/** What people read at the start. The one place where the token is written; the log does not have it. */
async function greeting(portal: Portal, origin: string, token: string): Promise<string> {
  if (!await portal.hasAdministrator()) return `Job Trigger Portal: ${signInAddress(origin, token)}`;
  return `Job Trigger Portal: ${portal.config.publicUrl ?? origin} (sign in with your account)`;
}

function tlsOf({ publicUrl }: WebConfig): string {
  return publicUrl?.startsWith("https:") ? `with TLS in front at ${publicUrl}` : "without TLS in front";
}

function originOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function listen(portal: Portal, { host, port }: WebConfig, fetch: Built["default"]["fetch"]): Edge {
  try {
    return openEdge(portal, { hostname: host, port }, fetch);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(`WEB_PORT: ${host}:${port} is in use by another program; stop it or choose another port`);
  }
}

/** Resolves at the first signal to end. */
function stopRequested(): Promise<void> {
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  return new Promise((resolve) => {
    for (const signal of signals) Deno.addSignalListener(signal, resolve);
  });
}

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
