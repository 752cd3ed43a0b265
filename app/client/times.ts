import { relativeTime } from "../format/relative.ts";

/** Keeps the relative times of the page fresh, twice a second while it is visible. Returns the function that stops it. */
export function refreshTimes(): () => void {
  const refresh = () => {
    if (document.hidden) return;
    const now = Date.now();
    for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
      const text = relativeTime(Date.parse(element.dateTime), now);
      if (element.textContent !== text) element.textContent = text;
    }
  };
  const timer = setInterval(refresh, 500);
  return () => clearInterval(timer);
}
