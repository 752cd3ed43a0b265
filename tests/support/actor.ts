import type { Actor } from "../../shared/domain/mod.ts";

/** Who changes things in tests. */
export const TESTER: Actor = { kind: "cli", name: "test" };
