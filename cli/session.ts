import { type JobctlConfig, jobctlConfig } from "@jobtrigger/shared/config";
import { DatabaseClock, type OpenOptions, openStore } from "@jobtrigger/shared/store";
import { FULL_ACCESS } from "@jobtrigger/shared/access";
import { type EpochMs, HERE } from "@jobtrigger/shared/domain";
import { type GuardedStore, guardStore, type OperationContext } from "@jobtrigger/shared/operations";
import { migrations } from "@jobtrigger/shared/migrations";
import type { Io } from "./io.ts";

/** An open store and what goes with it. */
export interface Session {
  /** To read, and for operations. */
  readonly store: GuardedStore;
  readonly config: JobctlConfig;
  /** The database's time. */
  now(): Promise<EpochMs>;
  /** The context for operations. */
  operating(): Promise<OperationContext>;
}

/**
 * Opens the configured database for `work` and closes it afterwards. With `onMade` a missing database is made.
 * Commands that need no database do not call this.
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
    const now = () => clock.now();
    const guarded = guardStore(store);
    const operating = async () => ({
      store: guarded,
      now: await now(),
      actor: { kind: "cli", name: io.user } as const,
      origin: HERE,
      access: FULL_ACCESS,
    });
    return await work({ store: guarded, config, now, operating });
  } finally {
    await store.close();
  }
}
