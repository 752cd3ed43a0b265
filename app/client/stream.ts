import type { Connection } from "../format/connection.ts";

/** What {@linkcode follow} needs. */
export interface StreamOptions {
  /** The address of the stream; asked again at each connection, so that it can say where to go on. */
  readonly url: () => string;
  readonly on: Readonly<Record<string, (data: string, id: string) => void>>;
  readonly onConnection: (connection: Connection) => void;
}

/** After this many connections in a row without an event, ask for short answers. */
const PATIENCE = 2;
/** After that, one in this many connections asks for a stream again. */
const STREAM_AGAIN = 20;
/** A stream that has not begun by then is held back by a proxy. */
const BEGIN_MS = 8000;
/** A stream without an event or heartbeat for this long is dead: twice the server's heartbeat interval. */
const SILENCE_MS = 20_000;
const RETRY_MS = 3000;

/** Where the session is over, loads the page anew: the page to sign in takes its place, and leads back to it. */
async function signInAgain(address: string): Promise<void> {
  const answer = await fetch(`${address}${address.includes("?") ? "&" : "?"}poll=1`).catch(() => null);
  await answer?.body?.cancel();
  if (answer?.status === 401) location.reload();
}

/**
 * Follows a stream of events as long as the page is visible, connecting again whenever it must: when the connection ends, and when
 * it falls silent. An event named `end` ends it. Returns the function that stops it.
 */
export function follow({ url, on, onConnection }: StreamOptions): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let misses = 0;
  let isOver = false;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const stop = () => {
    isOver = true;
    close();
    document.removeEventListener("visibilitychange", connect);
  };
  function connect(): void {
    close();
    if (isOver) return;
    if (document.hidden) return onConnection("paused");
    const isPolling = misses >= PATIENCE && misses % STREAM_AGAIN !== 0;
    const address = url();
    const opened = new EventSource(isPolling ? `${address}${address.includes("?") ? "&" : "?"}poll=1` : address);
    let isHeard = false;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(again, SILENCE_MS);
      if (isHeard) return;
      isHeard = true;
      if (!isPolling) misses = 0;
      onConnection(isPolling ? "polling" : "live");
    };
    const again = () => {
      const isSilent = opened.readyState === EventSource.OPEN;
      // The browser does not tell why an answer was no stream, so the page asks for its status.
      if (opened.readyState === EventSource.CLOSED) void signInAgain(address);
      close();
      if (isPolling || !isHeard) misses++;
      if (!isPolling || !isHeard || isSilent) onConnection("reconnecting");
      timer = setTimeout(connect, RETRY_MS);
    };
    source = opened;
    timer = setTimeout(again, BEGIN_MS);
    opened.onopen = heard;
    opened.onerror = again;
    opened.addEventListener("heartbeat", heard);
    for (const [name, handle] of Object.entries(on)) {
      opened.addEventListener(name, ({ data, lastEventId }) => {
        heard();
        handle(String(data), lastEventId);
      });
    }
    opened.addEventListener("end", () => {
      stop();
      onConnection("ended");
    });
  }
  document.addEventListener("visibilitychange", connect);
  connect();
  return stop;
}
