import type { Context, Middleware } from "fresh";
import { ErrorPage } from "../components/ErrorPage.tsx";
import { KeptForm } from "../components/KeptForm.tsx";
import { SignInPage } from "../components/SignInPage.tsx";
import { TOKEN } from "./access/local.ts";
import { signInProps } from "./access/sign_in_page.ts";
import { isApiPath, problemAnswer } from "./api/api_error.ts";
import { isHookPath } from "./hooks/hook_path.ts";
import { failed, PLAIN } from "./failure.ts";
import { safePath } from "./form.ts";
import { keptForm } from "./kept_form.ts";
import type { State } from "./state.ts";

/** The status that some servers log for a client that left before the answer. It is never sent. */
const GONE_AWAY = 499;

/**
 * Answers whatever is thrown further in: a page for people, JSON below `/api/`.
 */
export function errors(): Middleware<State> {
  return async (ctx) => {
    const { portal, requestId } = ctx.state;
    try {
      return await ctx.next();
    } catch (error) {
      if (ctx.req.signal.aborted) return new Response(null, { status: GONE_AWAY });
      const { status, message } = failed(error, ctx);
      const headers: HeadersInit = status === 401
        ? { "www-authenticate": 'Session realm="Job Trigger Portal"', "referrer-policy": "no-referrer" }
        : {};
      if (isApiPath(ctx.url.pathname) || isHookPath(ctx.url.pathname)) {
        return problemAnswer(error, { detail: message, requestId });
      }
      if (ctx.url.pathname.startsWith("/api/")) {
        return Response.json({ error: { status, message, requestId } }, { status, headers });
      }
      const kept = status === 503 ? await keptForm(ctx) : null;
      const page = status === 401
        ? (
          <SignInPage
            {...await signInProps(portal, { problem: message === PLAIN[401] ? null : message, next: nextOf(ctx) })}
          />
        )
        : kept !== null
        ? <KeptForm {...kept} requestId={requestId} />
        : (
          <ErrorPage
            status={status}
            message={message}
            requestId={requestId}
            again={ctx.req.method === "GET" ? ctx.url.pathname + ctx.url.search : null}
          />
        );
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
