import { type Diagnosis, type DirectoryFacts, type EpochMs, VERSION } from "../domain/mod.ts";
import { diagnose } from "../policy/mod.ts";
import { type ReadContext, WHOLE } from "./context.ts";
import { readStatus } from "./status.ts";

/** What only the machine knows that asks. */
export interface ExaminationRequest {
  /** Its script directories. */
  readonly directories: readonly DirectoryFacts[];
  /** Its own clock. */
  readonly localNow: () => EpochMs;
  /** Whether to tell the sizes of tables and indexes, for which all of a SQLite file is read. */
  readonly withSizes: boolean;
}

/** Looks at the whole installation: what is fine, what is not, and what to do. Tries to write a row that nobody reads. */
export async function examine(
  { store, access }: ReadContext,
  { directories, localNow, withSizes }: ExaminationRequest,
): Promise<readonly Diagnosis[]> {
  const before = localNow();
  const now = await store.now();
  // The database answered somewhere on the way.
  const aheadMs = (before + localNow()) / 2 - now;
  const [database, sizes, writeProblem, status, services, workers] = await Promise.all([
    store.diagnostics.facts(),
    withSizes ? store.diagnostics.sizes() : null,
    store[WHOLE].tryWrite().then(() => null, (error: Error) => error.message),
    readStatus({ store, access, now }),
    store.services.list(),
    store.workers.list(),
  ]);
  return diagnose({
    database,
    writeProblem,
    sizes,
    status,
    services,
    workers,
    directories,
    aheadMs,
    version: VERSION,
    now,
  });
}
