/** How a page is connected. `polling`: events come in short answers, because a long one does not get through. */
export type Connection = "connecting" | "live" | "paused" | "reconnecting" | "polling" | "ended";

/** What a connection is called. */
export const CONNECTION_WORDS: Readonly<Record<Connection, string>> = {
  connecting: "",
  live: "Live",
  paused: "Paused",
  reconnecting: "Reconnecting",
  polling: "Polling",
  ended: "Ended",
};
