import { signedOut } from "../server/access/sign_in.ts";
import { readFields } from "../server/form.ts";
import { define } from "../utils.ts";

/** Ends the session that the browser is in. */
export const handler = define.handlers({
  async POST({ req, state }) {
    await readFields(req, []);
    return await signedOut(state, req);
  },
});
