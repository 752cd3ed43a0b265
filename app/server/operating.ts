import type { OperationContext } from "@jobtrigger/shared/operations";
import type { State } from "./state.ts";

/** What a request hands to operations. Nobody signs in: the portal acts for whoever reaches it. */
export function operating({ portal, view }: State): OperationContext {
  return { store: portal.store, now: view.now, actor: { kind: "local", name: "portal" } };
}
