import { page } from "fresh";
import { Invalid, WEBHOOK_KINDS } from "@jobtrigger/shared/domain";
import { createWebhook } from "@jobtrigger/shared/operations";
import { jobCrumbs } from "../../../../components/job_crumbs.ts";
import { Notice } from "../../../../components/Notice.tsx";
import { Page } from "../../../../components/Page.tsx";
import { Webhooks } from "../../../../components/Webhooks.tsx";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { jobIdOf } from "../../../../server/params.ts";
import { problemsOf } from "../../../../server/problems.ts";
import {
  EDITED_FIELDS,
  readWebhook,
  toSecret,
  typedWebhook,
  type WebhooksData,
  webhooksData,
} from "../../../../server/webhook_page.ts";
import { define } from "../../../../utils.ts";

/** Lists the webhooks of a job and makes another; the page that the form leads to shows its secret once. */
export const handler = define.handlers<WebhooksData>({
  async GET({ params, url, state }) {
    const secret = state.portal.shownOnce.take(state.actor, url.searchParams.get("shown"));
    return page(await webhooksData(state, jobIdOf(params), { secret }), { headers: { "cache-control": "no-store" } });
  },
  async POST({ req, params, state }) {
    const form = await readFields(req, ["kind", ...EDITED_FIELDS]);
    const jobId = jobIdOf(params);
    const typed = { ...typedWebhook(form), kind: form.get("kind") ?? "" };
    const kind = WEBHOOK_KINDS.find((one) => one === typed.kind) ?? "token";
    try {
      return toSecret(state, jobId, await createWebhook(operating(state), { jobId, kind, ...readWebhook(typed) }));
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page(await webhooksData(state, jobId, { typed, problems: problemsOf(error) }), { status: 422 });
    }
  },
});

/** The webhooks of a job. */
export default define.page<typeof handler>(function WebhooksPage({ data, state, url }) {
  const { job, ...shown } = data;
  return (
    <Page title="Webhooks" crumbs={jobCrumbs(job)}>
      <Notice code={url.searchParams.get("notice")} />
      <Webhooks
        {...shown}
        path={`/jobs/${job.id}/webhooks`}
        origin={state.portal.config.publicUrl ?? state.way.origin}
        view={state.view}
      />
    </Page>
  );
});
