/**
 * The cookies that sign a browser in: one for its session, one by which a device stays known when the session has ended, and one
 * while the browser is at the identity provider. No
 * script can read them, and no other site's form sends them. Over TLS their names begin with `__Host-`: then a browser takes them
 * only over TLS and from this very host.
 *
 * @module
 */
import { KNOWN_MS } from "@jobtrigger/shared/access";
import { SESSION_LIFE_MS } from "@jobtrigger/shared/domain";
import type { Way } from "./network.ts";

/** Which cookie, and how long a browser keeps it. */
const AGES: Readonly<Record<CookieKind, number>> = { session: SESSION_LIFE_MS, device: KNOWN_MS, oidc: 600_000 };

/** A cookie of this module. */
export type CookieKind = "session" | "device" | "oidc";

type Place = Pick<Way, "origin" | "isSecure">;

/** The value of a cookie in a request; null: it has none. */
export function readCookie(headers: Headers, way: Place, kind: CookieKind): string | null {
  const start = `${nameOf(way, kind)}=`;
  const found = (headers.get("cookie") ?? "").split("; ").find((cookie) => cookie.startsWith(start));
  return found === undefined || found === start ? null : found.slice(start.length);
}

/** Has the browser keep a cookie. */
export function setCookie(headers: Headers, way: Place, kind: CookieKind, value: string): void {
  headers.append("set-cookie", cookieOf(way, kind, value, AGES[kind] / 1000));
}

/** Has the browser forget a cookie. */
export function dropCookie(headers: Headers, way: Place, kind: CookieKind): void {
  headers.append("set-cookie", cookieOf(way, kind, "", 0));
}

function cookieOf(way: Place, kind: CookieKind, value: string, seconds: number): string {
  const secure = way.isSecure ? "; Secure" : "";
  return `${nameOf(way, kind)}=${value}; Path=/; Max-Age=${seconds}; SameSite=Lax; HttpOnly${secure}`;
}

/** Browsers do not tell cookies of two ports apart, so each portal of a machine has names of its own. */
function nameOf({ origin, isSecure }: Place, kind: CookieKind): string {
  const port = /:(\d+)$/.exec(origin)?.[1] ?? (isSecure ? "443" : "80");
  return `${isSecure ? "__Host-" : ""}${kind}_${port}`;
}
