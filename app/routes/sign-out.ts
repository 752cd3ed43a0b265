import type { RouteHandler } from "fresh";
import { signedOut } from "../server/access/sign_in.ts";
import { readFields } from "../server/form.ts";
import type { State } from "../utils.ts";

/** Ends the session that the browser is in. */
export const handler: RouteHandler<unknown, State> = {
  async POST({ req, state }) {
    await readFields(req, []);
    return await signedOut(state, req);
  },
};
