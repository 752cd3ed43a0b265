import { type Context, HttpError } from "fresh";
import { Conflict, Forbidden, httpStatusOf, Invalid, StoreUnavailable } from "@jobtrigger/shared/domain";
import { ApiError } from "./api/api_error.ts";
import type { State } from "./state.ts";

/** The part of an error that a person may see. */
export interface PublicError {
  readonly status: number;
  /** One sentence, without the names of hosts, users and paths. */
  readonly message: string;
}

/** Requests with these answers were refused: by what they are or by who sent them, not for what stands on a page. */
const REFUSED: ReadonlySet<number> = new Set([400, 401, 403, 413, 415, 421]);

/**
 * The part of an error that a person may see. What the portal is to blame for goes to the log with its stack, under the request id that the answer
 * has; so does each refusal, in one line.
 */
export function failed(
  error: unknown,
  { req: { method }, url, state: { portal, requestId } }: Context<State>,
): PublicError {
  const said = publicError(error);
  const { status, message: reason } = said;
  const properties = { requestId, method, path: url.pathname, status };
  if (status === 503) portal.warnings.warn("The database does not answer: {error}", { ...properties, error });
  else if (status >= 500) portal.log.error("Cannot answer {method} {path}: {error}", { ...properties, error });
  else if (REFUSED.has(status)) {
    portal.warnings.warn("Refused {method} {path} with {status}: {reason}", { ...properties, reason });
  }
  return said;
}

/** The status and the sentence for an error; nothing of an unknown one is shown. */
function publicError(error: unknown): PublicError {
  if (error instanceof HttpError) {
    const { status } = error;
    return {
      status,
      message: error.message === "" ? (PLAIN[status] ?? `The request failed with status ${status}`) : error.message,
    };
  }
  if (error instanceof ApiError) return { status: error.status, message: error.message };
  const status = httpStatusOf(error);
  if (
    error instanceof Invalid || error instanceof Conflict || error instanceof Forbidden ||
    (status === 404 && error instanceof Error)
  ) {
    return { status, message: error.message };
  }
  if (error instanceof StoreUnavailable) return { status, message: PLAIN[503] ?? "" };
  return status === 500
    ? { status, message: "Something went wrong on our side. The log has the details under this request id." }
    : { status, message: error instanceof Error ? error.message : String(error) };
}

/** What is said where an error says nothing. */
export const PLAIN: Readonly<Record<number, string>> = {
  401: "This needs a session: sign in.",
  404: "There is no such page.",
  405: "This page does not answer that method.",
  503: "The database cannot be used now. The log has the details under this request id.",
};
