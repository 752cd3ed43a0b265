import { visibleLabels } from "../access/mod.ts";
import type { EpochMs, JobId } from "../domain/mod.ts";
import { type Crowd, crowdOf, crowdSpan, MOST_NEIGHBOURS } from "../policy/mod.ts";
import type { ReaderContext } from "./runs.ts";

/**
 * How many other jobs are due next in the minute of a planned start, of those that the asker may see.
 * @param except The job that is planned; null: it has not been made yet.
 */
export async function readCrowd(
  { store, access }: ReaderContext,
  { at, except }: { readonly at: EpochMs; readonly except: JobId | null },
): Promise<Crowd> {
  const visible = visibleLabels(access, "jobs.read");
  const starts = await store.jobs.plannedStarts({ ...crowdSpan(at), except, visible, limit: MOST_NEIGHBOURS + 1 });
  return crowdOf(at, starts);
}
