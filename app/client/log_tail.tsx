import { render } from "preact";
import { GROUP_LINES, LogLines } from "../components/LogLines.tsx";
import { type LogLine, LogScreen, type LogState, type Output } from "../format/log_screen.ts";

/** Most groups of lines kept on the page; older ones go, and the link to earlier lines brings them back. */
const MAX_GROUPS = 100;
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

  /** Takes over the log in `box`, whose rendering ended at `state`; `onFollowing` hears when the reader scrolls away or back. */
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

  /** Adds a chunk of output. */
  add(chunk: Output): void {
    this.#lines.push(...this.#screen.feed(chunk));
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Stays at the end from now on, or no longer. */
  setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
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
    // Only moving up is the reader's will: the end also moves away by itself when lines are laid out.
    const isFollowing = isAtEnd || (this.#isFollowing && scrollTop >= this.#top);
    this.#top = scrollTop;
    if (isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    this.#onFollowing(isFollowing);
  };

  #draw(): void {
    this.#frame = 0;
    this.#box.querySelector("[data-open]")?.remove();
    this.#box.querySelector("[data-empty]")?.remove();
    while (this.#lines.length > GROUP_LINES) {
      this.#fill(this.#lines.splice(0, GROUP_LINES));
      this.#group = null;
    }
    const { open } = this.#screen;
    this.#fill(open === null ? this.#lines : [...this.#lines, open]);
    const groups = this.#box.querySelectorAll(".group");
    for (let i = 0; i < groups.length - MAX_GROUPS; i++) groups[i]?.remove();
    if (this.#isFollowing) this.#box.scrollTop = this.#box.scrollHeight;
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
