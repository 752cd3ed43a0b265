/**
 * Tells people who cannot see the page what has changed on it: one polite status region for the whole page, and not each change at
 * once, because a list of a busy system changes all the time.
 *
 * @module
 */

/** How long news are gathered before they are read out, in milliseconds. */
const GATHER_MS = 1500;
/** Most sentences read out at once; the others are counted. */
const MOST = 3;

const news: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Has a sentence read out, with others that come soon. */
export function announce(sentence: string): void {
  if (!news.includes(sentence)) news.push(sentence);
  timer ??= setTimeout(() => {
    timer = undefined;
    const all = news.splice(0);
    const others = all.length - MOST;
    const text = [...all.slice(0, MOST), ...(others > 0 ? [`${others} more changes.`] : [])].join(" ");
    for (const place of document.querySelectorAll("[data-announce]")) place.textContent = text;
  }, GATHER_MS);
}

/**
 * Changes a row, or another part of the page with a state, and has its new state read out if it has one: with the name in
 * `data-subject`, or that which stands in it. Answers what `change` does.
 */
export function announceRow<Answer>(row: HTMLElement, change: () => Answer): Answer {
  const before = stateOf(row);
  const answer = change();
  const after = stateOf(row);
  if (after !== "" && after !== before) announce(`${nameOf(row)}: ${after}.`);
  return answer;
}

function stateOf(row: HTMLElement): string {
  return row.querySelector(".state, .sign")?.textContent.trim() ?? "";
}

function nameOf(row: HTMLElement): string {
  if (row.dataset.subject !== undefined) return row.dataset.subject;
  const names = [...row.querySelectorAll(".name")].map(({ textContent }) => textContent.trim());
  return names.join(" ") || row.querySelector("a")?.textContent.trim() || "A row";
}
