import type { Access } from "@jobtrigger/shared/access";
import type { Actor, Session, User } from "@jobtrigger/shared/domain";

/** What is known of who sends a request. */
export interface Identity {
  readonly actor: Actor;
  readonly access: Access;
  readonly user: User | null;
  readonly session: Session | null;
}
