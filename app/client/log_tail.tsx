import { render } from "preact";
import { GROUP_LINES, LogLines } from "../island_components/LogLines.tsx";
import { type LogLine, LogScreen, type LogState, type Output } from "../format/log_screen.ts";

/** Most groups of lines kept on the page; older ones go, and the link to earlier lines leads to them. */
const MAX_GROUPS = 100;
/** Most segments of different style on the page, for the same reason. */
const MAX_PAGE_SEGMENTS = 100_000;
/** How near to its end, in pixels, a log counts as being read at its end. */
const NEAR_PX = 32;

/**
 * The growing end of a log: lines go into groups below those the server drew, at most one drawing a frame, and the view stays at the
 * end unless the reader scrolls away from it.
 */
export class LogTail {
  readonly #box: HTMLElement;
  readonly #screen: LogScreen;
  readonly #onFollowing: (isFollowing: boolean) => void;
  #group: HTMLElement | null = null;
  #lines: LogLine[] = [];
  #isFollowing: boolean;
  #frame = 0;
  #top = 0;
  /** Whether lines were dropped between those on the page and those that wait. */
  #hasGap = false;

  /**
   * Takes over the log in `box`, which the server rendered up to `state`; `onFollowing` is called when the reader
   * scrolls away or back.
   */
  constructor(box: HTMLElement, state: LogState, onFollowing: (isFollowing: boolean) => void) {
    this.#box = box;
    this.#screen = new LogScreen(state);
    this.#onFollowing = onFollowing;
    this.#isFollowing = location.hash === "";
    if (this.#isFollowing) box.scrollTop = box.scrollHeight;
    onFollowing(this.#isFollowing);
    box.addEventListener("scroll", this.#onScroll, { passive: true });
  }

  /** The chunk to go on with. */
  get nextSeq(): number {
    return this.#screen.nextSeq;
  }

  /** Adds a chunk of output; `isShown`: or of a chunk of another stream, its line breaks alone. */
  add(chunk: Output, isShown: boolean): void {
    this.#lines.push(...(isShown ? this.#screen.feed(chunk) : this.#screen.skip(chunk)));
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Whether the view stays at the end from now on. */
  setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    if (isFollowing && this.#lines.length > 0) this.#draw();
    if (isFollowing) this.#box.scrollTop = this.#box.scrollHeight;
    this.#onFollowing(isFollowing);
  }

  /** Lets go of the page. */
  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#box.removeEventListener("scroll", this.#onScroll);
  }

  readonly #onScroll = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - NEAR_PX;
    // Only scrolling up is the reader's choice: the end also moves away when lines are laid out.
    const isFollowing = isAtEnd || (this.#isFollowing && scrollTop >= this.#top);
    this.#top = scrollTop;
    if (isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    this.#onFollowing(isFollowing);
    if (isFollowing && this.#lines.length > 0) this.#draw();
  };

  #draw(): void {
    this.#frame = 0;
    // Do not remove lines above those being read: new lines wait, and beyond one page of them the oldest are dropped.
    if (this.#lines.length > MAX_GROUPS * GROUP_LINES) {
      this.#lines = this.#lines.slice(-MAX_GROUPS * GROUP_LINES);
      this.#hasGap = true;
    }
    const groups = this.#box.getElementsByClassName("group");
    if (!this.#isFollowing && groups.length >= MAX_GROUPS) return;
    if (this.#hasGap) {
      for (const group of [...groups]) group.remove();
      this.#group = null;
    }
    this.#box.querySelector("[data-open]")?.remove();
    this.#box.querySelector("[data-empty]")?.remove();
    while (this.#lines.length > GROUP_LINES) {
      this.#fill(this.#lines.splice(0, GROUP_LINES));
      this.#group = null;
    }
    const { open } = this.#screen;
    this.#fill(open === null ? this.#lines : [...this.#lines, open]);
    this.#dropOld(groups);
    if (this.#hasGap) this.#leadToEarlier();
    this.#hasGap = false;
    if (this.#isFollowing) this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** Removes the oldest groups when there are too many, unless the reader has scrolled up. */
  #dropOld(groups: HTMLCollectionOf<Element>): void {
    if (!this.#isFollowing) return;
    let segments = this.#box.getElementsByTagName("b").length;
    for (const group of [...groups].slice(0, -1)) {
      if (groups.length <= MAX_GROUPS && segments <= MAX_PAGE_SEGMENTS) return;
      segments -= group.getElementsByTagName("b").length;
      group.remove();
      this.#leadToEarlier();
    }
  }

  /** Points the link above the log to the line before the first on the page. */
  #leadToEarlier(): void {
    const link = document.querySelector<HTMLAnchorElement>("a[data-earlier]");
    const first = Number(this.#box.querySelector(".ln[id]")?.id.slice(1));
    if (link === null || !(first > 1)) return;
    const url = new URL(link.href);
    url.searchParams.set("line", String(first - 1));
    url.hash = `L${first - 1}`;
    link.href = url.href;
    link.hidden = false;
  }

  #fill(lines: readonly LogLine[]): void {
    if (this.#group === null) {
      this.#group = document.createElement("div");
      this.#group.className = "group";
      this.#box.append(this.#group);
    }
    render(<LogLines lines={lines} />, this.#group);
  }
}
