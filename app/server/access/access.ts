/**
 * Access to the portal. Everything needs a session except static files and {@linkcode PUBLIC}; a visitor without one sees how to get one.
 *
 * There are no accounts yet. The portal prints an address with a secret token when it starts. A browser that opens
 * it gets a session as the local administrator, in a cookie that no script can read, and is redirected to the address
 * without the token. Token and sessions belong to one process: a restart prints a new address.
 *
 * @module
 */
import { HttpError, type Middleware } from "fresh";
import { hashOf, isSecret, newSecret } from "@jobtrigger/shared/access";
import { SESSION_LIFE_MS } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";
import type { State } from "../state.ts";
import { LOCAL_ADMINISTRATOR } from "./actor.ts";
import { ProcessSessions, type Sessions } from "./sessions.ts";

/** Paths that need no session. They reveal nothing about jobs. */
export const PUBLIC: ReadonlySet<string> = new Set(["/healthz"]);

/** The parameter of the printed address. */
const TOKEN = "token";

/** What lets people in. */
export interface Access {
  readonly sessions: Sessions;
  /** Of the token in the printed address. */
  readonly tokenHash: string;
}

/** Access to one process, and the token to print. */
export function newAccess(clock: Pick<Clock, "monotonic">): { readonly access: Access; readonly token: string } {
  const token = newSecret();
  return { access: { sessions: new ProcessSessions(clock), tokenHash: hashOf(token) }, token };
}

/** The address that signs in; `origin` ends without a slash. */
export function signInAddress(origin: string, token: string): string {
  return `${origin}/?${TOKEN}=${token}`;
}

/**
 * Identifies the sender of a request and refuses requests without a session. It comes after static files and before
 * all routes.
 */
export function access(): Middleware<State> {
  return async (ctx) => {
    const { state, url, req } = ctx;
    const { sessions, tokenHash } = state.portal.access;
    const cookie = cookieName(req.headers.get("host") ?? url.host);
    const session = valueOf(req.headers.get("cookie") ?? "", cookie);
    state.actor = session === null ? null : await sessions.find(session);

    const token = req.method === "GET" ? url.searchParams.get(TOKEN) : null;
    if (token !== null && (state.actor !== null || isSecret(token, tokenHash))) {
      const answer = ctx.redirect(withoutToken(url), 303);
      answer.headers.set("referrer-policy", "no-referrer");
      answer.headers.set("cache-control", "no-store");
      if (state.actor === null) {
        const secret = await sessions.start(LOCAL_ADMINISTRATOR);
        const rest = `Path=/; Max-Age=${SESSION_LIFE_MS / 1000}; SameSite=Lax; HttpOnly`;
        answer.headers.append("set-cookie", `${cookie}=${secret}; ${rest}`);
        const { requestId, portal } = state;
        portal.log.info("{actor} signed in with the printed address", { actor: LOCAL_ADMINISTRATOR.name, requestId });
      }
      return answer;
    }
    if (state.actor !== null || PUBLIC.has(url.pathname)) return await ctx.next();
    throw new HttpError(401, token === null ? "" : "The token in this address is not, or no longer, the right one");
  };
}

/** Browsers share cookies between ports, so the cookie's name includes the port. */
function cookieName(host: string): string {
  return `session_${/:(\d+)$/.exec(host)?.[1] ?? "80"}`;
}

function valueOf(cookies: string, name: string): string | null {
  const found = cookies.split("; ").find((cookie) => cookie.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

function withoutToken(url: URL): string {
  const clean = new URL(url);
  clean.searchParams.delete(TOKEN);
  return clean.pathname + clean.search;
}
