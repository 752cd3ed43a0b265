import { App, csp, staticFiles } from "fresh";
import { access } from "./server/access/access.ts";
import { noteChanges } from "./server/changes.ts";
import { compress } from "./server/compress.ts";
import { errors } from "./server/errors.tsx";
import { guard } from "./server/guard.ts";
import { outermost } from "./server/headers.ts";
import type { Portal } from "./server/portal.ts";
import { databaseTime } from "./server/time.ts";
import type { State } from "./utils.ts";

/**
 * The application around a portal. The order matters: headers for every answer; compression; the nonce for the
 * headers; error pages; no cross-site requests; static files without a session; then a session is required; the
 * database's time; the routes.
 */
export function createApp(portal: Portal): App<State> {
  return new App<State>()
    .use(outermost(portal))
    .use(compress())
    .use(csp({ useNonce: true }))
    .use(errors())
    .use(guard())
    .use(staticFiles())
    .use(access())
    .use(databaseTime())
    .use(noteChanges())
    .fsRoutes();
}
