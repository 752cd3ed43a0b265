import { keepInPlace } from "./anchor.ts";
import { elapsedTime } from "../format/elapsed.ts";
import { relativeTime } from "../format/relative.ts";

/** Keeps the times that go by fresh, twice a second while the page is visible. Returns the function that stops it. */
export function refreshTimes(): () => void {
  const aheadMs = serverAheadMs();
  const refresh = () => {
    if (document.hidden) return;
    const now = Date.now() + aheadMs;
    const times = [...document.querySelectorAll<HTMLTimeElement>("time:is([data-relative], [data-running])")]
      .map((element) => ({ element, text: textOf(element, now) }))
      .filter(({ element, text }) => element.textContent !== text);
    if (times.length === 0) return;
    // Longer words may need another line.
    keepInPlace(() => {
      for (const { element, text } of times) element.textContent = text;
    });
  };
  const timer = setInterval(refresh, 500);
  return () => clearInterval(timer);
}

function textOf({ dateTime, dataset }: HTMLTimeElement, now: number): string {
  const at = Date.parse(dateTime);
  return dataset.running === undefined ? relativeTime(at, now) : elapsedTime(now - at);
}

/**
 * How far the server's clock is ahead of this machine's. The age of a page from the browser's cache (back, a
 * restored tab) is unknown, so its times use this machine's clock.
 */
function serverAheadMs(): number {
  const drawnAt = Number(document.documentElement.dataset.now);
  const [loading] = performance.getEntriesByType("navigation");
  if (!(loading instanceof PerformanceNavigationTiming) || loading.transferSize === 0 || Number.isNaN(drawnAt)) {
    return 0;
  }
  return drawnAt - (performance.timeOrigin + loading.responseStart);
}
