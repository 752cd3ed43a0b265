import type { OperationContext } from "@jobtrigger/shared/operations";
import { HttpError } from "fresh";
import type { State } from "./state.ts";

/** What a request hands to operations. @throws {HttpError} 401 when nobody is signed in. */
export function operating({ portal, view, actor, access, way, requestId }: State): OperationContext {
  if (actor === null) throw new HttpError(401);
  return { store: portal.store, now: view.now, actor, access, origin: { address: way.address, requestId } };
}
