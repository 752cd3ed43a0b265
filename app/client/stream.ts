/** How a page is connected. `polling`: events come in short answers, because a long one does not get through. */
export type Connection = "connecting" | "live" | "paused" | "reconnecting" | "polling" | "ended";

/** What {@linkcode follow} needs. */
export interface StreamOptions {
  /** The address of the stream; asked again at each connection, so that it can say where to go on. */
  readonly url: () => string;
  readonly on: Readonly<Record<string, (data: string, id: string) => void>>;
  readonly onConnection: (connection: Connection) => void;
}

/** Failed connections in a row after which short answers are asked for. */
const PATIENCE = 3;
const RETRY_MS = 3000;

/**
 * Follows a stream of events as long as the page is visible, connecting again whenever it must. An event named `end` ends it.
 * Returns the function that stops it.
 */
export function follow({ url, on, onConnection }: StreamOptions): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
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
    const isPolling = failures >= PATIENCE;
    const address = url();
    const opened = new EventSource(isPolling ? `${address}${address.includes("?") ? "&" : "?"}poll=1` : address);
    source = opened;
    opened.onopen = () => onConnection(isPolling ? "polling" : "live");
    opened.onerror = () => {
      failures++;
      if (failures <= PATIENCE) onConnection("reconnecting");
      close();
      timer = setTimeout(connect, RETRY_MS);
    };
    const arrived = (handle: (data: string, id: string) => void) => (event: MessageEvent<string>) => {
      if (!isPolling) failures = 0;
      handle(event.data, event.lastEventId);
    };
    for (const [name, handle] of Object.entries(on)) opened.addEventListener(name, arrived(handle));
    opened.addEventListener("end", () => {
      stop();
      onConnection("ended");
    });
  }
  document.addEventListener("visibilitychange", connect);
  connect();
  return stop;
}
