/**
 * Filters of the list of jobs that somebody keeps under a name. They belong to who saves them, and say nothing of jobs that a list
 * would not show. Any role may keep some; a token needs the scope, so that one which only reads changes nothing.
 *
 * @module
 */
import { Invalid, NotFound, parseViewName, type SavedView, VIEW_QUERY_MAX } from "../domain/mod.ts";
import { readJobFilter } from "../api/mod.ts";
import { byOf } from "../store/store.ts";
import { authorize, type Target } from "./authorize.ts";
import { type OperationContext, ownerOf, WHOLE } from "./context.ts";

const VIEW: Target = { kind: "view", id: null, name: null };

/** The parameters of a list's address that a view keeps. */
const KEPT = ["q", "state", "sort"] as const;

/** Keeps the query of a list under a name, in place of the one that has the name. @throws {Forbidden} @throws {Invalid} of `name` or `query`. */
export async function saveView(
  context: OperationContext,
  { name, query }: { readonly name: string; readonly query: string },
): Promise<SavedView> {
  await authorize(context, "views.own", VIEW);
  const view = { name: parseViewName(name), query: keptQuery(query) };
  return await context.store[WHOLE].views.save({ owner: ownerOf(context), ...view, ...byOf(context) });
}

/** The views of the actor by their names. */
export async function listViews(
  { store, ...asking }: Pick<OperationContext, "store" | "actor" | "access">,
): Promise<readonly SavedView[]> {
  return await store[WHOLE].views.list(ownerOf(asking));
}

/** Removes a view of the actor. @throws {Forbidden} @throws {NotFound} */
export async function removeView(context: OperationContext, id: number): Promise<void> {
  await authorize(context, "views.own", { ...VIEW, id });
  const request = { owner: ownerOf(context), ...byOf(context) };
  if (!await context.store[WHOLE].views.remove(id, request)) throw new NotFound(`There is no saved view ${id}`);
}

/** The parameters that a view keeps. @throws {Invalid} when there are none, or the filter is wrong. */
function keptQuery(query: string): string {
  const given = new URLSearchParams(query.slice(0, 2 * VIEW_QUERY_MAX));
  const kept = new URLSearchParams();
  for (const name of KEPT) {
    const value = given.get(name);
    if (value !== null && value !== "") kept.set(name, value);
  }
  readJobFilter(kept.get("q") ?? "");
  const text = kept.toString();
  if (text !== "" && text.length <= VIEW_QUERY_MAX) return text;
  throw new Invalid([{ field: "query", message: "has nothing to keep: expected a filter, a state or an order" }]);
}
