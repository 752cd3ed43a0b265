import { type JobctlConfig, jobctlConfig } from "@jobtrigger/shared/config";
import { DatabaseClock, type OpenOptions, openStore, type Store } from "@jobtrigger/shared/store";
import type { EpochMs } from "@jobtrigger/shared/domain";
import { migrations } from "migrations";
import type { Io } from "./io.ts";

/** An open store and what goes with it. */
export interface Session {
  readonly store: Store;
  readonly config: JobctlConfig;
  /** The database's time. */
  now(): Promise<EpochMs>;
}

/**
 * Opens the configured database for `work` and closes it after. Commands that need no database never call this. With `onMade`
 * a database that is not there is made.
 */
export async function withSession<Result>(
  io: Io,
  work: (session: Session) => Promise<Result>,
  options: Pick<OpenOptions, "onMade"> = {},
): Promise<Result> {
  const config = jobctlConfig(io.env);
  const store = await openStore(config.databaseUrl, { migrations, ...options });
  try {
    const clock = new DatabaseClock(store, io.clock);
    return await work({ store, config, now: () => clock.now() });
  } finally {
    await store.close();
  }
}
