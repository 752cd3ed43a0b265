/**
 * The health of a service for monitors on its own machine: `/livez` is 200 while the loop turns, `/readyz` while its last pass
 * reached the database. It listens on 127.0.0.1 and nowhere else, and only where the settings name a port.
 *
 * @module
 */
import { Invalid } from "@jobtrigger/shared/domain";
import type { Pulse } from "./pulse.ts";

const HOST = "127.0.0.1";

/**
 * Listens on a port; null listens on none.
 *
 * @throws {Invalid} of `variable` when the port is not free.
 */
export function openHealthPort(
  pulse: Pulse,
  { port, variable, onFailed }: {
    readonly port: number | null;
    readonly variable: string;
    /** The port answers no more; the service goes on. */
    readonly onFailed: (error: unknown) => void;
  },
): void {
  if (port === null) return;
  try {
    const server = Deno.serve({ hostname: HOST, port, onListen() {} }, (request) => answer(pulse, request));
    server.finished.catch(onFailed);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    const message = `${HOST}:${port} is in use by another program; stop it or choose another port`;
    throw new Invalid([{ field: variable, message }]);
  }
}

/** What a monitor is told. */
export function answer(pulse: Pick<Pulse, "isAlive" | "trouble">, { method, url }: Request): Response {
  const path = new URL(url).pathname;
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  const say = (status: number, text: string) => new Response(`${text}\n`, { status, headers });
  if (path !== "/livez" && path !== "/readyz") return say(404, "There are /livez and /readyz");
  if (method !== "GET" && method !== "HEAD") return say(405, "Ask by GET");
  const trouble = path === "/livez" && pulse.isAlive ? null : pulse.trouble;
  return trouble === null ? say(200, "ok") : say(503, trouble);
}
