import type { Theme, View } from "../format/view.ts";
import type { Actor } from "./access/actor.ts";
import type { Portal } from "./portal.ts";

/** What every route finds in `ctx.state`; set by the outermost middleware. */
export interface State {
  portal: Portal;
  /** Names this request in the log and on error pages. */
  requestId: string;
  /** Who sends it; null: nobody who is signed in. */
  actor: Actor | null;
  view: View;
  theme: Theme;
  /** Whether single keys steer the pages. */
  hasKeys: boolean;
}
