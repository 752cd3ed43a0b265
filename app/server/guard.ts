import { HttpError, type Middleware } from "fresh";
import { isApiPath } from "./api/api_error.ts";
import { isHookPath } from "./hooks/hook_path.ts";
import type { State } from "./state.ts";
import { isReading } from "./changes.ts";

/** What a `Host` header may be: a name or an address, and a port. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9.])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i;

const MAX_PORT = 65_535;

/**
 * Refuses requests that do not come from the portal's own pages: a malformed Host (400), a foreign one (421), and a request that would
 * change something without a same-origin `Sec-Fetch-Site` or, where the browser does not send that, `Origin` (403). Deliveries to
 * webhooks come from anywhere: no browser's cookie counts there, only what the delivery proves.
 */
export function guard(): Middleware<State> {
  return (ctx) => {
    const { headers, method } = ctx.req;
    const host = headers.get("host") ?? ctx.url.host;
    const found = HOST.exec(host);
    if (found === null || Number(found[1] ?? 80) > MAX_PORT) {
      throw new HttpError(400, "The Host header of this request is not a name and a port");
    }
    const { portal, way } = ctx.state;
    if (!portal.network.answers(host)) {
      const { publicUrl } = portal.config;
      const where = publicUrl === null ? "127.0.0.1, or set WEB_PUBLIC_URL" : publicUrl;
      throw new HttpError(421, `The portal does not answer under this name; open it as ${where}`);
    }
    if (
      !isReading(method) && !hasToken(ctx.req, ctx.url) && !isHookPath(ctx.url.pathname) && !isOwn(headers, way.origin)
    ) {
      throw new HttpError(403, "This request does not come from the portal's own pages, so nothing was changed");
    }
    return ctx.next();
  };
}

/**
 * Whether a request to the API says who sends it by a token: no other site can make a browser send that header, and the API does
 * not look at the session of one that has it.
 */
function hasToken({ headers }: Request, { pathname }: URL): boolean {
  return isApiPath(pathname) && headers.has("authorization");
}

function isOwn(headers: Headers, origin: string): boolean {
  const site = headers.get("sec-fetch-site");
  return site === null ? headers.get("origin") === origin : site === "same-origin";
}
