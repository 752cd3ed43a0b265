/**
 * Live parts of a page: elements with `data-live`. When something changed, the page is fetched again and each part is put in place
 * of the old one. So the server's rendering is the only one, and the code of rows is never sent.
 *
 * A part that is in use (under the pointer, with the focus, a selection or an open `<details>`) keeps its rows where they are: only
 * the cells of rows that it already has are refreshed, except those in use themselves. The rest follows when the use ends.
 *
 * @module
 */

let waiting: Document | null = null;
let isFetching = false;
let isStale = false;

/** Fetches the page again and refreshes its live parts; calls while it does so are joined into one more round. */
export async function refreshRegions(): Promise<void> {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  try {
    while (isStale) {
      isStale = false;
      const response = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!response.ok) return;
      waiting = new DOMParser().parseFromString(await response.text(), "text/html");
      applyWaiting();
    }
  } catch {
    // The stream says that the connection is gone, and refreshes when it is back.
  } finally {
    isFetching = false;
  }
}

/** Puts what was fetched into the parts that are not in use. */
export function applyWaiting(): void {
  if (waiting === null) return;
  let isComplete = true;
  for (const region of document.querySelectorAll<HTMLElement>("[data-live]")) {
    const fresh = waiting.querySelector<HTMLElement>(`[data-live="${CSS.escape(region.dataset.live ?? "")}"]`);
    if (fresh === null) continue;
    if (isInUse(region)) {
      refreshCells(region, fresh);
      isComplete = false;
    } else region.replaceChildren(...document.adoptNode(fresh).childNodes);
  }
  if (isComplete) waiting = null;
}

/** Applies what waits as soon as a part is no longer in use. Returns the function that stops it. */
export function applyWhenFree(): () => void {
  const later = () => setTimeout(applyWaiting);
  const events = ["pointerout", "focusout", "toggle", "selectionchange"];
  for (const name of events) document.addEventListener(name, later, true);
  return () => {
    for (const name of events) document.removeEventListener(name, later, true);
  };
}

function refreshCells(region: HTMLElement, fresh: HTMLElement): void {
  const rows = new Map(Array.from(fresh.querySelectorAll("tbody > tr"), (row) => [keyOf(row), row]));
  for (const row of region.querySelectorAll("tbody > tr")) {
    const cells = rows.get(keyOf(row))?.children ?? [];
    for (const [i, cell] of [...row.children].entries()) {
      const update = cells[i];
      if (update === undefined || update.innerHTML === cell.innerHTML || isInUse(cell)) continue;
      cell.replaceChildren(...document.importNode(update, true).childNodes);
    }
  }
}

/** What a row is about: where its first link leads. */
function keyOf(row: Element): string {
  return row.querySelector("a")?.getAttribute("href") ?? "";
}

function isInUse(part: Element): boolean {
  const isPointed = matchMedia("(hover: hover)").matches && part.matches(":hover");
  const selection = getSelection();
  const isSelected = selection !== null && !selection.isCollapsed && selection.containsNode(part, true);
  return isPointed || isSelected || part.contains(document.activeElement) ||
    part.querySelector("details[open]") !== null;
}
