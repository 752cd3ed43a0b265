import type { Changes } from "./client.ts";
import type { PortalConnection } from "./connection.ts";

/** Hears from a portal's stream of changes. Where the stream cannot be had, nothing is heard, and who waits goes by the clock. */
export function portalChanges(connection: PortalConnection): Changes {
  let version = 0;
  /** Where the stream stands, as its events say. */
  let since: string | undefined;
  const hear = async (signal: AbortSignal): Promise<void> => {
    for await (const { event, id } of connection.events({ path: "/events", query: { since }, signal })) {
      if (id !== "") since = id;
      if (event !== "change") continue;
      version += 1;
      return;
    }
  };
  return {
    version: () => version,
    after: async (seen, signal) => {
      if (version !== seen || signal.aborted) return;
      await hear(signal).catch(() => aborted(signal));
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
