import { internalsOf, NONCE } from "./context.ts";
import { HttpError } from "./errors.ts";
import type { Middleware } from "./handlers.ts";

/** Serves the files of `static/` and of the client bundle from memory, compressed if the browser accepts gzip. */
export function staticFiles<State>(): Middleware<State> {
  return (ctx) => {
    const { assets, buildId } = internalsOf(ctx).snapshot;
    const file = assets.get(ctx.url.pathname);
    if (file === undefined) return ctx.next();
    const { req, url } = ctx;
    if (req.method !== "GET" && req.method !== "HEAD") return new Response("Method Not Allowed", { status: 405 });
    const gzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(req.headers.get("accept-encoding") ?? "")
      ? file.gzip
      : null;
    const etag = gzip === null ? `"${file.hash}"` : `"${file.hash}-gzip"`;
    const forEver = ctx.config.mode === "production" && (file.immutable || url.searchParams.get("v") === buildId);
    const headers = new Headers({
      "content-type": file.type,
      etag,
      ...(file.gzip !== null && { vary: "accept-encoding" }),
      ...(gzip !== null && { "content-encoding": "gzip" }),
      "cache-control": forEver ? "public, max-age=31536000, immutable" : "no-cache",
    });
    const known = req.headers.get("if-none-match")?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
    if (known.includes(etag) || known.includes("*")) return new Response(null, { status: 304, headers });
    return new Response(gzip ?? file.body, { headers });
  };
}

/** The origin that {@linkcode csrf} accepts. */
export interface CsrfOptions {
  /** Default: the origin of the request's address. */
  origin?: string;
}

/**
 * Refuses requests that other sites make in a person's name, with 403: those that may change something and name another
 * site in `Sec-Fetch-Site` or `Origin`. A request with neither header comes from no browser and passes.
 */
export function csrf<State>({ origin: own }: CsrfOptions = {}): Middleware<State> {
  return (ctx) => {
    const { method, headers } = ctx.req;
    if (method === "GET" || method === "HEAD" || method === "OPTIONS") return ctx.next();
    const site = headers.get("sec-fetch-site");
    const origin = headers.get("origin");
    if (site === null && origin === null) return ctx.next();
    if (site === "same-origin" || site === "none") return ctx.next();
    if (origin === (own ?? ctx.url.origin)) return ctx.next();
    throw new HttpError(403);
  };
}

/** The directives of {@linkcode csp}. */
export interface CSPOptions {
  /** Directives after the default ones. */
  csp?: string[];
  /** Allows the inline scripts and styles that carry the page's nonce, instead of all. */
  useNonce?: boolean;
}

/**
 * Sets a Content-Security-Policy. For another policy, an application uses this inside a middleware that reads the nonce from
 * this header and replaces it; that works upstream too.
 */
export function csp<State>({ csp = [], useNonce = false }: CSPOptions = {}): Middleware<State> {
  return async (ctx) => {
    const response = await ctx.next();
    const nonce: unknown = useNonce ? Reflect.get(response, NONCE) : undefined;
    const inline = typeof nonce === "string" ? `'nonce-${nonce}'` : "'unsafe-inline'";
    const policy = [
      "default-src 'self'",
      `script-src 'self' ${inline}`,
      `style-src 'self' ${inline}`,
      "img-src 'self' data:",
      "object-src 'none'",
      "base-uri 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      ...csp,
    ];
    response.headers.set("content-security-policy", policy.join("; "));
    return response;
  };
}

/** Redirects to the path that always or never ends with a slash. */
export function trailingSlashes<State>(mode: "always" | "never"): Middleware<State> {
  return (ctx) => {
    const { pathname, search } = ctx.url;
    const ends = pathname.endsWith("/");
    if (pathname === "/" || ends === (mode === "always")) return ctx.next();
    return ctx.redirect(`${ends ? pathname.slice(0, -1) : `${pathname}/`}${search}`);
  };
}
