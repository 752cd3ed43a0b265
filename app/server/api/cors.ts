/**
 * Pages of other origins: none may call the API unless `WEB_CORS_ORIGINS` names their origin, and then by a token alone, because an
 * answer never allows cookies.
 *
 * @module
 */

/** Whether a browser asks, for a page of a named origin, if it may send a request. */
export function isPreflight(request: Request, origins: readonly string[]): boolean {
  return request.method === "OPTIONS" && request.headers.has("access-control-request-method") &&
    isNamed(request, origins);
}

/** Yes. */
export function preflightAnswer(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
      "access-control-allow-headers": "authorization, content-type, idempotency-key, if-match, last-event-id, range",
      "access-control-max-age": "600",
    },
  });
}

/** What an answer says to a page of another origin. */
export function corsHeaders(request: Request, origins: readonly string[]): Readonly<Record<string, string>> {
  if (origins.length === 0) return {};
  const origin = request.headers.get("origin");
  if (origin === null || !isNamed(request, origins)) return { vary: "origin" };
  return {
    vary: "origin",
    "access-control-allow-origin": origin,
    "access-control-expose-headers":
      "etag, location, content-range, ratelimit, ratelimit-policy, retry-after, x-request-id",
  };
}

function isNamed({ headers }: Request, origins: readonly string[]): boolean {
  return origins.includes(headers.get("origin") ?? "");
}
