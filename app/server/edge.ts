import { type Edge, type Handler, type Limits, serve } from "./edge/serve.ts";
import { plainHeaders } from "./headers.ts";
import type { Portal } from "./portal.ts";

/** Serves a portal's pages at an address, and tells the portal's log of what does not reach them. @throws {Deno.errors.AddrInUse} */
export function openEdge(
  { log, warnings }: Portal,
  { limits = {}, ...address }: {
    readonly hostname: string;
    readonly port: number;
    readonly limits?: Partial<Limits>;
  },
  handler: Handler,
): Edge {
  return serve({
    ...address,
    limits,
    headers: plainHeaders(),
    onRefused: (status) => warnings.warn("Refused what is no proper request with {status}", { status }),
    onError: (what, error) => log.error("{what}: {error}", { what, error }),
  }, handler);
}
