import { Invalid, USUAL_PER_MINUTE, type WebhookId, webhookId } from "@jobtrigger/shared/domain";
import { webhookForm } from "@jobtrigger/shared/api";
import { sentWebhook, sentWebhookChange } from "@jobtrigger/shared/api/schemas";
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  type NewWebhookSecret,
  rotateWebhook,
} from "@jobtrigger/shared/operations";
import { type Answer, type ApiOperation, type ApiRequest, operation, PLAIN } from "./operation.ts";
import { jobOf, numberOf } from "./subjects.ts";

const ONE = "/jobs/{job}/webhooks/{webhook}";

/** The webhooks of a job. Deliveries to them go to `/hooks/…`, outside the API. */
export const WEBHOOK_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "listWebhooks",
    method: "GET",
    path: "/jobs/{job}/webhooks",
    permission: "webhooks.edit",
    summary: "List the webhooks of a job",
    answer: { status: 200, shown: "Webhooks" },
    errors: ["not_found"],
    handle: async (request) => {
      const { id } = await jobOf(request);
      return { body: { items: (await listWebhooks(request.context, id)).map(webhookForm) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "createWebhook",
    method: "POST",
    path: "/jobs/{job}/webhooks",
    permission: "webhooks.edit",
    summary: "Make a webhook that starts a job; its secret is shown this once",
    body: sentWebhook,
    answer: { status: 201, shown: "NewWebhook", headers: ["location"] },
    errors: ["not_found", "conflict", "invalid"],
    handle: async (request) => {
      const { id: jobId } = await jobOf(request);
      const { name, kind = "token", args = [], per_minute: perMinute = USUAL_PER_MINUTE } = request.body;
      const made = await named(() => createWebhook(request.context, { jobId, name, kind, args, perMinute }));
      const location = `/api/v1/jobs/${jobId}/webhooks/${made.webhook.id}`;
      return { ...secretAnswer(made), headers: { location } };
    },
  }),
  operation({
    ...PLAIN,
    id: "getWebhook",
    method: "GET",
    path: ONE,
    permission: "webhooks.edit",
    summary: "Read a webhook",
    answer: { status: 200, shown: "Webhook" },
    errors: ["not_found"],
    handle: async (request) => ({ body: webhookForm(await getWebhook(request.context, await refOf(request))) }),
  }),
  operation({
    ...PLAIN,
    id: "changeWebhook",
    method: "PUT",
    path: ONE,
    permission: "webhooks.edit",
    summary: "Change a webhook, disable or enable it; what is not sent stays",
    body: sentWebhookChange,
    answer: { status: 200, shown: "Webhook" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { name, args, per_minute: perMinute, is_enabled: isEnabled } = request.body;
      const change = {
        ...await refOf(request),
        ...(name !== undefined && { name }),
        ...(args !== undefined && { args }),
        ...(perMinute !== undefined && { perMinute }),
        ...(isEnabled !== undefined && { isEnabled }),
      };
      return { body: webhookForm(await named(() => changeWebhook(request.context, change))) };
    },
  }),
  operation({
    ...PLAIN,
    id: "rotateWebhook",
    method: "POST",
    path: `${ONE}/rotate`,
    permission: "webhooks.edit",
    summary: "Give a webhook another secret, which is shown this once; the one before ends at once",
    answer: { status: 200, shown: "NewWebhook" },
    errors: ["not_found"],
    handle: async (request) => secretAnswer(await rotateWebhook(request.context, await refOf(request))),
  }),
  operation({
    ...PLAIN,
    id: "deleteWebhook",
    method: "DELETE",
    path: ONE,
    permission: "webhooks.edit",
    summary: "Delete a webhook",
    answer: { status: 204 },
    errors: ["not_found"],
    handle: async (request) => {
      await deleteWebhook(request.context, await refOf(request));
      return { body: null };
    },
  }),
];

type Named = Pick<ApiRequest<unknown, unknown, unknown>, "context" | "params" | "permission">;

async function refOf(request: Named): Promise<Parameters<typeof getWebhook>[1] & { readonly id: WebhookId }> {
  const { id: jobId } = await jobOf(request);
  return { jobId, id: webhookId(numberOf(request, "webhook")) };
}

function secretAnswer({ webhook, secret }: NewWebhookSecret): Answer {
  return { body: { ...webhookForm(webhook), secret } };
}

/** Problems in the names of what was sent. @throws {Invalid} */
async function named<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const fieldOf = (field: string) => field === "perMinute" ? "per_minute" : field;
    throw new Invalid(error.problems.map((problem) => ({ ...problem, field: fieldOf(problem.field) })));
  }
}
