import type { WebConfig } from "@jobtrigger/shared/config";
import { DatabaseClock, JUMP_MESSAGE, type Store } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";
import { Feed } from "./feed.ts";

/** Where the portal says what went wrong on its side. */
export interface PortalLog {
  warn(message: string, properties: Record<string, unknown>): void;
  error(message: string, properties: Record<string, unknown>): void;
}

/** What the portal is made of; tests make their own. */
export interface PortalParts {
  readonly store: Store;
  /** The machine's clock. */
  readonly clock: Clock;
  readonly config: Pick<WebConfig, "scriptsDirs" | "displayTimezone" | "maxRetries" | "jobTimeoutMs">;
  readonly log: PortalLog;
}

/** A portal at work. */
export interface Portal extends Omit<PortalParts, "clock"> {
  /** For waiting. What time it is, the database's clock says: `state.view.now` in a request. */
  readonly clock: Pick<Clock, "sleep">;
  readonly databaseClock: DatabaseClock;
  /** Tells the pages when something changed. */
  readonly feed: Feed;
  /** Aborts when the portal stops; open event streams end then. */
  readonly stopping: AbortSignal;
  /** Ends the event streams. The store is the caller's to close. */
  stop(): void;
}

/** Starts a portal on its parts. */
export function createPortal(parts: PortalParts): Portal {
  const stopping = new AbortController();
  const databaseClock = new DatabaseClock(
    parts.store,
    parts.clock,
    (jump) => parts.log.warn(JUMP_MESSAGE, { ...jump }),
  );
  const feed = new Feed(parts.store.changes, parts.clock, stopping.signal);
  return { ...parts, databaseClock, feed, stopping: stopping.signal, stop: () => stopping.abort() };
}
