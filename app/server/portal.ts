import type { WebConfig } from "@jobtrigger/shared/config";
import { DatabaseClock, JUMP_MESSAGE, type Store } from "@jobtrigger/shared/store";
import { type GuardedStore, guardStore } from "@jobtrigger/shared/operations";
import type { Clock } from "@jobtrigger/shared/time";
import { administratorOf, type LocalAccess } from "./access/local.ts";
import { Network, type NetworkConfig } from "./access/network.ts";
import type { Job } from "@jobtrigger/shared/domain";
import { Once } from "./api/once.ts";
import { RateLimits } from "./api/rate_limits.ts";
import { BoundedWarnings } from "./bounded_warnings.ts";
import { Feed } from "./feed.ts";
import { LastingAnswers } from "./lasting_answers.ts";
import { Health } from "./health.ts";

/** The portal's log: changes and errors. */
export interface PortalLog {
  info(message: string, properties: Record<string, unknown>): void;
  warn(message: string, properties: Record<string, unknown>): void;
  error(message: string, properties: Record<string, unknown>): void;
}

/** The parts of a portal; tests pass their own. */
export interface PortalParts {
  readonly store: Store;
  /** The machine's clock. */
  readonly clock: Clock;
  readonly config:
    & NetworkConfig
    & Pick<
      WebConfig,
      "scriptsDirs" | "displayTimezone" | "maxRetries" | "jobTimeoutMs" | "apiPerMinute" | "corsOrigins"
    >;
  readonly log: PortalLog;
  readonly access: LocalAccess;
}

/** A portal at work. */
export interface Portal extends Omit<PortalParts, "clock" | "store"> {
  /** To read, and for operations. */
  readonly store: GuardedStore;
  /** For waiting only. The time of a request is the database's: `state.view.now`. */
  readonly clock: Pick<Clock, "sleep">;
  readonly databaseClock: DatabaseClock;
  /** Tells the pages when something changed. */
  readonly feed: Feed;
  /** Warnings about requests, bounded in number. */
  readonly warnings: BoundedWarnings;
  readonly health: Health;
  /** Where the portal is, and who stands before it. */
  readonly network: Network;
  /** Whether there is an administrator, who signs in with an account; until then the printed address signs in. */
  readonly hasAdministrator: () => Promise<boolean>;
  /** How much each API token may ask. */
  readonly rateLimits: RateLimits;
  /** The event streams and waits that are open. */
  readonly lasting: LastingAnswers;
  /** The jobs that were created under an idempotency key. */
  readonly created: Once<Job>;
  /** Aborts when the portal stops; open event streams end then. */
  readonly stopping: AbortSignal;
  /** Ends the event streams. The store is the caller's to close. */
  stop(): void;
}

/** Starts a portal on its parts. */
export function createPortal(parts: PortalParts): Portal {
  const { store, clock, log } = parts;
  const stopping = new AbortController();
  const databaseClock = new DatabaseClock(store, clock, (jump) => log.warn(JUMP_MESSAGE, { ...jump }));
  const feed = new Feed(store.changes, clock, stopping.signal);
  const warnings = new BoundedWarnings(log, clock, stopping.signal);
  const health = new Health(store, clock);
  const guarded = guardStore(store);
  return {
    ...parts,
    store: guarded,
    databaseClock,
    feed,
    warnings,
    health,
    network: new Network(parts.config),
    hasAdministrator: administratorOf(store),
    rateLimits: new RateLimits(parts.config.apiPerMinute, clock),
    lasting: new LastingAnswers(),
    created: new Once(clock),
    stopping: stopping.signal,
    stop: () => stopping.abort(),
  };
}
