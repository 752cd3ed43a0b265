import { changeWebhook } from "@jobtrigger/shared/operations";
import { operating } from "../../../../../server/operating.ts";
import { seeOther } from "../../../../../server/redirect.ts";
import { buttonOf } from "../../../../../server/webhook_page.ts";
import { define } from "../../../../../utils.ts";

/** Enables a webhook again, with the secret that it had. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const ref = await buttonOf(req, params);
    await changeWebhook(operating(state), { ...ref, isEnabled: true });
    return seeOther(`/jobs/${ref.jobId}/webhooks?notice=webhook_enabled`);
  },
});
