import { HttpError, type Middleware } from "fresh";
import type { State } from "../utils.ts";

/** Names under which the portal may be asked for; with another one, somebody's DNS points here. */
const OWN_NAMES = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what does not come from the portal's own pages: a foreign Host (421), and a request that would change something without
 * a same-origin `Sec-Fetch-Site` or, where the browser does not send that, `Origin` (403).
 */
export function guard(): Middleware<State> {
  return (ctx) => {
    const { headers, method } = ctx.req;
    const host = headers.get("host") ?? ctx.url.host;
    if (!OWN_NAMES.test(host)) {
      throw new HttpError(421, `This portal is not "${host}"; open it as 127.0.0.1 or localhost`);
    }
    if (!READING.has(method) && !isOwn(headers, `${ctx.url.protocol}//${host}`)) {
      throw new HttpError(403, "This request does not come from the portal's own pages, so nothing was changed");
    }
    return ctx.next();
  };
}

function isOwn(headers: Headers, origin: string): boolean {
  const site = headers.get("sec-fetch-site");
  return site === null ? headers.get("origin") === origin : site === "same-origin";
}
