/**
 * Rows on screen that have left their list. The page names them by `?also=1,2,3` and gets their current state,
 * because rows stay in place until a person asks for the new list.
 *
 * @module
 */
import { type Dispatch, dispatchId, jobId, type JobSummary } from "@jobtrigger/shared/domain";
import { MOST_IDS } from "@jobtrigger/shared/store";
import type { State } from "./state.ts";
import { visibleTo } from "./visible.ts";

/** The runs that `url` names. */
export async function leftRuns(state: State, url: URL): Promise<readonly Dispatch[]> {
  const { runs } = state.portal.store;
  const ids = idsOf(url).map(dispatchId);
  return ids.length === 0 ? [] : (await runs.list({ ids, limit: ids.length, ...visibleTo(state, "runs.read") })).items;
}

/** The jobs that `url` names. */
export async function leftJobs(state: State, url: URL): Promise<readonly JobSummary[]> {
  const { jobs } = state.portal.store;
  const ids = idsOf(url).map(jobId);
  return ids.length === 0 ? [] : (await jobs.list({ ids, limit: ids.length, ...visibleTo(state, "jobs.read") })).items;
}

function idsOf(url: URL): readonly number[] {
  const texts = (url.searchParams.get("also") ?? "").split(",").filter((text) => /^[1-9]\d{0,14}$/.test(text));
  return [...new Set(texts.map(Number))].slice(0, MOST_IDS);
}
