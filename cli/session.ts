import { type JobctlConfig, jobctlConfig } from "@jobtrigger/shared/config";
import { DatabaseClock, type OpenOptions, openStore, type Store } from "@jobtrigger/shared/store";
import { FULL_ACCESS } from "@jobtrigger/shared/access";
import { HERE } from "@jobtrigger/shared/domain";
import { guardStore } from "@jobtrigger/shared/operations";
import { migrations } from "@jobtrigger/shared/migrations";
import type { Client } from "./client/client.ts";
import { databaseClient } from "./client/database.ts";
import type { Io } from "./io.ts";

/** What a command works with. */
export interface Session {
  /** Reads and changes. */
  readonly client: Client;
  readonly config: Pick<JobctlConfig, "displayTimezone" | "scriptsDirs">;
}

/** Reaches what the settings name for `work`. Commands that need neither jobs nor runs do not call this. */
export function withSession<Result>(io: Io, work: (session: Session) => Promise<Result>): Promise<Result> {
  return withDatabase(io, (store, config) => {
    const clock = new DatabaseClock(store, io.clock);
    const guarded = guardStore(store);
    const operating = async () => ({
      store: guarded,
      now: await clock.now(),
      actor: { kind: "cli", name: io.user } as const,
      origin: HERE,
      access: FULL_ACCESS,
    });
    return work({ client: databaseClient({ store: guarded, operating }), config });
  });
}

/** Opens the configured database for `work` and closes it afterwards. With `onMade` a missing database is made. */
export async function withDatabase<Result>(
  io: Io,
  work: (store: Store, config: JobctlConfig) => Promise<Result>,
  options: Pick<OpenOptions, "onMade"> = {},
): Promise<Result> {
  const config = jobctlConfig(io.env);
  const store = await openStore(config.databaseUrl, { migrations, ...options });
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}
