import { HttpError } from "fresh";
import { hashOf, isSecret } from "@jobtrigger/shared/access";
import type { State } from "../state.ts";
import { MEDIA_TYPE } from "./exposition.ts";

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Answers a scrape: to who sends `WEB_METRICS_TOKEN` as a bearer token, or is signed in and may examine the installation. A request
 * with a token is never answered by its session.
 */
export async function answerMetrics(request: Request, state: State): Promise<Response> {
  const { portal } = state;
  const authorization = request.headers.get("authorization");
  const isPermitted = authorization === null
    ? state.may("system.inspect", null)
    : isToken(authorization, portal.config.metricsToken);
  const headers = { "content-type": MEDIA_TYPE, "cache-control": "no-store" };
  if (isPermitted) return new Response(await portal.metrics.text(portal), { headers });
  if (authorization === null && state.actor !== null) {
    throw new HttpError(
      403,
      "To read metrics takes the role operator on everything, or the token of WEB_METRICS_TOKEN",
    );
  }
  if (authorization !== null) {
    portal.warnings.warn("Refused a scrape with a wrong token", { requestId: state.requestId });
  }
  return new Response("This needs the token of WEB_METRICS_TOKEN, or a session\n", {
    status: 401,
    headers: { "content-type": "text/plain", "www-authenticate": 'Bearer realm="Job Trigger Portal"' },
  });
}

function isToken(authorization: string, token: string | null): boolean {
  const sent = BEARER.exec(authorization)?.[1];
  return token !== null && sent !== undefined && isSecret(sent, hashOf(token));
}
