/**
 * A delivery to a webhook. Who does not prove that it is a sender gets one answer, whatever is at the address: nothing, a webhook of
 * somebody else, one that is disabled. Only a proven sender is counted against the webhook's own limit, so that nobody else uses it up.
 *
 * @module
 */
import { findWebhook, runByWebhook } from "@jobtrigger/shared/operations";
import type { Context } from "fresh";
import { ApiError, problemAnswer } from "../api/api_error.ts";
import { readBytes } from "../body.ts";
import { failed } from "../failure.ts";
import type { State } from "../state.ts";
import { readHookJson } from "./read_json.ts";

/** Largest body, in bytes. */
const BODY_MAX_BYTES = 65_536;

/** Answers a delivery: 202 with the number of the run. */
export async function answerHook(ctx: Context<State>): Promise<Response> {
  const { req, params, state } = ctx;
  const { portal, view, way, requestId } = state;
  let limits: Readonly<Record<string, string>> = {};
  let answer: Response;
  try {
    const context = { store: portal.store, now: view.now, origin: { address: way.address, requestId } };
    const body = await readBytes(req, BODY_MAX_BYTES);
    const webhook = await findWebhook(context, params["id"] ?? "", { headers: req.headers, body });
    if (webhook === null) {
      const challenge = { "www-authenticate": 'Bearer realm="Job Trigger Portal webhooks"' };
      throw new ApiError(
        "unauthorized",
        "There is no such webhook, or the delivery does not prove its sender",
        challenge,
      );
    }
    const taken = portal.hookLimits.take(webhook.id, webhook.perMinute);
    limits = taken.headers;
    if (!taken.isAllowed) {
      throw new ApiError("too_many_requests", "This webhook takes no more deliveries for the moment");
    }
    const json = webhook.args.length === 0 ? null : readHookJson(req.headers, body);
    const run = await runByWebhook(context, webhook, { headers: req.headers, body: json });
    portal.log.info("Webhook {webhook} of job {job} started run {run}", {
      webhook: webhook.id,
      job: webhook.jobId,
      run: run.id,
      requestId,
    });
    answer = Response.json({ run: run.id }, { status: 202, headers: { "cache-control": "no-store" } });
  } catch (error) {
    if (req.signal.aborted) throw error;
    const { message } = failed(error, ctx);
    answer = problemAnswer(error, { detail: message, requestId });
  }
  for (const [name, value] of Object.entries(limits)) answer.headers.set(name, value);
  return answer;
}
