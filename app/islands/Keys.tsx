import { useEffect } from "preact/hooks";

const PLACES: Readonly<Record<string, string>> = { j: "/jobs", r: "/runs", w: "/workers" };
const TYPING = "input, textarea, select, [contenteditable]";

/** Single keys that steer the pages: `?` help, `/` the filter, `g` then `j`, `r` or `w` to go. Off while typing. */
export default function Keys(): null {
  useEffect(() => {
    let isGoing = false;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(TYPING)) return;
      const place = isGoing ? PLACES[event.key] : undefined;
      isGoing = event.key === "g";
      const filter = document.querySelector<HTMLInputElement>("[data-filter]");
      if (place !== undefined) location.assign(place);
      else if (event.key === "?") location.assign("/help");
      else if (event.key === "/" && filter !== null) filter.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return null;
}
