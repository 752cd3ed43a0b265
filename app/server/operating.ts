import type { OperationContext } from "@jobtrigger/shared/operations";
import type { State } from "./state.ts";

/** The context of operations for a request. */
export function operating({ portal, view }: State): OperationContext {
  return { store: portal.store, now: view.now, actor: { kind: "local", name: "portal" } };
}
