import { deleteWebhook } from "@jobtrigger/shared/operations";
import { operating } from "../../../../../server/operating.ts";
import { seeOther } from "../../../../../server/redirect.ts";
import { buttonOf } from "../../../../../server/webhook_page.ts";
import { define } from "../../../../../utils.ts";

/** Deletes a webhook. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const ref = await buttonOf(req, params);
    await deleteWebhook(operating(state), ref);
    return seeOther(`/jobs/${ref.jobId}/webhooks?notice=webhook_deleted`);
  },
});
