/**
 * What an operation of the API is. One value says all there is to say of it: where it is, who may call it, what it is sent and
 * answers, and what it does. The routing, the OpenAPI document, the reference page and the tests come from it.
 *
 * @module
 */
import type { Permission } from "@jobtrigger/shared/domain";
import type { ApiErrorCode, JsonObject } from "@jobtrigger/shared/api";
import {
  noBody,
  noQuery,
  type Parameters,
  parseInput,
  queryOf,
  type Sent,
  type ShownName,
} from "@jobtrigger/shared/api/schemas";
import type { OperationContext } from "@jobtrigger/shared/operations";
import type { View } from "../../format/view.ts";
import type { Portal } from "../portal.ts";
import type { Caller } from "./caller.ts";

/** The methods of operations. */
export type ApiMethod = "GET" | "POST" | "PUT" | "DELETE";

/** The kinds of bodies that are answered. */
export type MediaType = "application/json" | "text/plain" | "text/event-stream";

/** The headers that an answer may have, with what each says. */
export const ANSWER_HEADERS = {
  etag: "The revision of the job, for If-Match.",
  location: "Where what was made can be read.",
  "content-range": "Which part of the text this is.",
} as const;

/** What an operation answers when all is well. */
export interface AnswerSpec {
  readonly status: 200 | 201 | 204;
  /** What is in a JSON answer; absent: the answer is no JSON. */
  readonly shown?: ShownName;
  /** Absent: JSON. */
  readonly type?: MediaType;
  readonly headers?: readonly (keyof typeof ANSWER_HEADERS)[];
}

/** A JSON answer: its body, and what differs from the operation's usual. Null: there is no body. */
export interface Answer {
  readonly body: JsonObject | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as an operation gets it: known to be permitted, and read. */
export interface ApiRequest<Query, Headers, Body> {
  readonly portal: Portal;
  readonly context: OperationContext;
  readonly caller: Caller;
  readonly view: View;
  /** What the operation needs. */
  readonly permission: Permission | null;
  /** The parts of the path by their names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
}

/** A request before it is read. */
export interface RawRequest
  extends Pick<ApiRequest<never, never, never>, "portal" | "context" | "caller" | "view" | "params"> {
  readonly req: Request;
  readonly url: URL;
  /** Reads the JSON body; an empty one is `{}`. */
  readonly json: () => Promise<unknown>;
}

/** An operation as the table has it. */
export interface OperationSpec<Query, Headers, Body> {
  /** Its name for programs: `listJobs`. */
  readonly id: string;
  readonly method: ApiMethod;
  /** Below `/api/v1`, with `{name}` for the parts that vary. */
  readonly path: string;
  /** What it needs; null: whoever is signed in may call it. */
  readonly permission: Permission | null;
  /** What it does, as it completes "This operation …s". */
  readonly summary: string;
  readonly query: Parameters<Query>;
  /** The headers that mean something to it, in lower case. */
  readonly headers: Parameters<Headers>;
  readonly body: Sent<Body>;
  readonly answer: AnswerSpec;
  /** What can go wrong beside what can with every operation. */
  readonly errors: readonly ApiErrorCode[];
  readonly handle: (request: ApiRequest<Query, Headers, Body>) => Promise<Answer | Response> | Answer | Response;
}

/** An operation of whatever types. */
export interface ApiOperation extends Omit<OperationSpec<unknown, unknown, unknown>, "handle"> {
  /** Reads the request and carries it out. @throws {Invalid} that names what is wrong. */
  readonly run: (request: RawRequest) => Promise<Answer | Response>;
}

/** An operation without parameters, headers and a body, for the table to go on from. */
export const PLAIN: Pick<
  OperationSpec<Readonly<Record<string, never>>, Readonly<Record<string, never>>, Readonly<Record<string, never>>>,
  "query" | "headers" | "body" | "errors"
> = { query: noQuery, headers: noQuery, body: noBody, errors: [] };

/** Makes an operation of what the table says of it. */
export function operation<Query, Headers, Body>(
  { handle, ...spec }: OperationSpec<Query, Headers, Body>,
): ApiOperation {
  const { query, headers, body } = spec;
  const run = async ({ req, url, json, ...request }: RawRequest) => {
    return await handle({
      ...request,
      permission: spec.permission,
      query: parseInput(query, queryOf(url.searchParams, query)),
      headers: parseInput(headers, headersOf(req, headers)),
      body: parseInput(body.schema, await json()),
    });
  };
  return { ...spec, run };
}

/** The headers that an operation reads. */
function headersOf({ headers }: Request, { shape }: Parameters<unknown>): Readonly<Record<string, string>> {
  const found = Object.keys(shape).flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}
