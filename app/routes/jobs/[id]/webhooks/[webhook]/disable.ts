import { changeWebhook } from "@jobtrigger/shared/operations";
import { operating } from "../../../../../server/operating.ts";
import { seeOther } from "../../../../../server/redirect.ts";
import { buttonOf } from "../../../../../server/webhook_page.ts";
import { define } from "../../../../../utils.ts";

/** Disables a webhook: its address answers like one that is not there. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const ref = await buttonOf(req, params);
    await changeWebhook(operating(state), { ...ref, isEnabled: false });
    return seeOther(`/jobs/${ref.jobId}/webhooks?notice=webhook_disabled`);
  },
});
