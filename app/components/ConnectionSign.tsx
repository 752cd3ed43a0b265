import type { JSX } from "preact";
import type { Connection } from "../format/connection.ts";

const WORDS: Readonly<Record<Connection, string>> = {
  connecting: "",
  live: "Live",
  paused: "Paused",
  reconnecting: "Reconnecting",
  polling: "Polling",
  ended: "Ended",
};

/** Shows whether the page is live. It is empty until scripts run. */
export function ConnectionSign({ connection }: { readonly connection: Connection }): JSX.Element {
  return <span role="status" class={`connection ${connection}`} data-connection={connection}>{WORDS[connection]}</span>;
}
