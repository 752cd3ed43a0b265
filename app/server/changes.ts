import type { Middleware } from "fresh";
import type { State } from "./state.ts";

const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request with this method changes nothing. */
export function isReading(method: string): boolean {
  return READING.has(method);
}

/** Logs each change: its author, the request, and the redirect. A form that is shown again is no change. */
export function noteChanges(): Middleware<State> {
  return async (ctx) => {
    const response = await ctx.next();
    if (isReading(ctx.req.method) || response.status !== 303) return response;
    const { portal, requestId, actor } = ctx.state;
    portal.log.info("{actor} did {method} {path}, which led to {location}", {
      actor: actor?.name ?? "nobody",
      method: ctx.req.method,
      path: ctx.url.pathname,
      location: response.headers.get("location"),
      requestId,
    });
    return response;
  };
}
