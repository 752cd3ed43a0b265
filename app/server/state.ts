import type { Access } from "@jobtrigger/shared/access";
import type { Actor, Permission, Session, User } from "@jobtrigger/shared/domain";
import type { Health } from "../format/health.ts";
import type { Theme, View } from "../format/view.ts";
import type { Way } from "./access/network.ts";
import type { Portal } from "./portal.ts";

/** Whether who sends a request has a permission: on the jobs of one of these labels; null: on the whole installation. */
export type May = (permission: Permission, labels: readonly string[] | null) => boolean;

/** What every route finds in `ctx.state`; set by the outermost middleware, and by `access()` where it says who. */
export interface State {
  portal: Portal;
  /** Names this request in the log and on error pages. */
  requestId: string;
  /** How the request came here. */
  way: Way;
  /** Who sends it; null: nobody who is signed in. */
  actor: Actor | null;
  /** What they may do; of who is not signed in: nothing. */
  access: Access;
  /** The same as a question, for what pages draw. */
  may: May;
  /** Whether they have a permission on anything. */
  mayAnywhere: (permission: Permission) => boolean;
  /** Whose account it is; null: nobody's. */
  user: User | null;
  /** The session that the request belongs to; null: none that the database has. */
  session: Session | null;
  view: View;
  theme: Theme;
  /** What the first line of the page says; null: it has none. */
  health: Health | null;
  /** Whether single keys steer the pages. */
  hasKeys: boolean;
}
