import { rotateWebhook } from "@jobtrigger/shared/operations";
import { operating } from "../../../../../server/operating.ts";
import { buttonOf, toSecret } from "../../../../../server/webhook_page.ts";
import { define } from "../../../../../utils.ts";

/** Gives a webhook another secret, which the page that follows shows once. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const ref = await buttonOf(req, params);
    return toSecret(state, ref.jobId, await rotateWebhook(operating(state), ref));
  },
});
