import type { RouteHandler } from "fresh";
import type { State } from "../utils.ts";

/** For monitors: 200 while the database answers, 503 while it does not. */
export const handler: RouteHandler<unknown, State> = {
  async GET({ state: { portal } }) {
    await portal.store.scheduling.nextDueAt();
    return new Response("ok\n", { headers: { "content-type": "text/plain", "cache-control": "no-store" } });
  },
};
