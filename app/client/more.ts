/**
 * The button above a live list that says what is new in it and shows it when it is pressed. The server draws the place for it, so
 * that its coming moves nothing.
 *
 * @module
 */

/** What a list has beyond what is on screen. */
export interface More {
  readonly added: number;
  /** Whether every row of the list is new, so that there may be more than one page of them. */
  readonly isAll: boolean;
  readonly isResorted: boolean;
}

/** Offers what is new in `region`; `show` brings it. */
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
  // Read out once, not with each number.
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

/** The parts of the button's place, which the server draws before the list; made where they are not there yet. */
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

/** Makes the place of each list's button beforehand: what is read out must be on the page before it has words. */
export function prepareMore(): void {
  for (const region of document.querySelectorAll<HTMLElement>("[data-live][data-noun]")) partsOf(region);
}
