/**
 * The thread that passes messages on to systemd: see `mod.ts`. The first message says where; the answer to it is empty, or what went
 * wrong. Null asks for an answer when all before it is sent. A later message that cannot be sent is lost: systemd then ends the unit, if a watchdog is set.
 *
 * @module
 */
import type { ThreadSockets } from "./mod.ts";

let send: ((text: string) => Promise<unknown>) | null = null;
let sent: Promise<unknown> = Promise.resolve();

addEventListener("message", ({ data }: MessageEvent<ThreadSockets | string | null>) => {
  if (data === null) void sent.then(() => postMessage(""));
  else if (typeof data === "string") sent = Promise.all([sent, send?.(data).catch(() => {})]);
  else postMessage(open(data));
});

/** Answers what went wrong; empty: nothing. */
function open({ from, to }: ThreadSockets): string {
  try {
    const socket = Deno.listenDatagram({ transport: "unixpacket", path: from });
    Deno.removeSync(from);
    const encoder = new TextEncoder();
    send = (text) => socket.send(encoder.encode(text), { transport: "unixpacket", path: to });
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
