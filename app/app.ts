import { App, csp, staticFiles } from "fresh";
import { compress } from "./server/compress.ts";
import { errors } from "./server/errors.tsx";
import { guard } from "./server/guard.ts";
import { outermost } from "./server/headers.ts";
import type { Portal } from "./server/portal.ts";
import { databaseTime } from "./server/time.ts";
import type { State } from "./utils.ts";

/**
 * The application around a portal. The order matters: headers on everything; everything compressed; the nonce for the headers;
 * errors as pages; nobody else's requests; then files; then the time, which files need not wait for, and routes.
 */
export function createApp(portal: Portal): App<State> {
  return new App<State>()
    .use(outermost(portal))
    .use(compress())
    .use(csp({ useNonce: true }))
    .use(errors())
    .use(guard())
    .use(staticFiles())
    .use(databaseTime())
    .fsRoutes();
}
