/**
 * Entry point of the portal as it was built (`deno task serve`): checks the settings, opens the database, listens on one
 * address, and ends when it is told to.
 *
 * @module
 */
import { Invalid } from "@jobtrigger/shared/domain";
import { giveUpNetwork } from "@jobtrigger/shared/store";

/** What the build gives: `_fresh/server.js`. */
interface Built {
  readonly default: { readonly fetch: (request: Request) => Promise<Response> };
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
  const { config, log, portal } = await import("./main.ts");
  const { default: { fetch } }: Built = await import("../_fresh/server.js");
  const server = listen(config.host, config.port, fetch);
  giveUpNetwork([config.databaseUrl]);
  const address = `http://${config.host}:${server.addr.port}/`;
  console.log(`Job Trigger Portal: ${address}`);
  log.info("The portal has started at {address}", { address, processId: Deno.pid });

  const stop = () => {
    portal.stop();
    void server.shutdown();
    Deno.unrefTimer(setTimeout(() => void portal.store.close().finally(() => Deno.exit(0)), GOODBYE_MS));
  };
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  await server.finished;
  await portal.store.close();
  log.info("The portal has stopped");
  Deno.exit(0);
}

function listen(
  hostname: string,
  port: number,
  fetch: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, fetch);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(`WEB_PORT: ${hostname}:${port} is in use by another program; stop it or choose another port`);
  }
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
