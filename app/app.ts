import { App, csp, staticFiles } from "fresh";
import { access } from "./server/access/access.ts";
import { permit } from "./server/access/permit.ts";
import { countRequests } from "./server/metrics/count_requests.ts";
import { noteChanges } from "./server/changes.ts";
import { compress } from "./server/compress.ts";
import { errors } from "./server/errors.tsx";
import { guard } from "./server/guard.ts";
import { healthStrip } from "./server/health_strip.ts";
import { outermost } from "./server/headers.ts";
import type { Portal } from "./server/portal.ts";
import { databaseTime } from "./server/time.ts";
import type { State } from "./utils.ts";

/**
 * The application around a portal. The order matters: headers on everything; everything counted and compressed; the nonce for the headers;
 * errors as pages; no requests that other sites made; static files, for everybody; who sends it; whether they may; then the
 * time and the first line of a page, for which the database is asked, and the routes.
 */
export function createApp(portal: Portal): App<State> {
  const app = new App<State>()
    .use(outermost(portal))
    .use(countRequests())
    .use(compress())
    .use(csp({ useNonce: true }))
    .use(errors())
    .use(guard())
    .use(staticFiles())
    .use(access())
    .use(permit())
    .use(databaseTime())
    .use(healthStrip())
    .use(noteChanges())
    .fsRoutes();
  portal.livePages.renderBy(() => app.handler());
  return app;
}
