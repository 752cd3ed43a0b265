/**
 * Server-sent events (HTML Standard, 9.2): a response whose body is made by a generator, one event at a time and only as fast as
 * the reader takes them.
 *
 * @module
 */
import type { Follower } from "./access/follower.ts";
import type { Portal } from "./portal.ts";

/** One event; `id` comes back as `Last-Event-ID` when the page connects again. */
export interface ServerEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: string;
}

/** The heartbeat: an event that the page waits for, so that both ends notice a dead connection. */
export const HEARTBEAT: ServerEvent = { event: "heartbeat", data: "" };

/** How often, in milliseconds. A page gives up after twice as long (`client/stream.ts`). */
export const HEARTBEAT_MS = 10_000;

/** How long a page waits before it connects again, in milliseconds. */
const RETRY_MS = 2000;

/** Who reads a stream, and whether it ends with what there is now. */
export interface Reader extends Follower {
  readonly isPoll: boolean;
}

/**
 * Answers with the events of `produce`, whose signal aborts when the reader leaves or the portal stops.
 * @throws {ApiError} `too_many_requests` when too many streams are open
 */
export function eventStream(
  { stopping, lasting }: Pick<Portal, "stopping" | "lasting">,
  { actor, isPoll }: Pick<Reader, "actor" | "isPoll">,
  produce: (signal: AbortSignal) => AsyncGenerator<ServerEvent, void, void>,
): Response {
  const counted = isPoll ? null : lasting.begin(actor);
  const leaving = new AbortController();
  const stop = () => leaving.abort();
  stopping.addEventListener("abort", stop, { once: true });
  if (stopping.aborted) stop();
  const encoder = new TextEncoder();
  const events = produce(leaving.signal);
  const end = () => {
    stopping.removeEventListener("abort", stop);
    counted?.[Symbol.dispose]();
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`)),
    async pull(controller) {
      try {
        const { value, done } = await events.next();
        if (done !== true) return controller.enqueue(encoder.encode(format(value)));
      } catch (error) {
        end();
        throw error;
      }
      end();
      controller.close();
    },
    async cancel() {
      end();
      stop();
      await events.return();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}

/** Waits for something new after version `seen`; `false` when {@linkcode HEARTBEAT_MS} passed without. */
export async function changed({ feed, clock }: Portal, seen: number, signal: AbortSignal): Promise<boolean> {
  const wait = new AbortController();
  const stop = () => wait.abort();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await Promise.race([feed.after(seen, wait.signal), clock.sleep(HEARTBEAT_MS, wait.signal)]);
  signal.removeEventListener("abort", stop);
  stop();
  return feed.version !== seen;
}

function format(event: ServerEvent): string {
  const id = event.id === undefined ? "" : `id: ${event.id}\n`;
  const data = event.data.split("\n").map((line) => `data: ${line}\n`).join("");
  return `event: ${event.event}\n${id}${data}\n`;
}
