/**
 * The button above a live list that counts new rows and shows them when pressed. The server reserves its space, so
 * that nothing moves when it appears.
 *
 * @module
 */

/** The rows of a list that are not on screen yet. */
export interface More {
  readonly added: number;
  /** Whether every row of the list is new, so that there may be more than one page of them. */
  readonly isAll: boolean;
  readonly isResorted: boolean;
}

/** Offers the new rows of `region`; `show` brings them. */
export function offerMore(region: HTMLElement, more: More, show: () => void): void {
  const parts = partsOf(region);
  if (parts === null) return;
  const { place, button, status } = parts;
  button.onclick = () => {
    show();
    hideMore(region);
    status.textContent = "The list is up to date.";
    region.querySelector<HTMLElement>("tbody a")?.focus({ preventScroll: true });
    if (region.getBoundingClientRect().top < 0) place.scrollIntoView();
  };
  const words = wordsOf(more, region.dataset.noun ?? "row");
  button.textContent = `${words}. Show`;
  // Announce it once, not for each number.
  if (button.hidden) status.textContent = `${words}.`;
  button.hidden = false;
  button.dataset.key = "n";
}

/** Takes the offer back. */
export function hideMore(region: HTMLElement): void {
  const button = partsOf(region)?.button;
  if (button === undefined) return;
  button.hidden = true;
  delete button.dataset.key;
}

function wordsOf({ added, isAll, isResorted }: More, noun: string): string {
  const news = added === 0 ? [] : [`${added}${isAll ? "+" : ""} new ${noun}${added === 1 ? "" : "s"}`];
  const words = [...news, ...(isResorted ? ["the order changed"] : [])].join("; ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface Parts {
  readonly place: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly status: HTMLElement;
}

/** The elements around the button, which the server draws before the list; created if missing. */
function partsOf(region: HTMLElement): Parts | null {
  const place = region.previousElementSibling;
  if (!(place instanceof HTMLElement) || !place.classList.contains("more")) return null;
  const button = place.querySelector("button") ?? document.createElement("button");
  const status = place.querySelector<HTMLElement>("[data-news]") ?? document.createElement("span");
  if (!button.isConnected) {
    button.type = "button";
    button.hidden = true;
    status.className = "sr";
    status.role = "status";
    status.dataset.news = "";
    place.append(button, status);
  }
  return { place, button, status };
}

/** Creates the elements of each list's button beforehand: a live region must be on the page before it gets its text. */
export function prepareMore(): void {
  for (const region of document.querySelectorAll<HTMLElement>("[data-live][data-noun]")) partsOf(region);
}
