/** An event of a stream. */
export interface StreamEvent {
  readonly event: string;
  /** Where the stream goes on after this event; empty: as before it. */
  readonly id: string;
  readonly data: string;
}

/** Reads server-sent events (HTML Standard, 9.2.6). What the stream breaks off in the middle of is no event. */
export async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let event = "message";
  let id = "";
  let data: string[] = [];
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      const line = text.endsWith("\r") ? text.slice(0, -1) : text;
      if (line === "") {
        if (data.length > 0) yield { event, id, data: data.join("\n") };
        [event, id, data] = ["message", "", []];
        continue;
      }
      const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === "event") event = value;
      if (field === "id") id = value;
      if (field === "data") data.push(value);
    }
  }
}
