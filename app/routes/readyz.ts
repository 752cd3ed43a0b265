import { define } from "../utils.ts";

/** For load balancers and monitors: 200 while the database can be read and written, 503 while it cannot. */
export const handler = define.handlers({
  async GET({ state: { portal } }) {
    await portal.health.check();
    return new Response("ok\n", { headers: { "content-type": "text/plain", "cache-control": "no-store" } });
  },
});
