/**
 * Rows on screen that have left their list. The page names them by `?also=1,2,3` and gets their current state,
 * because rows stay in place until a person asks for the new list.
 *
 * @module
 */
import { type Dispatch, dispatchId, jobId, type JobSummary } from "@jobtrigger/shared/domain";
import { MOST_IDS, type StoreReader } from "@jobtrigger/shared/store";

/** The runs that `url` names. */
export async function leftRuns({ runs }: StoreReader, url: URL): Promise<readonly Dispatch[]> {
  const ids = idsOf(url).map(dispatchId);
  return ids.length === 0 ? [] : (await runs.list({ ids, limit: ids.length })).items;
}

/** The jobs that `url` names. */
export async function leftJobs({ jobs }: StoreReader, url: URL): Promise<readonly JobSummary[]> {
  const ids = idsOf(url).map(jobId);
  return ids.length === 0 ? [] : (await jobs.list({ ids, limit: ids.length })).items;
}

function idsOf(url: URL): readonly number[] {
  const texts = (url.searchParams.get("also") ?? "").split(",").filter((text) => /^[1-9]\d{0,14}$/.test(text));
  return [...new Set(texts.map(Number))].slice(0, MOST_IDS);
}
