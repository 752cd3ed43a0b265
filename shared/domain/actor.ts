/** Through what somebody acts: a page of the portal, where nobody signs in yet, or jobctl on a machine that reaches the database. */
export const ACTOR_KINDS = ["local", "cli"] as const;

/** Who changes something. */
export interface Actor {
  /** Through what they act. */
  readonly kind: typeof ACTOR_KINDS[number];
  /** What people read in a history, such as `portal`. */
  readonly name: string;
}
