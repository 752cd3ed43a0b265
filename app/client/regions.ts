/**
 * Live parts of a page: elements with `data-live`. When something changed, the page is fetched again and each part whose HTML is
 * another is put in place of the old one. So the server's rendering is the only one, and the code of rows is never sent.
 *
 * A part under the pointer, with the focus or with an open `<details>` is left alone until that ends: rows never move away from a
 * click.
 *
 * @module
 */

const applied = new Map<string, string>();
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
    const key = region.dataset.live ?? "";
    const fresh = waiting.querySelector<HTMLElement>(`[data-live="${CSS.escape(key)}"]`);
    if (fresh === null || applied.get(key) === fresh.innerHTML) continue;
    if (isInUse(region)) isComplete = false;
    else {
      applied.set(key, fresh.innerHTML);
      region.replaceChildren(...document.adoptNode(fresh).childNodes);
    }
  }
  if (isComplete) waiting = null;
}

function isInUse(region: HTMLElement): boolean {
  const isPointed = matchMedia("(hover: hover)").matches && region.matches(":hover");
  return isPointed || region.contains(document.activeElement) || region.querySelector("details[open]") !== null;
}
