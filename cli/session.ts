import type { JobctlConfig } from "@jobtrigger/shared/config";
import { DatabaseClock, type OnMade, openStore, type Store } from "@jobtrigger/shared/store";
import { FULL_ACCESS } from "@jobtrigger/shared/access";
import { HERE } from "@jobtrigger/shared/domain";
import { guardStore, type OperationContext } from "@jobtrigger/shared/operations";
import { migrations } from "@jobtrigger/shared/migrations";
import type { Client } from "./client/client.ts";
import { databaseClient } from "./client/database.ts";
import { databaseTarget, type PortalTarget, targetOf } from "./client/target.ts";
import type { Io } from "./io.ts";

/** What a command works with. */
export interface Session {
  /** Reads and changes. */
  readonly client: Client;
  readonly config: Pick<JobctlConfig, "displayTimezone" | "scriptsDirs">;
}

/** Reaches what the settings name for `work`. Commands that need neither jobs nor runs do not call this. */
export async function withSession<Result>(io: Io, work: (session: Session) => Promise<Result>): Promise<Result> {
  const target = targetOf(io.env);
  if (target.kind === "portal") return await withPortal(io, target, work);
  return await openDatabase(target.config, {}, (store, config) => {
    const { guarded, operating } = operatingHere(io, store);
    return work({ client: databaseClient({ store: guarded, operating }), config });
  });
}

/** Opens the configured database for what a client does not offer. @throws {Invalid} where a portal is configured. */
export function withDatabase<Result>(
  io: Io,
  command: string,
  work: (operating: () => Promise<OperationContext>, config: JobctlConfig) => Promise<Result>,
): Promise<Result> {
  return openDatabase(
    databaseTarget(io.env, command),
    {},
    (store, config) => work(operatingHere(io, store).operating, config),
  );
}

/** The store as operations take it: who runs jobctl on the database itself may do everything. */
function operatingHere(io: Io, store: Store) {
  const clock = new DatabaseClock(store, io.clock);
  const guarded = guardStore(store);
  const operating = async (): Promise<OperationContext> => ({
    store: guarded,
    now: await clock.now(),
    actor: { kind: "cli", name: io.user },
    origin: HERE,
    access: FULL_ACCESS,
  });
  return { guarded, operating };
}

/** Makes the configured database, or brings it up to date, for `command`. @throws {Invalid} where a portal is configured. */
export async function migrateDatabase(io: Io, command: string, onMade: OnMade): Promise<void> {
  await openDatabase(databaseTarget(io.env, command), { onMade }, () => Promise.resolve());
}

/**
 * Speaks with a portal for `work`. Whether a script is there, the portal knows. Who works on a database itself does not load the
 * portal's client, whose schemas of answers take a third of a start.
 */
async function withPortal<Result>(
  io: Io,
  target: PortalTarget,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const [{ PortalConnection }, { portalClient }] = await Promise.all([
    import("./client/connection.ts"),
    import("./client/portal.ts"),
  ]);
  const connection = new PortalConnection(target, io.clock);
  try {
    const { displayTimezone } = target.config;
    return await work({ client: portalClient(connection, io.clock), config: { displayTimezone, scriptsDirs: [] } });
  } finally {
    connection.close();
  }
}

/** Opens a database for `work` and closes it afterwards. With `onMade` a missing database is made. */
async function openDatabase<Result>(
  config: JobctlConfig,
  options: { readonly onMade?: OnMade },
  work: (store: Store, config: JobctlConfig) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(config.databaseUrl, { migrations, ...options });
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}
