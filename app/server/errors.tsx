import { HttpError, type Middleware } from "fresh";
import { Conflict, httpStatusOf, Invalid, StoreUnavailable } from "@jobtrigger/shared/domain";
import { ErrorPage } from "../components/ErrorPage.tsx";
import type { State } from "../utils.ts";

/** What a person is told about an error. */
export interface Told {
  readonly status: number;
  /** One sentence. */
  readonly message: string;
}

/**
 * Answers whatever is thrown further in: a page for people, JSON below `/api/`. What the portal is to blame for goes to the log
 * with its stack, under the request id that the page shows.
 */
export function errors(): Middleware<State> {
  return async (ctx) => {
    const { portal, requestId } = ctx.state;
    try {
      return await ctx.next();
    } catch (error) {
      const { status, message } = told(error);
      const properties = { requestId, method: ctx.req.method, path: ctx.url.pathname, error };
      if (status === 503) portal.log.warn("The database does not answer: {error}", properties);
      else if (status >= 500) portal.log.error("Cannot answer {method} {path}: {error}", properties);
      if (ctx.url.pathname.startsWith("/api/")) {
        return Response.json({ error: { status, message, requestId } }, { status });
      }
      return await ctx.render(<ErrorPage status={status} message={message} requestId={requestId} />, { status });
    }
  };
}

/** The status and the sentence for an error; nothing of an unknown one is shown. */
export function told(error: unknown): Told {
  if (error instanceof HttpError) {
    const { status } = error;
    return {
      status,
      message: error.message === "" ? (PLAIN[status] ?? `The request failed with status ${status}`) : error.message,
    };
  }
  const status = httpStatusOf(error);
  if (error instanceof StoreUnavailable) return { status, message: `The database does not answer: ${error.message}` };
  if (error instanceof Invalid || error instanceof Conflict || (status === 404 && error instanceof Error)) {
    return { status, message: error.message };
  }
  return status === 500
    ? { status, message: "Something went wrong on our side. The log has the details under this request id." }
    : { status, message: error instanceof Error ? error.message : String(error) };
}

const PLAIN: Readonly<Record<number, string>> = {
  404: "There is no such page.",
  405: "This page does not answer that method.",
};
