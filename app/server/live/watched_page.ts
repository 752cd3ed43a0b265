import type { Identity } from "../access/identity.ts";
import { changesSince, followedRows, type Snapshot, snapshotOf, wholeUpdate } from "./snapshot.ts";

/** Most rows that have left a list and are followed at once; a page shows their state by `?also=`. */
const MOST_LEFT = 200;

/** Renders the page at an address as its route does, for somebody. */
export type RenderPage = (url: URL, identity: Identity) => Promise<Rendered>;

/** The HTML of a page; `html` null: there is none now. `isRefused`: they may not see it, or there is no such page. */
export interface Rendered {
  readonly html: string | null;
  readonly isRefused: boolean;
}

/** A tab that looks at a page. */
export interface Viewer {
  readonly identity: Identity;
  /** The rows on its screen that may still change. */
  readonly rows: Set<string>;
}

/** What a tab is sent. */
export interface Update {
  /** Names the state of the page that the tab has with it. */
  readonly etag: string;
  readonly data: string;
}

/** One page and the tabs that look at it, all with the same rights and preferences: it is rendered once for all of them. */
export class WatchedPage {
  readonly #url: URL;
  readonly #render: RenderPage;
  readonly #viewers = new Set<Viewer>();
  readonly #waiting = new Set<() => void>();
  #isRefused = false;
  #now: Snapshot | null = null;
  #whole: string | null = null;
  #last: { readonly from: string; readonly data: string } | null = null;

  constructor(url: URL, render: RenderPage) {
    this.#url = url;
    this.#render = render;
  }

  /** Whether no tab looks at it any more. */
  get isIdle(): boolean {
    return this.#viewers.size === 0;
  }

  /** Whether its tabs may not see it, or it does not exist, as of its last rendering. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Counts a tab in until the answer is disposed. */
  enter(viewer: Viewer): Disposable {
    this.#viewers.add(viewer);
    return { [Symbol.dispose]: () => void this.#viewers.delete(viewer) };
  }

  /** What a tab that has the state `seen` is sent; null: nothing, because it is up to date. */
  updateFor(seen: string, viewer: Viewer): Update | null {
    if (this.#now === null || this.#now.etag === seen) return null;
    const { etag } = this.#now;
    if (this.#last?.from === seen) return { etag, data: this.#last.data };
    // From now on the tab knows these rows, whether it shows them or offers to.
    for (const [key, { isFinal }] of followedRows(this.#now, "listed")) if (!isFinal) viewer.rows.add(key);
    this.#whole ??= wholeUpdate(this.#now);
    return { etag, data: this.#whole };
  }

  /** Resolves once the page is in another state than `seen`, and when `signal` aborts. */
  after(seen: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#now !== null && this.#now.etag !== seen) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Whether the page is there, with all that a tab has on its screen. */
  isReadyFor({ rows }: Viewer): boolean {
    const now = this.#now;
    return now !== null && [...rows].every((row) => followedRows(now, "listed").has(row) || isKnown(now, row));
  }

  /** Renders the page anew and wakes the tabs if it has changed. A page that cannot be shown stays as it was. */
  async refresh(): Promise<void> {
    const [viewer] = this.#viewers;
    if (viewer === undefined) return;
    const first = await this.#rendered(viewer, this.#wanted(this.#now));
    if (first === null) return;
    // A row has just left its list: what has become of it is asked for at once.
    const wanted = this.#wanted(first);
    const next = wanted.every((row) => isKnown(first, row)) ? first : await this.#rendered(viewer, wanted);
    if (next === null) return;
    this.#settle(next);
    if (next.etag === this.#now?.etag) return;
    this.#last = this.#now === null ? null : { from: this.#now.etag, data: changesSince(this.#now, next) };
    this.#now = next;
    this.#whole = null;
    for (const done of [...this.#waiting]) done();
  }

  async #rendered({ identity }: Viewer, also: readonly string[]): Promise<Snapshot | null> {
    const url = new URL(this.#url);
    if (also.length > 0) url.searchParams.set("also", also.join());
    const { html, isRefused } = await this.#render(url, identity);
    this.#isRefused = isRefused;
    return html === null ? null : snapshotOf(html, also);
  }

  /** The rows that somebody has on screen, that are not in the list, and that may still change. */
  #wanted(snapshot: Snapshot | null): readonly string[] {
    if (snapshot === null) return [];
    const listed = followedRows(snapshot, "listed");
    const rows = new Set([...this.#viewers].flatMap(({ rows }) => [...rows]));
    return [...rows].filter((key) => !listed.has(key)).slice(-MOST_LEFT);
  }

  /** Rows that can never change again, and those that are gone, are not asked for any more. */
  #settle(snapshot: Snapshot): void {
    const rows = [...followedRows(snapshot, "listed"), ...followedRows(snapshot, "left")];
    const settled = [...snapshot.gone, ...rows.filter(([, { isFinal }]) => isFinal).map(([key]) => key)];
    for (const { rows } of this.#viewers) for (const key of settled) rows.delete(key);
  }
}

function isKnown(snapshot: Snapshot, row: string): boolean {
  return followedRows(snapshot, "left").has(row) || snapshot.gone.includes(row);
}
