import { type Job, type JobId, USUAL_PER_MINUTE, type Webhook, type WebhookId } from "@jobtrigger/shared/domain";
import { listWebhooks, type NewWebhookSecret } from "@jobtrigger/shared/operations";
import type { WebhookFields } from "../components/Webhooks.tsx";
import { readFields } from "./form.ts";
import { operating } from "./operating.ts";
import { jobIdOf, webhookIdOf } from "./params.ts";
import type { Problems } from "./problems.ts";
import { seeOther } from "./redirect.ts";
import type { State } from "./state.ts";
import { jobFor } from "./visible.ts";

/** What the page of a job's webhooks shows. */
export interface WebhooksData {
  readonly job: Job;
  readonly webhooks: readonly Webhook[];
  /** Of a webhook that was just made or rotated. */
  readonly secret: string | null;
  readonly typed: WebhookFields;
  readonly problems: Problems;
}

/** The form of a new webhook. */
const NEW_WEBHOOK: WebhookFields = { name: "", kind: "token", args: "", per_minute: String(USUAL_PER_MINUTE) };

/** Gathers what the page of a job's webhooks shows. @throws {NotFound} @throws {Forbidden} */
export async function webhooksData(
  state: State,
  id: JobId,
  extra: Partial<WebhooksData> = {},
): Promise<WebhooksData> {
  const job = await jobFor(state, id, "webhooks.edit");
  const webhooks = await listWebhooks(operating(state), id);
  return { job, webhooks, secret: null, typed: NEW_WEBHOOK, problems: {}, ...extra };
}

/** Sends a browser on to the page that shows a secret which was just made. */
export function toSecret({ portal, actor }: State, jobId: JobId, { secret }: NewWebhookSecret): Response {
  const shown = actor === null ? "" : `?shown=${portal.shownOnce.keep(actor, secret)}`;
  return seeOther(`/jobs/${jobId}/webhooks${shown}`);
}

/** The webhook that the button of a page is about. The form has no fields. @throws {HttpError} 404, 400 */
export async function buttonOf(
  req: Request,
  params: Readonly<Record<string, string>>,
): Promise<{ readonly jobId: JobId; readonly id: WebhookId }> {
  await readFields(req, []);
  return { jobId: jobIdOf(params), id: webhookIdOf(params) };
}
