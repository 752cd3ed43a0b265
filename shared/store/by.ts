import type { Actor, EpochMs } from "../domain/mod.ts";

/** Who makes a change, and when in the database's time. Every change that people make carries it. */
export interface By {
  /** Who makes the change. */
  readonly actor: Actor;
  /** When, in the database's time. */
  readonly now: EpochMs;
}
