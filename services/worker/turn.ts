import { setImmediate } from "node:timers";

/** Resolves when everything else that can go on has had its turn: code that waits for nothing, then sockets and timers. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
