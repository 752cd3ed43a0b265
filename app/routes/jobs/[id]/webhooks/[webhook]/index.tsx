import { page } from "fresh";
import { Invalid, type Job, type Webhook } from "@jobtrigger/shared/domain";
import { changeWebhook, getWebhook } from "@jobtrigger/shared/operations";
import { jobCrumbs } from "../../../../../components/job_crumbs.ts";
import { Page } from "../../../../../components/Page.tsx";
import { type WebhookFields, WebhookInputs } from "../../../../../components/Webhooks.tsx";
import { readFields } from "../../../../../server/form.ts";
import { operating } from "../../../../../server/operating.ts";
import { jobIdOf, webhookIdOf } from "../../../../../server/params.ts";
import { type Problems, problemsOf } from "../../../../../server/problems.ts";
import { seeOther } from "../../../../../server/redirect.ts";
import { jobFor } from "../../../../../server/visible.ts";
import { EDITED_FIELDS, fieldsOfWebhook, readWebhook, typedWebhook } from "../../../../../server/webhook_page.ts";
import { define, type State } from "../../../../../utils.ts";

interface Data {
  readonly job: Job;
  readonly webhook: Webhook;
  readonly typed: WebhookFields;
  readonly problems: Problems;
}

/** Shows the form of a webhook that is there, and saves it. Its secret and the way in which it is proved stay. */
export const handler = define.handlers<Data>({
  async GET({ params, state }) {
    const { job, webhook } = await found(state, params);
    return page({ job, webhook, typed: fieldsOfWebhook(webhook), problems: {} });
  },
  async POST({ req, params, state }) {
    const form = await readFields(req, EDITED_FIELDS);
    const { job, webhook } = await found(state, params);
    const typed = { ...typedWebhook(form), kind: webhook.kind };
    try {
      await changeWebhook(operating(state), { jobId: job.id, id: webhook.id, ...readWebhook(typed) });
      return seeOther(`/jobs/${job.id}/webhooks?notice=webhook_saved`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page({ job, webhook, typed, problems: problemsOf(error) }, { status: 422 });
    }
  },
});

async function found(
  state: State,
  params: Readonly<Record<string, string>>,
): Promise<{ readonly job: Job; readonly webhook: Webhook }> {
  const ref = { jobId: jobIdOf(params), id: webhookIdOf(params) };
  const job = await jobFor(state, ref.jobId, "webhooks.edit");
  return { job, webhook: await getWebhook(operating(state), ref) };
}

/** The form of a webhook. */
export default define.page<typeof handler>(function WebhookPage({ data: { job, webhook, typed, problems } }) {
  const path = `/jobs/${job.id}/webhooks`;
  return (
    <Page
      title={webhook.name}
      crumbs={[...jobCrumbs(job), [path, "Webhooks"]]}
      verdict="Its address and its secret stay as they are. What waits already starts with the arguments that it has."
    >
      <form method="post" action={`${path}/${webhook.id}`} class="panel">
        <div class="body form">
          <WebhookInputs typed={typed} problems={problems} />
          <div class="form-end">
            <button type="submit" class="button primary">Save</button>
            <a class="button" href={path}>Cancel</a>
          </div>
        </div>
      </form>
    </Page>
  );
});
