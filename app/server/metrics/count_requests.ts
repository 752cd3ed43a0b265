import type { Middleware } from "fresh";
import { API_ROUTE } from "../access/route_permissions.ts";
import { API_ROOT, routeOf } from "../api/operations.ts";
import type { State } from "../state.ts";

/** Counts each request that comes through. */
export function countRequests(): Middleware<State> {
  return async (ctx) => {
    const begin = performance.now();
    const response = await ctx.next();
    const { portal } = ctx.state;
    const seconds = (performance.now() - begin) / 1000;
    const route = labelOf(ctx.route, ctx.url.pathname);
    portal.requestCounts.add({ route, method: ctx.req.method, status: response.status, seconds });
    return response;
  };
}

/** The pattern of a route; of the API, that of its operation. What has no route is a static file, or not there. */
function labelOf(route: string | null, path: string): string {
  if (route !== API_ROUTE) return route ?? "none";
  const [operation] = routeOf(path.slice(API_ROOT.length))?.operations ?? [];
  return operation === undefined ? API_ROUTE : `${API_ROOT}${operation[1].path}`;
}
