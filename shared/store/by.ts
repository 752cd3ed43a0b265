import type { Actor, EpochMs } from "../domain/mod.ts";

/** Who makes a change, and when in the database's time. Every change that people make carries it. */
export interface By {
  readonly actor: Actor;
  readonly now: EpochMs;
}
