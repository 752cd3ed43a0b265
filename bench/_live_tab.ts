/**
 * A tab that has the list of runs open, without a browser.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";

/** The rows of events, by their data: all tabs get the same. */
const known = new Map<string, ReadonlySet<string>>();

/** A tab without a browser: what its stream has brought, and when. */
export class Tab {
  /** Resolves once it shows the page. Rejects when the stream is refused. */
  readonly begun: Promise<void>;
  /** Bytes that have come. */
  bytes = 0;
  readonly #seen: { readonly at: number; readonly text: string }[] = [];

  constructor(origin: string, cookie: string, signal: AbortSignal) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.begun = promise;
    this.#read(`${origin}/api/events?page=/runs&since=`, cookie, signal, resolve).catch((error) => {
      if (!signal.aborted) reject(error);
    });
  }

  /** How long after its end this tab got each of some runs, in milliseconds; Infinity: never. */
  delays(ended: ReadonlyMap<string, number>): readonly number[] {
    const seen = this.#seen.map(({ at, text }) => ({ at, rows: rowsOf(text) }));
    return [...ended].map(([run, since]) =>
      (seen.find(({ at, rows }) => at >= since && rows.has(run))?.at ?? Infinity) - since
    );
  }

  async #read(url: string, cookie: string, signal: AbortSignal, onBegun: () => void): Promise<void> {
    const { ok, status, body } = await fetch(url, { headers: { cookie }, signal });
    if (!ok || body === null) throw new Error(`A stream was refused with ${status}`);
    let rest = "";
    for await (const chunk of body) {
      this.bytes += chunk.length;
      const events = (rest + new TextDecoder().decode(chunk)).split("\n\n");
      rest = events.pop() ?? "";
      for (const text of events) {
        if (text.startsWith("event: hello")) onBegun();
        if (text.startsWith("event: change")) this.#seen.push({ at: Date.now(), text });
      }
    }
  }
}

function rowsOf(event: string): ReadonlySet<string> {
  const data = /^data: (.*)$/m.exec(event)?.[1] ?? "";
  const before = known.get(data);
  if (before !== undefined) return before;
  const text = data.startsWith("{") ? data : gunzipSync(Uint8Array.fromBase64(data)).toString();
  const rows = new Set([...text.matchAll(/"(\d+)":/g)].map(([, row]) => row ?? ""));
  known.set(data, rows);
  return rows;
}
