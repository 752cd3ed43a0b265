import { FULL_ACCESS } from "../../shared/access/mod.ts";
import type { EpochMs } from "../../shared/domain/mod.ts";
import { guardStore, type OperationContext } from "../../shared/operations/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { by } from "./actor.ts";

/** What a test hands to operations: it may do everything. */
export function operating(store: Store, now: EpochMs): OperationContext {
  return { store: guardStore(store), ...by(now), access: FULL_ACCESS };
}
