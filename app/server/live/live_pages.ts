/**
 * Live pages: each page that tabs look at is rendered again after a change, once for all tabs that see the same, and the tabs are
 * sent what differs.
 *
 * The page's own route renders it, asked by a request that comes from here and belongs to one of the tabs. So a page needs nothing
 * to be live but marks in its HTML (`cut.ts`). Pages see the same if they have the same address, rights and preferences.
 *
 * All pages are rendered one after another, at most each 750 ms, and in no more than half of the time; so the more pages are
 * open, the longer they wait, and requests are answered in between. Without any tab nothing is done.
 *
 * @module
 */
import type { Access } from "@jobtrigger/shared/access";
import type { Changes } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";
import type { Identity } from "../access/identity.ts";
import type { Feed } from "../feed.ts";
import { type RenderPage, type Viewer, WatchedPage } from "./watched_page.ts";

/**
 * Shortest time between two renderings of a page, in milliseconds. An event waits that long at most before its page is rendered; it is on
 * the screen within a second, so sending it to 500 tabs may take the rest.
 */
const EVERY_MS = 750;
/** How long to gather changes before a rendering: a short run starts and ends within it. */
const GATHER_MS = 60;
/** A tab that opens a page gets a rendering that is no older, in milliseconds; an older one if nothing has changed since. */
const FRESH_MS = 150;
/**
 * After this long without a change pages are rendered all the same: some states come with time alone. A service counts as silent after
 * 25 s, and an open page has to show it within 30 s.
 */
const AGAIN_MS = 5_000;

/** The application, as it answers requests. */
export type Handler = (request: Request) => Promise<Response>;

/** Who opens a page, and which. */
export interface Opening {
  /** With the origin by which the browser knows the portal. */
  readonly url: URL;
  readonly identity: Identity;
  /** The cookies that change how pages look, as a `Cookie` header. */
  readonly preferences: string;
  /** The rows on its screen that may still change. */
  readonly rows: readonly string[];
}

/** A tab's view of a page, until it is disposed. */
export interface Opened extends Disposable {
  readonly page: WatchedPage;
  readonly viewer: Viewer;
}

/** What {@linkcode LivePages} needs. */
export interface LivePagesParts {
  readonly feed: Pick<Feed, "version" | "after">;
  readonly changes: Pick<Changes, "version">;
  readonly clock: Pick<Clock, "sleep" | "monotonic">;
  readonly stopping: AbortSignal;
  /** Called with what went wrong when a page cannot be rendered; it stays as it was. */
  readonly onFailed: (error: unknown) => void;
}

/** The pages that tabs look at. */
export class LivePages {
  readonly #parts: LivePagesParts;
  readonly #pages = new Map<string, WatchedPage>();
  /** When each page was rendered last, and of what version of the database. */
  readonly #rendered = new WeakMap<WatchedPage, { readonly at: number; readonly version: number }>();
  readonly #own = new WeakMap<Request, Identity>();
  #handler: (() => Handler) | null = null;
  #isRunning = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: LivePagesParts) {
    this.#parts = parts;
  }

  /** Has pages rendered by an application, which is asked for its handler at the first page. */
  renderBy(makeHandler: () => Handler): void {
    let handler: Handler | null = null;
    this.#handler = () => handler ??= makeHandler();
  }

  /** To whom a request belongs that comes from here; null: it does not. */
  identityOf(request: Request): Identity | null {
    return this.#own.get(request) ?? null;
  }

  /** Shows a page to one more tab. It is there when this resolves, if there is such a page. */
  async open({ url, identity, preferences, rows }: Opening): Promise<Opened> {
    const key = [url.href, preferences, keyOf(identity.access)].join("\n");
    const found = this.#pages.get(key);
    const page = found ?? new WatchedPage(url, this.#renderWith(preferences));
    this.#pages.set(key, page);
    const viewer: Viewer = { identity, rows: new Set(rows) };
    const entered = page.enter(viewer);
    const close = () => {
      entered[Symbol.dispose]();
      if (page.isIdle && this.#pages.get(key) === page) this.#pages.delete(key);
    };
    try {
      await this.#inTurn(async () => {
        if (!page.isReadyFor(viewer) || !this.#isFresh(page)) await this.#refresh(page);
      });
    } catch (error) {
      close();
      throw error;
    }
    if (!this.#isRunning) void this.#run();
    return { page, viewer, [Symbol.dispose]: close };
  }

  #renderWith(preferences: string): RenderPage {
    return async (url, identity) => {
      const request = new Request(url, { headers: { accept: "text/html", cookie: preferences } });
      this.#own.set(request, identity);
      if (this.#handler === null) throw new TypeError("Nothing renders the pages: renderBy() was not called");
      const response = await this.#handler()(request);
      const isPage = response.status === 200 && response.headers.get("content-type")?.startsWith("text/html");
      if (isPage) return { html: await response.text(), isRefused: false };
      await response.body?.cancel();
      return { html: null, isRefused: response.status === 403 || response.status === 404 };
    };
  }

  /** One page after another. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #refresh(page: WatchedPage): Promise<void> {
    this.#rendered.set(page, { at: this.#parts.clock.monotonic(), version: this.#parts.changes.version() });
    await page.refresh();
  }

  #isFresh(page: WatchedPage): boolean {
    const last = this.#rendered.get(page);
    const { clock, changes } = this.#parts;
    return last !== undefined && (clock.monotonic() - last.at < FRESH_MS || last.version === changes.version());
  }

  async #run(): Promise<void> {
    const { feed, clock, stopping, onFailed } = this.#parts;
    this.#isRunning = true;
    let seen = feed.version;
    while (this.#pages.size > 0 && !stopping.aborted) {
      await this.#changed(seen);
      await clock.sleep(GATHER_MS, stopping);
      seen = feed.version;
      const since = clock.monotonic();
      for (const page of [...this.#pages.values()]) await this.#inTurn(() => this.#refresh(page)).catch(onFailed);
      const tookMs = clock.monotonic() - since;
      await clock.sleep(Math.max(EVERY_MS - GATHER_MS - tookMs, tookMs), stopping);
    }
    this.#isRunning = false;
  }

  async #changed(seen: number): Promise<void> {
    const { feed, clock, stopping } = this.#parts;
    const wait = new AbortController();
    const stop = () => wait.abort();
    stopping.addEventListener("abort", stop, { once: true });
    await Promise.race([feed.after(seen, wait.signal), clock.sleep(AGAIN_MS, wait.signal)]);
    stopping.removeEventListener("abort", stop);
    stop();
  }
}

/** The same for the same rights. */
function keyOf(access: Access): string {
  return JSON.stringify(access);
}
