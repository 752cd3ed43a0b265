import type { Access } from "../access/mod.ts";
import { Invalid } from "../domain/mod.ts";
import type { By, Store } from "../store/store.ts";
import type { StoreReader } from "../store/store_reader.ts";

/** Where a guarded store keeps the whole one. Only the operations name it: `mod.ts` does not export it. */
export const WHOLE: unique symbol = Symbol("the whole store");

/** A store that everybody may read and operations alone may change. */
export interface GuardedStore extends StoreReader {
  /**
   * The store that is guarded.
   * @internal
   */
  readonly [WHOLE]: Store;
}

/** What every operation is given beside its input. */
export interface OperationContext extends By {
  /** The store to change. */
  readonly store: GuardedStore;
  /** What the actor may do. */
  readonly access: Access;
}

/** What it takes to read one thing. */
export type ReadContext = Pick<OperationContext, "store" | "access">;

/**
 * Whose something is: of an account, whichever of its sessions and tokens acts, or of all who act through what has none. What a token
 * with labels asks for is its own, and what its user asked for is not: that may be about jobs which the token does not reach.
 */
export function ownerOf({ actor, access }: Pick<OperationContext, "actor" | "access">): string {
  if (actor.kind === "token" && access.labels !== null) return `token/${actor.tokenId}`;
  return "userId" in actor ? `user/${actor.userId}` : actor.kind;
}

/** The refusal of an idempotency key that its owner has used for another request. */
export function keyOfAnother(): Invalid {
  const message = "this key was used for another request, expected a key of its own for each";
  return new Invalid([{ field: "idempotency-key", message, code: "conflict" }]);
}

/** Closes the writes of `store` to all but operations. */
export function guardStore(store: Store): GuardedStore {
  return { ...store, [WHOLE]: store };
}
