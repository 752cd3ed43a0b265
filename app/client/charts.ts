/**
 * Reading a chart bar by bar. A chart is a drawing of the server with the role of a slider, and one tab stop; charts in the rows of a
 * table are one tab stop together. A bar is what has a `<title>`. Its words become the value of the slider, which screen readers read
 * out, and stand above the bar, because neither keys nor fingers make a browser show a title.
 *
 * @module
 */

const CHART = "svg[role=slider]";
/** How near to the edge of the window the words come, in pixels. */
const EDGE_PX = 8;

/** The bar that is read, and its words. */
let bar: Element | null = null;
let words: HTMLElement | null = null;

/** Left and right move by a bar, Home and End to the ends, up and down to another row of a table; Escape ends the reading. */
export function readByKey(key: string): void {
  // Keys pressed while this was loading come one after another: each is for the row that the one before led to.
  const chart = document.activeElement;
  if (chart === null || !chart.matches(CHART)) return;
  if (key === "Escape") return leave();
  const step = key === "ArrowRight" || key === "ArrowUp" ? 1 : -1;
  const rows = [...chart.closest("table")?.querySelectorAll<SVGElement>(CHART) ?? []];
  if (rows.length > 1 && (key === "ArrowUp" || key === "ArrowDown")) {
    const next = rows[rows.findIndex((row) => row === chart) - step];
    for (const row of next === undefined ? [] : rows) row.tabIndex = row === next ? 0 : -1;
    return next?.focus();
  }
  const bars = barsOf(chart);
  const last = bars.length - 1;
  const at = bars.findIndex((one) => one === bar);
  const isFirst = key === "Home" || at < 0 && step > 0;
  const isLast = key === "End" || at < 0;
  read(chart, bars, isFirst ? 0 : isLast ? last : Math.min(Math.max(at + step, 0), last));
}

/** Reads the bar nearest to where somebody pressed; `x` is in pixels of the window. */
export function readAt(chart: Element, x: number): void {
  const bars = barsOf(chart);
  const distances = bars.map((one) => {
    const { left, right } = one.getBoundingClientRect();
    return Math.max(left - x, x - right, 0);
  });
  read(chart, bars, distances.indexOf(Math.min(...distances)));
}

/** The bars of a chart, from left to right. */
function barsOf(chart: Element): readonly Element[] {
  return [...chart.querySelectorAll(":scope :has(> title)")]
    .map((one) => ({ one, left: one.getBoundingClientRect().left }))
    .sort((a, b) => a.left - b.left).map(({ one }) => one);
}

function read(chart: Element, bars: readonly Element[], at: number): void {
  leave();
  bar = bars[at] ?? null;
  if (bar === null) return;
  const text = bar.querySelector("title")?.textContent ?? "";
  bar.classList.add("at");
  chart.ariaValueNow = `${at + 1}`;
  chart.ariaValueMax = `${bars.length}`;
  chart.ariaValueText = text;
  show(text);
  chart.addEventListener("focusout", leave, { once: true });
}

/** Writes the words above the bar. */
function show(text: string): void {
  words = document.createElement("div");
  words.className = "bar-words";
  words.ariaHidden = "true";
  words.textContent = text;
  document.body.append(words);
  addEventListener("scroll", place, { capture: true, passive: true });
  place();
}

/** Puts the words where the bar is, inside the window. */
function place(): void {
  if (bar === null || words === null) return;
  const { left, width, top } = bar.getBoundingClientRect();
  const { offsetWidth, offsetHeight, style } = words;
  const furthest = innerWidth - offsetWidth - EDGE_PX;
  style.left = `${Math.max(EDGE_PX, Math.min(left + (width - offsetWidth) / 2, furthest))}px`;
  style.top = `${Math.max(EDGE_PX, top - offsetHeight - EDGE_PX)}px`;
}

function leave(): void {
  bar?.classList.remove("at");
  words?.remove();
  bar = words = null;
  removeEventListener("scroll", place, { capture: true });
}
