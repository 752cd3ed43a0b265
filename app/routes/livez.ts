import { define } from "../utils.ts";

/** For supervisors: 200 while the process answers, whatever the database does. A restart would not bring a database back. */
export const handler = define.handlers({
  GET: () => new Response("ok\n", { headers: { "content-type": "text/plain", "cache-control": "no-store" } }),
});
