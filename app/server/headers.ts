import type { Context, Middleware } from "fresh";
import type { Theme } from "../format/view.ts";
import { NO_ACCESS, questionsOf } from "./access/identify.ts";
import type { Way } from "./access/network.ts";
import type { State } from "./state.ts";
import type { Portal } from "./portal.ts";
import { zoneOf } from "./zone_choice.ts";

/** Headers of every answer. */
const ALWAYS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "cache-control": "private, no-cache",
};

/** Pages of accounts, their tokens and what people did: no browser keeps them, so that going back shows nothing after the end of the session. */
const NOT_KEPT = /^\/(?:account|settings|audit)(?:\/|$)/;

/** For a year browsers use nothing but TLS. */
const HSTS = "max-age=31536000";

/** What a route may say otherwise. */
const MAY_DIFFER: ReadonlySet<string> = new Set(["cache-control", "referrer-policy"]);

/** The headers of answers outside the portal's pages. */
export function plainHeaders(): Readonly<Record<string, string>> {
  return { ...ALWAYS, "content-security-policy": policy(undefined) };
}

/**
 * The outermost middleware: fills `ctx.state` and sets the security headers on every answer, error pages included. It takes the
 * nonce of a rendered page from the policy that Fresh's `csp({ useNonce: true })`, called inside, has set.
 */
export function outermost(portal: Portal): Middleware<State> {
  return async (ctx) => {
    const cookies = ctx.req.headers.get("cookie") ?? "";
    ctx.state.portal = portal;
    ctx.state.requestId = crypto.randomUUID().slice(0, 8);
    ctx.state.way = wayOf(portal, ctx);
    Object.assign(ctx.state, { actor: null, access: NO_ACCESS, user: null, session: null }, questionsOf(NO_ACCESS));
    ctx.state.view = { now: portal.databaseClock.estimate(), ...zoneOf(cookies, portal.config.displayTimezone) };
    ctx.state.theme = themeOf(cookies);
    ctx.state.health = null;
    ctx.state.hasKeys = !/(?:^|; )keys=off(?:;|$)/.test(cookies);
    const response = await ctx.next();
    const nonce = /'nonce-([0-9a-zA-Z+/=_-]+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1];
    response.headers.set("content-security-policy", policy(nonce));
    response.headers.set("x-request-id", ctx.state.requestId);
    if (ctx.state.way.isSecure) response.headers.set("strict-transport-security", HSTS);
    if (NOT_KEPT.test(ctx.url.pathname)) response.headers.set("cache-control", "no-store");
    for (const [name, value] of Object.entries(ALWAYS)) {
      if (!MAY_DIFFER.has(name) || !response.headers.has(name)) response.headers.set(name, value);
    }
    return response;
  };
}

function wayOf({ network }: Portal, { req, url, info }: Context<State>): Way {
  const peer = "hostname" in info.remoteAddr ? info.remoteAddr.hostname : "";
  return network.wayOf(req.headers, req.headers.get("host") ?? url.host, peer);
}

/** The theme a request asks for by its cookie. */
function themeOf(cookies: string): Theme {
  const found = /(?:^|; )theme=(light|dark)(?:;|$)/.exec(cookies)?.[1];
  return found === "light" || found === "dark" ? found : "system";
}

function policy(nonce: string | undefined): string {
  return [
    "default-src 'none'",
    `script-src 'self'${nonce === undefined ? "" : ` 'nonce-${nonce}'`}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
