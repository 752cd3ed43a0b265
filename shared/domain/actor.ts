import type { ApiTokenId, UserId } from "./account.ts";

/**
 * Through what somebody acts: a person who is signed in, an API token, the token of the address that the portal prints, jobctl on a
 * machine that reaches the database, or a service of the product itself.
 */
export const ACTOR_KINDS = ["user", "token", "local", "cli", "service"] as const;

/** One of {@linkcode ACTOR_KINDS}. */
export type ActorKind = typeof ACTOR_KINDS[number];

/** Who changed something, as a history keeps it: the name stays true when the account is renamed or gone. */
export interface RecordedActor {
  /** Through what they acted. */
  readonly kind: ActorKind;
  /** What people read in a history: the name of a user, of a token (`ci of alice`), of a program (`portal`, `jobctl`). */
  readonly name: string;
}

/** Who changes something now. */
export type Actor =
  | { readonly kind: "user"; readonly name: string; readonly userId: UserId }
  | { readonly kind: "token"; readonly name: string; readonly userId: UserId; readonly tokenId: ApiTokenId }
  | { readonly kind: "local" | "cli" | "service"; readonly name: string };

/** From where somebody acts. */
export interface Origin {
  /** The IP address that the portal saw; null: no portal was asked. */
  readonly address: string | null;
  /** The request, as the log names it; null: it was none. */
  readonly requestId: string | null;
}

/** The origin of what happens on the machine itself: jobctl on a database, a service. */
export const HERE: Origin = { address: null, requestId: null };
