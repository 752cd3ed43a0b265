import { permissionsOf } from "@jobtrigger/shared/access";
import { StoreUnavailable } from "@jobtrigger/shared/domain";
import type { Portal } from "./portal.ts";
import { changed, eventStream, HEARTBEAT, type Reader, type ServerEvent } from "./sse.ts";

/** Who listens, where the stream begins, and when it ends; a poll ends after its first event. */
export interface Listening extends Reader {
  /** Where who listens stands; empty: nowhere. */
  readonly since: string;
}

/**
 * Tells whoever listens that something changed: `hello` with where the stream stands, then `change` each time. The stream ends
 * when they may no longer listen.
 */
export function followChanges(
  portal: Portal,
  { since, ...reader }: Listening,
): Response {
  return eventStream(portal, reader, async function* (signal): AsyncGenerator<ServerEvent> {
    let seen = portal.feed.version;
    const name = since === "" || since === String(seen) ? "hello" : "change";
    yield { event: name, id: String(seen), data: "" };
    let access: typeof reader.access | null = reader.access;
    while (!reader.isPoll && !signal.aborted) {
      const isNew = await changed(portal, seen, signal);
      if (signal.aborted) return;
      // While the database is away, pages have to hear it; the stream shows no jobs.
      access = await reader.accessNow().catch((error) => {
        if (error instanceof StoreUnavailable) return access;
        throw error;
      });
      if (access === null || !permissionsOf(access).includes("system.read")) return;
      seen = portal.feed.version;
      yield isNew ? { event: "change", id: String(seen), data: "" } : HEARTBEAT;
    }
  });
}
