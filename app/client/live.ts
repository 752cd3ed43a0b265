/**
 * The tab's only stream of events, for all parts of a page that live by it: each names what it wants of the stream and takes its
 * events.
 *
 * @module
 */
import type { Connection } from "../format/connection.ts";
import { follow } from "./stream.ts";

/** A part of a page that lives by the stream. */
export interface LivePart {
  /** What it wants, as parameters of the stream's address; asked for at each connection. */
  readonly wants: () => Readonly<Record<string, string>>;
  /** What it does with events, by their names. */
  readonly on: Readonly<Record<string, (data: string, id: string) => void>>;
  readonly onConnection: (connection: Connection) => void;
}

const parts = new Set<LivePart>();
let stream: ReturnType<typeof follow> | null = null;
let isDue = false;
let isPaused = false;
let connection: Connection = "connecting";

/** Has a part live by the stream. Returns the function that ends it. */
export function live(part: LivePart): () => void {
  parts.add(part);
  connectAgain();
  part.onConnection(connection);
  return () => {
    parts.delete(part);
    if (parts.size === 0) stop();
  };
}

/** Connects again, so that the stream knows what each part wants by now. */
export function connectAgain(): void {
  if (isDue) return;
  isDue = true;
  // Once for all parts that begin together.
  setTimeout(() => {
    isDue = false;
    stop();
    if (parts.size > 0 && !isPaused) stream = follow({ url, on: handlers(), onConnection });
  });
}

/** Stops the stream until it is resumed, because somebody wants the page to stand still. */
export function setPaused(pause: boolean): void {
  isPaused = pause;
  if (pause) {
    stop();
    onConnection("paused");
  } else connectAgain();
}

function stop(): void {
  stream?.();
  stream = null;
}

function url(): string {
  const wants = Object.assign({}, ...[...parts].map((part) => part.wants()));
  return `/api/events?${new URLSearchParams(wants)}`;
}

function handlers(): LivePart["on"] {
  const names = new Set([...parts].flatMap(({ on }) => Object.keys(on)));
  const handler = (name: string) => (data: string, id: string) => {
    for (const { on } of parts) on[name]?.(data, id);
  };
  return Object.fromEntries([...names].map((name) => [name, handler(name)]));
}

function onConnection(now: Connection): void {
  connection = now;
  for (const part of parts) part.onConnection(now);
}
