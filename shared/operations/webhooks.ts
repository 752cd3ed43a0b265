/**
 * Webhooks: made, changed and deleted by who may edit their job; and the deliveries that start it. A webhook belongs to its job: it
 * goes on when the account of who made it ends, and ends with the job.
 *
 * @module
 */
import { type Delivery, deliveryId, newWebhookAddress, newWebhookSecret, NO_WEBHOOK, proves } from "../access/mod.ts";
import {
  type Actor,
  type Dispatch,
  Invalid,
  type JobId,
  MAX_PER_MINUTE,
  parseUserName,
  type Webhook,
  WEBHOOK_KINDS,
  type WebhookId,
  type WebhookKind,
} from "../domain/mod.ts";
import { parseWebhookArgs, webhookArguments } from "../api/mod.ts";
import { noWebhook } from "../store/refusals.ts";
import { byOf, type WebhookChange } from "../store/store.ts";
import { authorize, jobTarget } from "./authorize.ts";
import { type OperationContext, WHOLE } from "./context.ts";
import { getJob } from "./jobs.ts";
import { noteUse, type SignInContext } from "./sign_in.ts";
import { parsed } from "./users.ts";

/** A webhook to be made. */
export interface WebhookRequest {
  /** The job that it starts. */
  readonly jobId: JobId;
  /** What people call it. */
  readonly name: string;
  /** How its senders prove who they are. */
  readonly kind: WebhookKind;
  /** The arguments of its runs, as `parseWebhookArgs()` takes them; empty: the job's own. */
  readonly args: readonly string[];
  /** Most deliveries a minute. */
  readonly perMinute: number;
}

/** A webhook with its secret, which is shown this once. */
export interface NewWebhookSecret {
  /** The webhook. */
  readonly webhook: Webhook;
  /** What its senders need. */
  readonly secret: string;
}

/** The webhooks of a job, for who may edit them. @throws {NotFound} @throws {Forbidden} */
export async function listWebhooks(context: OperationContext, jobId: JobId): Promise<readonly Webhook[]> {
  await editing(context, jobId);
  return await context.store.webhooks.list(jobId);
}

/** A webhook of a job. @throws {NotFound} also when it is another job's. @throws {Forbidden} */
export async function getWebhook(
  context: OperationContext,
  { jobId, id }: { readonly jobId: JobId; readonly id: WebhookId },
): Promise<Webhook> {
  await editing(context, jobId);
  const webhook = await context.store.webhooks.get(id);
  if (webhook?.jobId !== jobId) throw noWebhook(id);
  return webhook;
}

/**
 * Makes a webhook. `secret` is shown once. @throws {NotFound} when there is no such job. @throws {Forbidden}
 * @throws {Invalid} that names the wrong field: `name`, `kind`, `args`, `perMinute`. @throws {Conflict} when the job has too many.
 */
export async function createWebhook(context: OperationContext, request: WebhookRequest): Promise<NewWebhookSecret> {
  const { jobId, kind } = request;
  await editing(context, jobId);
  if (!WEBHOOK_KINDS.includes(kind)) {
    const message = `found ${JSON.stringify(kind)}, expected one of ${WEBHOOK_KINDS.join(", ")}`;
    throw new Invalid([{ field: "kind", message, code: "unknown" }]);
  }
  const { name, args, perMinute } = checked(request);
  const { shown, kept, prefix } = newWebhookSecret(kind);
  const made = { jobId, kind, name, args, perMinute, publicId: newWebhookAddress(), secret: kept, prefix };
  return { webhook: await context.store[WHOLE].webhooks.create(made, byOf(context)), secret: shown };
}

/** Changes a webhook; what is absent stays. @throws {NotFound} @throws {Invalid} @throws {Forbidden} */
export async function changeWebhook(
  context: OperationContext,
  { jobId, id, ...change }: Omit<WebhookChange, "rotated"> & { readonly jobId: JobId; readonly id: WebhookId },
): Promise<Webhook> {
  const webhook = await getWebhook(context, { jobId, id });
  checked({ ...webhook, ...change });
  return await context.store[WHOLE].webhooks.update(id, change, byOf(context));
}

