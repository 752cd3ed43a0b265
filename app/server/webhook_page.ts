import { type Job, type JobId, USUAL_PER_MINUTE, type Webhook, type WebhookId } from "@jobtrigger/shared/domain";
import { listWebhooks, type NewWebhookSecret, type WebhookRequest } from "@jobtrigger/shared/operations";
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

/** The fields that an edit has, too. */
export const EDITED_FIELDS = ["name", "args", "per_minute"] as const;

/** What was typed into them. */
export function typedWebhook(form: URLSearchParams): Omit<WebhookFields, "kind"> {
  return { name: form.get("name") ?? "", args: form.get("args") ?? "", per_minute: form.get("per_minute") ?? "" };
}

/** What was typed, as the operations take it: they say what is wrong with it. */
export function readWebhook(
  { name, args, per_minute }: Omit<WebhookFields, "kind">,
): Pick<WebhookRequest, "name" | "args" | "perMinute"> {
  return {
    name,
    args: args.split(/\r?\n/).filter((line) => line.trim() !== ""),
    perMinute: /^\d{1,6}$/.test(per_minute.trim()) ? Number(per_minute) : NaN,
  };
}

/** The form of a webhook that is there. */
export function fieldsOfWebhook({ name, kind, args, perMinute }: Webhook): WebhookFields {
  return { name, kind, args: args.join("\n"), per_minute: String(perMinute) };
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
