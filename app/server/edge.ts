import { type Edge, type Handler, type Limits, serve } from "./edge/serve.ts";
import { plainHeaders } from "./headers.ts";
import type { Portal } from "./portal.ts";

/**
 * Serves a portal's pages at an address, and logs requests that do not reach them.
 * @throws {Deno.errors.AddrInUse}
 */
export function openEdge(
  { log, warnings }: Portal,
  { limits = {}, ...address }: {
    readonly hostname: string;
    readonly port: number;
    readonly limits?: Partial<Limits>;
  },
  handler: Handler,
): Edge {
  const headers = plainHeaders();
  const onRefused = (status: number) => warnings.warn("Refused what is no proper request with {status}", { status });
  const onError = (what: string, error: unknown) => log.error("{what}: {error}", { what, error });
  return serve({ ...address, limits, headers, onRefused, onError }, async (request, info) => {
    const answer = await handler(request, info);
    // Answers that Fresh gives before the first middleware, such as 400 for a path that is not percent-encoded.
    if (!answer.headers.has("content-security-policy")) {
      onRefused(answer.status);
      for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
    }
    return answer;
  });
}
