/**
 * Live parts of a page: elements with `data-live`. After a change, the page is fetched again and each part is
 * updated in place. So only the server renders rows, and their code is never sent.
 *
 * In a part with rows (`data-row` names the subject of a row) nothing moves under a pointer or finger: present rows
 * are updated in place, and rows that have left the list stay. New rows and a new order wait behind a button with
 * their number. The page asks for rows that have left its list by `?also=`.
 *
 * @module
 */
import { keepInPlace } from "./anchor.ts";
import { isInUse, patch } from "./patch.ts";
import { hideMore, offerMore } from "./more.ts";

/** A row of the list itself, and any row, including those that have left it. */
const LISTED = ":not([data-left]) > [data-row]";
const ROW = "[data-row]";

/** How long the server may take for a page, in milliseconds. */
const PATIENCE_MS = 20_000;

let waiting: Document | null = null;
let isFetching = false;
let isStale = false;
/** Whether a part in use was left unchanged. */
let isLeftOver = false;
/** Rows on the page that have left the list. */
let left: ReadonlySet<string> = new Set();

/** Fetches the page again and refreshes its live parts; calls during that lead to one more round. */
export async function refreshRegions(): Promise<void> {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  try {
    while (isStale) {
      isStale = false;
      const asked = left;
      const response = await fetch(addressWith(asked), {
        headers: { accept: "text/html" },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (!response.ok) return;
      waiting = new DOMParser().parseFromString(await response.text(), "text/html");
      left = leftBehind(waiting);
      // Ask at once for a row that has just left the list, so that it shows its current state.
      if ([...left].some((key) => !asked.has(key))) isStale = true;
      else applyWaiting();
    }
  } catch {
    // The stream says that the connection is gone, and refreshes when it is back.
  } finally {
    isFetching = false;
  }
}

/** Updates the parts with the fetched page; parts in use later. */
export function applyWaiting(): void {
  const doc = waiting;
  if (doc === null) return;
  isLeftOver = false;
  keepInPlace(() => {
    for (const region of document.querySelectorAll<HTMLElement>("[data-live]")) {
      const fresh = counterpart(region, doc);
      if (fresh === null) continue;
      if (region.querySelector(ROW) === null && fresh.querySelector(ROW) === null) {
        if (!patch(region, fresh)) isLeftOver = true;
      } else patchRows(region, fresh);
    }
  });
}

/** Applies waiting updates once a part is no longer in use. Returns the function that stops it. */
export function applyWhenFree(): () => void {
  const later = () => isLeftOver && setTimeout(applyWaiting);
  const events = ["focusout", "toggle", "selectionchange"];
  for (const name of events) document.addEventListener(name, later, true);
  return () => {
    for (const name of events) document.removeEventListener(name, later, true);
  };
}

function patchRows(region: HTMLElement, fresh: HTMLElement): void {
  const updates = new Map(rowsOf(fresh, ROW).map((row) => [row.dataset.row ?? "", row]));
  const rows = rowsOf(region, ROW);
  for (const row of rows) {
    const update = updates.get(row.dataset.row ?? "");
    if (update !== undefined) {
      if (!patch(row, update)) isLeftOver = true;
    } else if (!isInUse(row)) markGone(row);
  }
  const here = rowsOf(region, LISTED).map((row) => row.dataset.row);
  const listed = rowsOf(fresh, LISTED).map((row) => row.dataset.row);
  const added = listed.filter((key) => !here.includes(key)).length;
  const [stayed, order] = [here.filter((key) => listed.includes(key)), listed.filter((key) => here.includes(key))];
  const isResorted = stayed.join() !== order.join();
  if (region.dataset.noun === undefined) return;
  if (added === 0 && !isResorted) hideMore(region);
  else {
    offerMore(region, { added, isAll: added === listed.length && here.length > 0, isResorted }, () => {
      const latest = waiting === null ? null : counterpart(region, waiting);
      if (latest === null) return;
      for (const part of latest.querySelectorAll("[data-left]")) part.remove();
      region.replaceChildren(...document.importNode(latest, true).childNodes);
      left = new Set();
    });
  }
}

/** A row whose subject was deleted stays in place and is marked. */
function markGone(row: HTMLElement): void {
  row.classList.add("gone");
  if (row.tagName === "FORM") row.inert = true;
  else row.title = "No longer there";
}

function leftBehind(doc: Document): ReadonlySet<string> {
  const keys: string[] = [];
  for (const region of document.querySelectorAll<HTMLElement>("[data-live][data-noun]")) {
    const fresh = counterpart(region, doc);
    const listed = new Set(fresh === null ? [] : rowsOf(fresh, LISTED).map((row) => row.dataset.row));
    for (const { dataset: { row = "" } } of rowsOf(region, LISTED)) if (!listed.has(row)) keys.push(row);
  }
  return new Set(keys);
}

function addressWith(also: ReadonlySet<string>): URL {
  const url = new URL(location.href);
  if (also.size > 0) url.searchParams.set("also", [...also].join());
  return url;
}

function counterpart(region: HTMLElement, doc: Document): HTMLElement | null {
  return doc.querySelector<HTMLElement>(`[data-live="${CSS.escape(region.dataset.live ?? "")}"]`);
}

function rowsOf(part: HTMLElement, selector: string): readonly HTMLElement[] {
  return [...part.querySelectorAll<HTMLElement>(selector)];
}
