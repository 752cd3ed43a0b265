/**
 * A request to the API on its way: who sends it, whether they may, what it is, what it answers. Each step can refuse; what is not
 * in the table is not there, and what cannot be decided is refused.
 *
 * @module
 */
import { isApiToken, permissionsOf } from "@jobtrigger/shared/access";
import { authorize, type OperationContext } from "@jobtrigger/shared/operations";
import type { Context } from "fresh";
import { readText } from "../body.ts";
import { failed } from "../failure.ts";
import { parseJson } from "../json.ts";
import type { State } from "../state.ts";
import { ApiError, problemAnswer } from "./api_error.ts";
import { type Caller, callerOf } from "./caller.ts";
import { corsHeaders, isPreflight, preflightAnswer } from "./cors.ts";
import { openApiDocument } from "./openapi.ts";
import type { Answer, ApiOperation } from "./operation.ts";
import { API_ROOT, routeOf } from "./operations.ts";

/** Largest body, in bytes. */
const BODY_MAX_BYTES = 262_144;

/** The tokens of one user together may send as much as this many tokens: making more does not get around the limit. */
const TOKENS_WORTH = 3;

/** Parameters that other services take tokens by. */
const TOKEN_NAMES = /^(?:access_?token|api_?key|auth(?:orization)?|token|bearer)$/i;

/** Answers a request to the API. */
export async function answerApi(ctx: Context<State>): Promise<Response> {
  const { req, state: { portal } } = ctx;
  const origins = portal.config.corsOrigins;
  const answer = isPreflight(req, origins) ? preflightAnswer() : await answerOrRefuse(ctx);
  for (const [name, value] of Object.entries(corsHeaders(req, origins))) answer.headers.append(name, value);
  return answer;
}

async function answerOrRefuse(ctx: Context<State>): Promise<Response> {
  const { req, state } = ctx;
  let limits: Readonly<Record<string, string>> = {};
  let answer: Response;
  try {
    assertNoToken(ctx.url);
    const caller = await callerOf(req, state);
    if (caller.token !== null) {
      const { rateLimits, userLimits, config: { apiPerMinute } } = state.portal;
      const taken = rateLimits.take(caller.token.id, apiPerMinute);
      limits = taken.headers;
      if (!taken.isAllowed) throw new ApiError("too_many_requests", "This token has sent too many requests");
      const ofUser = userLimits.take(caller.token.userId, apiPerMinute * TOKENS_WORTH);
      if (!ofUser.isAllowed) {
        limits = ofUser.headers;
        throw new ApiError("too_many_requests", "The tokens of this user have sent too many requests");
      }
    }
    answer = await answerTo(ctx, caller);
  } catch (error) {
    if (req.signal.aborted) throw error;
    const { message } = failed(error, ctx);
    answer = problemAnswer(error, { detail: message, requestId: state.requestId });
  }
  for (const [name, value] of Object.entries(limits)) answer.headers.set(name, value);
  return answer;
}

async function answerTo(ctx: Context<State>, caller: Caller): Promise<Response> {
  const { req, url, state: { portal, view, way, requestId } } = ctx;
  const context: OperationContext = {
    store: portal.store,
    now: view.now,
    actor: caller.actor,
    access: caller.access,
    origin: { address: way.address, requestId },
  };
  const path = url.pathname.slice(API_ROOT.length);
  if (path === "/openapi.json" && isReading(req)) return documentAnswer();
  const { operation, params } = found(path, req);
  assertAcceptable(req, operation);
  await assertPermitted(context, operation);
  const json = async () => isReading(req) ? {} : await readJson(req);
  const answer = await operation.run({ req, url, portal, context, caller, view, params, json });
  return answer instanceof Response ? answer : responseOf(answer, operation);
}

/** @throws {ApiError} `not_found` or `method_not_allowed` */
function found(path: string, { method }: Request): {
  readonly operation: ApiOperation;
  readonly params: Readonly<Record<string, string>>;
} {
  const route = routeOf(path);
  if (route === null) throw new ApiError("not_found", `There is nothing at ${API_ROOT}${path.slice(0, 200)}`);
  const wanted = method === "HEAD" ? "GET" : method;
  const operation = route.operations.find(([name]) => name === wanted)?.[1];
  if (operation !== undefined) return { operation, params: route.params };
  const allow = route.operations.flatMap(([name]) => name === "GET" ? ["GET", "HEAD"] : [name]).join(", ");
  throw new ApiError("method_not_allowed", `It answers ${allow}, not ${method.slice(0, 20)}`, { allow });
}

/**
 * Lets through who has the permission on anything at all; whether they have it on this job or user, the operation asks.
 * @throws {Forbidden}
 */
async function assertPermitted(context: OperationContext, { permission }: ApiOperation): Promise<void> {
  if (permission === null || permissionsOf(context.access).includes(permission)) return;
  await authorize(context, permission, { kind: "system", id: null, name: null });
}

/** Addresses end up in logs, histories and other sites' hands. @throws {ApiError} */
function assertNoToken({ searchParams }: URL): void {
  for (const [name, value] of searchParams) {
    if (!TOKEN_NAMES.test(name) && !isApiToken(value)) continue;
    const detail = "The address holds a token: revoke it, and send another one as Authorization: Bearer jtp_…";
    throw new ApiError("malformed", detail);
  }
}

/** @throws {ApiError} `not_acceptable` */
function assertAcceptable({ headers }: Request, { answer }: ApiOperation): void {
  const type = answer.type ?? "application/json";
  const [main] = type.split("/");
  const accepted = (headers.get("accept") ?? "*/*").toLowerCase().split(",").map((range) => range.trim().split(";"));
  const isAccepted = accepted.some(([range, ...parameters]) =>
    (range === "" || range === "*/*" || range === `${main}/*` || range === type) &&
    !parameters.some((parameter) => /^\s*q=0(?:\.0*)?\s*$/.test(parameter))
  );
  if (!isAccepted) throw new ApiError("not_acceptable", `It answers ${type}, which Accept does not name`);
}

/** @throws {ApiError} `unsupported_media_type`, `malformed` @throws {HttpError} 413 */
async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request, BODY_MAX_BYTES);
  if (text === "") return {};
  const type = request.headers.get("content-type") ?? "nothing";
  if (type.split(";")[0]?.trim().toLowerCase() !== "application/json") {
    throw new ApiError("unsupported_media_type", `The body is said to be ${type}, expected application/json`);
  }
  try {
    return parseJson(text);
  } catch (error) {
    throw new ApiError("malformed", `The body is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function responseOf({ body, headers = {} }: Answer, { answer: { status } }: ApiOperation): Response {
  if (body === null) return new Response(null, { status, headers });
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

function documentAnswer(): Response {
  return Response.json(openApiDocument());
}

function isReading({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}
