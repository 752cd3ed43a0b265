/**
 * Streams of events in tests.
 *
 * @module
 */

/** An event of a stream. */
export interface StreamEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** The events of an answer, one after another; comments and heartbeats are left out. */
export function events(answer: Promise<Response>): {
  next(): Promise<StreamEvent>;
  close(): Promise<void>;
} {
  const reading = answer.then(({ body }) => body?.pipeThrough(new TextDecoderStream()).getReader());
  const blocks: string[] = [];
  let rest = "";
  const next = async (): Promise<StreamEvent> => {
    while (true) {
      const block = blocks.shift();
      if (block === undefined) {
        const { value, done } = await (await reading)?.read() ?? { done: true, value: undefined };
        if (done || value === undefined) throw new Error("The stream has ended");
        const parts = (rest + value).split("\n\n");
        rest = parts.pop() ?? "";
        blocks.push(...parts);
        continue;
      }
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1] ?? null;
      const event = field("event");
      if (event !== null && event !== "heartbeat") return { event, id: field("id"), data: field("data") ?? "" };
    }
  };
  return { next, close: async () => void await (await reading)?.cancel() };
}
