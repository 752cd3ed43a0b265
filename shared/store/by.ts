import type { Actor, EpochMs, Origin } from "../domain/mod.ts";

/** Who makes a change, when in the database's time, and from where. Every change that people make carries it. */
export interface By {
  /** Who makes the change. */
  readonly actor: Actor;
  /** When, in the database's time. */
  readonly now: EpochMs;
  /** From where. */
  readonly origin: Origin;
}

/** The {@linkcode By} of what has more. */
export function byOf({ actor, now, origin }: By): By {
  return { actor, now, origin };
}
