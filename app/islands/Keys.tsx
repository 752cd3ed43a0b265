import { useEffect } from "preact/hooks";

const PLACES: Readonly<Record<string, string>> = { j: "/jobs", r: "/runs", w: "/workers" };
const TYPING = "input, textarea, select, [contenteditable]";

/**
 * Keyboard shortcuts, off while typing: `?` opens the help, `/` goes to the filter, `g` then `j`, `r` or `w` opens a list, `j` and
 * `k` move down and up a list. Any other key clicks the element whose `data-key` names it.
 */
export default function Keys(): null {
  useEffect(() => {
    let isGoing = false;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(TYPING)) return;
      const { key } = event;
      const place = isGoing ? PLACES[key] : undefined;
      isGoing = key === "g";
      const named = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
      const filter = document.querySelector<HTMLElement>("[data-filter]");
      if (place !== undefined) location.assign(place);
      else if (key === "?") location.assign("/help");
      else if (key === "/" && filter !== null) filter.focus();
      else if (key === "j" || key === "k") moveInList(key === "j" ? 1 : -1);
      else if (named !== null) named.click();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return null;
}

/** Moves the focus to the first link of another row. */
function moveInList(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(".cards tbody th a")];
  const row = document.activeElement?.closest("tr");
  const at = links.findIndex((link) => row?.contains(link));
  links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}
