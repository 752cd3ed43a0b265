import { FULL_ACCESS } from "@jobtrigger/shared/access";
import type { OperationContext } from "@jobtrigger/shared/operations";
import type { State } from "./state.ts";

/** The context of operations for a request. */
export function operating({ portal, view, requestId }: State): OperationContext {
  return {
    store: portal.store,
    now: view.now,
    actor: { kind: "local", name: "portal" },
    origin: { address: null, requestId },
    access: FULL_ACCESS,
  };
}
