import { type Actor, type EpochMs, HERE } from "../../shared/domain/mod.ts";
import type { By } from "../../shared/store/mod.ts";

/** Who changes things in tests. */
export const TESTER: Actor = { kind: "cli", name: "test" };

/** A change that a test makes. */
export function by(now: EpochMs): By {
  return { actor: TESTER, now, origin: HERE };
}