/** Gives a webhook another secret, which is shown once; the one before proves nothing any more. @throws {NotFound} @throws {Forbidden} */
export async function rotateWebhook(
  context: OperationContext,
  ref: { readonly jobId: JobId; readonly id: WebhookId },
): Promise<NewWebhookSecret> {
  const { kind } = await getWebhook(context, ref);
  const { shown, kept, prefix } = newWebhookSecret(kind);
  const change = { rotated: { secret: kept, prefix } };
  return { webhook: await context.store[WHOLE].webhooks.update(ref.id, change, byOf(context)), secret: shown };
}

/** Deletes a webhook: its address answers like one that never was. @throws {NotFound} @throws {Forbidden} */
export async function deleteWebhook(
  context: OperationContext,
  ref: { readonly jobId: JobId; readonly id: WebhookId },
): Promise<void> {
  await getWebhook(context, ref);
  await context.store[WHOLE].webhooks.remove(ref.id, byOf(context));
}

/**
 * The webhook that a delivery is for, where it proves who sent it; null: it does not, or there is no such webhook, or it is disabled.
 * The answer does not say which; the audit list keeps it.
 */
export async function findWebhook(
  { store, now, origin }: SignInContext,
  publicId: string,
  delivery: Delivery,
): Promise<Webhook | null> {
  const found = await store[WHOLE].webhooks.find(publicId);
  const { webhook, secret } = found ?? { webhook: null, secret: NO_WEBHOOK.secret };
  const isProven = proves({ kind: webhook?.kind ?? NO_WEBHOOK.kind, secret }, delivery, now);
  if (isProven && webhook !== null) return webhook;
  await store[WHOLE].audit.record({
    actor: null,
    now,
    origin,
    action: "webhooks.receive",
    subject: { kind: "webhook", id: webhook?.id ?? null, name: webhook?.name ?? null },
    outcome: "failed",
    reason: "There is no such webhook, or the delivery does not prove who sent it",
  });
  return null;
}

/**
 * Starts the job of a webhook with a delivery from {@linkcode findWebhook}: its run waits for a worker, as one that a person starts.
 * A delivery that was carried out already answers its run.
 * @throws {Invalid} that names each place of the body with a wrong value. @throws {NotFound} when the job is deleted by now.
 * @throws {Conflict} when the job's overlap policy leaves no room for another run.
 */
export async function runByWebhook(
  { store, now, origin }: SignInContext,
  { id, name, jobId, kind, args }: Webhook,
  { headers, body }: { readonly headers: Headers; readonly body: unknown },
): Promise<Dispatch> {
  const actor: Actor = { kind: "service", name: `webhook ${name}` };
  const delivery = deliveryId(kind, headers);
  const run = await store[WHOLE].runs.runNow({
    jobId,
    trigger: "api",
    webhook: { id, name },
    args: webhookArguments(args, body),
    force: false,
    idempotencyKey: delivery === null ? null : `webhook/${id}/${delivery}`,
    actor,
    now,
    origin,
  });
  await noteUse(() => store[WHOLE].webhooks.touch(id, now));
  return run;
}

/** Lets who may edit the webhooks of a job go on. @throws {NotFound} @throws {Forbidden} */
async function editing(context: OperationContext, jobId: JobId): Promise<void> {
  await authorize(context, "webhooks.edit", jobTarget(await getJob(context.store, jobId)));
}

/** @throws {Invalid} */
function checked(
  { name, args, perMinute }: Pick<WebhookRequest, "name" | "args" | "perMinute">,
): Pick<WebhookRequest, "name" | "args" | "perMinute"> {
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > MAX_PER_MINUTE) {
    const message = `found ${perMinute}, expected a whole number from 1 to ${MAX_PER_MINUTE}`;
    throw new Invalid([{ field: "perMinute", message, code: "out_of_range" }]);
  }
  return { name: parsed("name", () => parseUserName(name)), args: parseWebhookArgs(args), perMinute };
}
