import { setImmediate } from "node:timers";

/** Resolves in the next turn of the event loop, after ready code, sockets and timers. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
