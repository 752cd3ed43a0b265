import type { SavedView } from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { JsonObject } from "./output.ts";

/** A saved view of the list of jobs. */
export function viewForm({ id, name, query, createdAt }: SavedView): JsonObject {
  const params = new URLSearchParams(query);
  return {
    id,
    name,
    filter: params.get("q") ?? "",
    state: params.get("state"),
    sort: params.get("sort"),
    query,
    created_at: isoUtc(createdAt),
  };
}
