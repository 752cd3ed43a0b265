import { type Context, HttpError, type Middleware } from "fresh";
import { Conflict, Forbidden, httpStatusOf, Invalid, StoreUnavailable } from "@jobtrigger/shared/domain";
import { ErrorPage } from "../components/ErrorPage.tsx";
import { SignInPage } from "../components/SignInPage.tsx";
import { TOKEN } from "./access/local.ts";
import { signInProps } from "./access/sign_in_page.ts";
import { safePath } from "./form.ts";
import type { State } from "./state.ts";

/** The part of an error that a person may see. */
interface PublicError {
  readonly status: number;
  /** One sentence, without the names of hosts, users and paths. */
  readonly message: string;
}

/** The status that some servers log for a client that left before the answer. It is never sent. */
const GONE_AWAY = 499;

/** Requests with these answers were refused for their form or their sender, not for the content of a page. */
const REFUSED: ReadonlySet<number> = new Set([400, 401, 403, 413, 415, 421]);

/**
 * Answers errors thrown further in: with a page, or with JSON below `/api/`. The portal's own defects are logged
 * with stack and the request id that the page shows; each refusal is logged in one line.
 */
export function errors(): Middleware<State> {
  return async (ctx) => {
    const { portal, requestId } = ctx.state;
    try {
      return await ctx.next();
    } catch (error) {
      if (ctx.req.signal.aborted) return new Response(null, { status: GONE_AWAY });
      const { status, message } = publicError(error);
      const { method } = ctx.req;
      const properties = { requestId, method, path: ctx.url.pathname, status };
      if (status === 503) portal.warnings.warn("The database does not answer: {error}", { ...properties, error });
      else if (status >= 500) portal.log.error("Cannot answer {method} {path}: {error}", { ...properties, error });
      else if (REFUSED.has(status)) {
        const reason = message;
        portal.warnings.warn("Refused {method} {path} with {status}: {reason}", { ...properties, reason });
      }
      const headers: HeadersInit = status === 401
        ? { "www-authenticate": 'Session realm="Job Trigger Portal"', "referrer-policy": "no-referrer" }
        : {};
      if (ctx.url.pathname.startsWith("/api/")) {
        return Response.json({ error: { status, message, requestId } }, { status, headers });
      }
      const page = status === 401
        ? (
          <SignInPage
            {...await signInProps(portal, { problem: message === PLAIN[401] ? null : message, next: nextOf(ctx) })}
          />
        )
        : <ErrorPage status={status} message={message} requestId={requestId} />;
      return await ctx.render(page, { status, headers });
    }
  };
}

/** Where whoever signs in now goes on to: the page that they asked for. */
function nextOf({ req, url }: Context<State>): string {
  const clean = new URL(url);
  clean.searchParams.delete(TOKEN);
  return req.method === "GET" ? safePath(clean.pathname + clean.search, "/") : "/";
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
  const status = httpStatusOf(error);
  const isTold = error instanceof Invalid || error instanceof Conflict || error instanceof Forbidden;
  if (isTold || (status === 404 && error instanceof Error)) {
    return { status, message: error.message };
  }
  if (error instanceof StoreUnavailable) return { status, message: PLAIN[503] ?? "" };
  return status === 500
    ? { status, message: "Something went wrong on our side. The log has the details under this request id." }
    : { status, message: error instanceof Error ? error.message : String(error) };
}

const PLAIN: Readonly<Record<number, string>> = {
  401: "This needs a session: sign in.",
  404: "There is no such page.",
  405: "This page does not answer that method.",
  503: "The database cannot be used now. The log has the details under this request id.",
};
