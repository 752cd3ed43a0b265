import { HttpError } from "fresh";
import { permissionsOf } from "@jobtrigger/shared/access";
import { type DispatchId, StoreUnavailable, type User } from "@jobtrigger/shared/domain";
import { MOST_IDS } from "@jobtrigger/shared/store";
import { runEvents } from "../follow_run.ts";
import type { Portal } from "../portal.ts";
import { eventStream, HEARTBEAT, HEARTBEAT_MS, type Reader, type ServerEvent } from "../sse.ts";

/** Longest address of a page. */
const MAX_ADDRESS = 4000;

/** The cookies that change what stands in a page's live regions. */
const PREFERENCES = /^zone=/;

/** Tells the tab not to connect again. */
const END: ServerEvent = { event: "end", data: "" };

/** Which page a tab shows, and who looks at it. */
export interface Showing extends Reader {
  readonly url: URL;
  /** Whose account it is; null: nobody's. */
  readonly user: User | null;
  /** What of the cookies changes how pages look, as a `Cookie` header. */
  readonly preferences: string;
  /** The state that the page is in; empty: not known. */
  readonly since: string;
  /** The rows on its screen that may still change. */
  readonly rows: readonly string[];
}

/** A tab's page, and the run whose output it follows. */
export interface FollowingTab extends Showing {
  /** Its chunks from `from` on come in the same stream, as `runEvents()` has them; its end is called `log-end`. Null: none. */
  readonly log: { readonly id: DispatchId; readonly from: string | null } | null;
}

/** All that a tab follows, in one stream. It ends with the page's part. */
export function followTab(portal: Portal, { log, ...showing }: FollowingTab): Response {
  return eventStream(portal, showing, (signal) => {
    const page = pageEvents(portal, showing, signal);
    if (log === null) return page;
    return merged(
      page,
      renamedEnd(runEvents(portal, log.id, { ...showing, lastEventId: null, from: log.from }, signal)),
    );
  });
}

/** The page's own end is the stream's. */
async function* renamedEnd(events: AsyncGenerator<ServerEvent, void, void>): AsyncGenerator<ServerEvent, void, void> {
  for await (const event of events) yield event.event === "end" ? { ...event, event: "log-end" } : event;
}

/** The events of both as they come, until the first has no more. Both end when their signal aborts. */
async function* merged(
  first: AsyncGenerator<ServerEvent, void, void>,
  second: AsyncGenerator<ServerEvent, void, void>,
): AsyncGenerator<ServerEvent, void, void> {
  const next = (from: typeof first) => from.next().then((result) => ({ from, result }));
  const pending = new Map([first, second].map((from) => [from, next(from)]));
  while (pending.has(first)) {
    const { from, result } = await Promise.race(pending.values());
    if (result.done === true) pending.delete(from);
    else {
      pending.set(from, next(from));
      yield result.value;
    }
  }
}

/**
 * Keeps a page up to date: `hello` with what the page lacks, then `change` with what has changed each time, both as
 * {@linkcode LiveUpdate}; nothing in it: the page is up to date. The stream ends when who looks may no longer do so, or may
 * see other things; then the page asks again. For a page that they may not see, or that does not exist, all there is is `end`.
 */
async function* pageEvents(
  portal: Portal,
  { url, user, preferences, since, rows, ...reader }: Showing,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void, void> {
  const { actor, access } = reader;
  const identity = { actor, access, user, session: null };
  using opened = await portal.livePages.open({ url, identity, preferences, rows: rows.slice(0, MOST_IDS) });
  const { page, viewer } = opened;
  if (page.isRefused) return yield END;
  const rights = JSON.stringify(access);
  const hello = page.updateFor(since, viewer);
  let seen = hello?.etag ?? since;
  yield { event: "hello", id: seen, data: hello?.data ?? "" };
  while (!reader.isPoll && !signal.aborted) {
    await waitFor(portal, (until) => page.after(seen, until), signal);
    if (signal.aborted || !await isStill(reader, rights)) return;
    const update = page.updateFor(seen, viewer);
    yield update === null ? HEARTBEAT : { event: "change", id: update.etag, data: update.data };
    seen = update?.etag ?? seen;
  }
}

/** Where the address of a page of the portal leads. @throws {HttpError} 400 when it is none. */
export function pageUrlOf(path: string, origin: string): URL {
  const url = path.length <= MAX_ADDRESS && path.startsWith("/") && URL.canParse(path, origin)
    ? new URL(path, origin)
    : null;
  if (url === null || url.origin !== origin || /^\/+(?:api|hooks)\b/.test(url.pathname)) {
    throw new HttpError(400, "This is not the address of a page of the portal");
  }
  url.searchParams.delete("also");
  url.hash = "";
  return url;
}

/** What of a request's cookies changes how pages look, as a `Cookie` header. */
export function preferencesOf(headers: Headers): string {
  return (headers.get("cookie") ?? "").split("; ").filter((cookie) => PREFERENCES.test(cookie)).join("; ");
}

/** Whether who looks may still see the same. While the database is away, nobody can tell, and there is nothing new to see. */
async function isStill({ accessNow }: Reader, rights: string): Promise<boolean> {
  try {
    const access = await accessNow();
    return access !== null && permissionsOf(access).includes("system.read") && JSON.stringify(access) === rights;
  } catch (error) {
    if (error instanceof StoreUnavailable) return true;
    throw error;
  }
}

/** Waits for something, for {@linkcode HEARTBEAT_MS} at most. */
async function waitFor(
  { clock }: Pick<Portal, "clock">,
  something: (until: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const wait = new AbortController();
  const stop = () => wait.abort();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await Promise.race([something(wait.signal), clock.sleep(HEARTBEAT_MS, wait.signal)]);
  signal.removeEventListener("abort", stop);
  stop();
}
