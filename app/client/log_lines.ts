/**
 * The lines that the address names: `#L120`, or `#L120-L140`. They are highlighted and brought into the middle of the log; a click on
 * a number with shift extends them.
 *
 * @module
 */

/** First and last line, in order. */
export type LineRange = readonly [first: number, last: number];

/** Most lines that are highlighted. */
const MAX_LINES = 20_000;

/** The lines that a hash names; null: it names none. */
export function linesOf(hash: string): LineRange | null {
  const [, from = "", to = from] = /^#L([1-9]\d{0,8})(?:-L([1-9]\d{0,8}))?$/.exec(hash) ?? [];
  if (from === "") return null;
  const [a, b] = [Number(from), Number(to)];
  return a <= b ? [a, b] : [b, a];
}

/** The hash that names some lines. */
export function hashOf([first, last]: LineRange): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}

/** Shows the lines that the address names, now and whenever it changes. Returns the function that stops it. */
export function showNamedLines(box: HTMLElement): () => void {
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href^='#L']") : null;
    const clicked = link === null ? null : linesOf(link.hash);
    const named = linesOf(location.hash);
    if (!event.shiftKey || clicked === null || named === null) return;
    event.preventDefault();
    const [at] = clicked;
    history.replaceState(null, "", hashOf(at < named[0] ? [at, named[0]] : [named[0], at]));
    highlight(box);
  };
  const onHash = () => show(box);
  show(box);
  addEventListener("hashchange", onHash);
  box.addEventListener("click", onClick);
  return () => {
    removeEventListener("hashchange", onHash);
    box.removeEventListener("click", onClick);
  };
}

/** The text of the lines that the address names, of those on the page all where it names none. */
export function textOfLines(box: HTMLElement): string {
  const picked = box.querySelectorAll(".picked > span");
  const rows = picked.length > 0 ? picked : box.querySelectorAll(".ln > span");
  return [...rows].map((row) => row.textContent?.replace(/\n$/, "")).join("\n");
}

function show(box: HTMLElement): void {
  const named = linesOf(location.hash);
  highlight(box);
  if (named === null) return;
  const [first] = named;
  const line = document.getElementById(`L${first}`);
  if (line !== null) {
    // Groups off screen have their true height only once they were laid out: bring it to the middle again.
    const center = () => line.scrollIntoView({ block: "center", behavior: "instant" });
    center();
    requestAnimationFrame(center);
    return;
  }
  const url = new URL(location.href);
  if (url.searchParams.get("line") === String(first)) return;
  url.searchParams.set("line", String(first));
  location.replace(url);
}

function highlight(box: HTMLElement): void {
  for (const line of box.querySelectorAll(".picked")) line.classList.remove("picked");
  const named = linesOf(location.hash);
  if (named === null) return;
  const [first, last] = named;
  for (let n = first; n <= Math.min(last, first + MAX_LINES); n++) {
    document.getElementById(`L${n}`)?.classList.add("picked");
  }
}
