import type { RunQuery, Store } from "../../shared/store/mod.ts";

/** The ids of all runs of a query, page by page. */
export async function allRuns(store: Store, query: RunQuery): Promise<readonly number[]> {
  const ids: number[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await store.runs.list({ ...query, ...(cursor !== undefined && { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  }
  return ids;
}
