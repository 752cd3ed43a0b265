/**
 * The frame of every service: read the settings, open the store, listen for signals, end with an exit code.
 *
 * @module
 */
import { Invalid, StoreUnavailable } from "@jobtrigger/shared/domain";
import type { Config, Env } from "@jobtrigger/shared/config";
import { type Logger, startLog } from "@jobtrigger/shared/log";
import {
  DatabaseClock,
  JUMP_MESSAGE,
  narrowWriting,
  openStorePatiently,
  revokeFiles,
  revokeNetwork,
  type Store,
} from "@jobtrigger/shared/store";
import { openSupervisor } from "@jobtrigger/shared/systemd";
import { type Clock, systemClock } from "@jobtrigger/shared/time";
import { migrations } from "@jobtrigger/shared/migrations";
import { openHealthPort } from "./health_port.ts";
import type { LoopContext, StopSignals } from "./loop.ts";
import { Pulse } from "./pulse.ts";

/** How long a store may take to close, in milliseconds. */
const CLOSE_MS = 5000;

/** The signals that stop a service. Windows has no SIGTERM to listen for; Ctrl-Break does the same there. */
const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** The settings that every service has. */
type Settings = Pick<Config, "databaseUrl" | "logFormat" | "logLevel">;

/** In what a service differs from the others. */
export interface ServiceParts<ServiceConfig extends Settings> {
  readonly name: string;
  readonly readConfig: (env: Env) => ServiceConfig;
  /** The poll interval where the database cannot announce changes. */
  readonly pollMsOf: (config: ServiceConfig) => number;
  /** The variable of the health port, and its value. */
  readonly healthPort: {
    readonly variable: string;
    readonly of: (config: ServiceConfig) => number | null;
  };
  /** The files and directories that the service reads beside the database; default: all that its permissions allow. */
  readonly reads?: readonly string[];
  /** Whether the service connects to other places than the database. */
  readonly keepsNetwork?: boolean;
  readonly run: (context: LoopContext & { readonly config: ServiceConfig }, signals: StopSignals) => Promise<void>;
}

/**
 * Runs a service to its end and exits: 0 after a signal, 2 when settings are wrong (all problems are listed), 1 when
 * it failed.
 */
export async function runService<ServiceConfig extends Settings>(
  { name, readConfig, pollMsOf, healthPort, reads, keepsNetwork = false, run }: ServiceParts<ServiceConfig>,
): Promise<never> {
  const signals = listen();
  let log: Logger | undefined;
  try {
    const config = readConfig((variable) => Deno.env.get(variable));
    log = await startLog(name, config);
    const supervisor = await openSupervisor((variable) => Deno.env.get(variable));
    const pulse = new Pulse(systemClock, supervisor);
    openHealthPort(pulse, {
      port: healthPort.of(config),
      variable: healthPort.variable,
      onFailed: (error) => log?.error("The health port answers no more: {error}", { error }),
    });
    if (!keepsNetwork) revokeNetwork([config.databaseUrl]);
    narrowWriting([config.databaseUrl]);
    const store = await openStorePatiently(config.databaseUrl, {
      migrations,
      pollMs: pollMsOf(config),
      signal: signals.stop,
      onWait: (reason) => {
        log?.error("The database does not answer yet: {reason}", { reason });
        pulse.failed(reason);
      },
    });
    if (store === null) Deno.exit(0);
    revokeFiles(config.databaseUrl, reads);
    try {
      const databaseClock = new DatabaseClock(store, systemClock, (jump) => log?.warn(JUMP_MESSAGE, { ...jump }));
      log.info("The {name} has started", { name, processId: Deno.pid });
      let isSaid = Promise.resolve();
      signals.stop.addEventListener("abort", () => isSaid = supervisor.stopping(), { once: true });
      await run({ store, clock: systemClock, databaseClock, log, pulse, config }, signals);
      await isSaid;
      log.info("The {name} has stopped", { name });
    } finally {
      await closeStore(store, systemClock);
    }
    Deno.exit(0);
  } catch (error) {
    exitFailed(name, error, log);
  }
}

/** Says why a service ends, in its log if that is open, and ends it: with 2 when settings are wrong, else with 1. */
function exitFailed(name: string, error: unknown, log: Logger | undefined): never {
  if (error instanceof Invalid) {
    console.error(
      `The ${name} cannot start:\n${error.problems.map(({ field, message }) => `  ${field}: ${message}`).join("\n")}`,
    );
    Deno.exit(2);
  }
  if (log === undefined) console.error(error);
  else if (error instanceof StoreUnavailable) log.fatal("The {name} stops: {reason}", { name, reason: error.message });
  else log.fatal("The {name} has failed: {error}", { name, error });
  Deno.exit(1);
}

/**
 * Closes the store of a process that ends. The store first waits for what is under way, which a silent database does not
 * answer; then the process ends without it.
 */
export async function closeStore(store: Pick<Store, "close">, clock: Clock): Promise<void> {
  const closed = new AbortController();
  await Promise.race([store.close(), clock.sleep(CLOSE_MS, closed.signal)]).finally(() => closed.abort());
}

function listen(): StopSignals {
  const stop = new AbortController();
  const now = new AbortController();
  const onSignal = () => stop.signal.aborted ? now.abort() : stop.abort();
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, onSignal);
  return { stop: stop.signal, now: now.signal };
}
