/**
 * The button above a live list that says what is new in it and shows it when it is pressed. It takes no room of its own, so that
 * its coming moves nothing.
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
  const { place, button, status } = partsOf(region);
  button.onclick = () => {
    show();
    hideMore(region);
    status.textContent = "The list is up to date.";
    region.querySelector<HTMLElement>("tbody a")?.focus({ preventScroll: true });
    if (region.getBoundingClientRect().top < 0) place.scrollIntoView();
  };
  const text = `${wordsOf(more, region.dataset.noun ?? "row")}. Show`;
  if (button.textContent !== text) button.textContent = text;
  // Read out once, not with each number.
  if (button.hidden) status.textContent = `${wordsOf(more, region.dataset.noun ?? "row")}.`;
  button.hidden = false;
  button.dataset.key = "n";
}

/** Takes the offer back. */
export function hideMore(region: HTMLElement): void {
  const place = placeOf(region);
  if (place === null) return;
  const { button } = partsOf(region);
  button.hidden = true;
  delete button.dataset.key;
}

function wordsOf({ added, isAll, isResorted }: More, noun: string): string {
  const news = added === 0 ? [] : [`${added}${isAll ? "+" : ""} new ${noun}${added === 1 ? "" : "s"}`];
  const words = [...news, ...(isResorted ? ["the order changed"] : [])].join("; ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function placeOf(region: HTMLElement): HTMLElement | null {
  const { previousElementSibling: before } = region;
  return before instanceof HTMLElement && before.classList.contains("more") ? before : null;
}

function partsOf(region: HTMLElement): {
  readonly place: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly status: HTMLElement;
} {
  const place = placeOf(region) ?? document.createElement("div");
  if (!place.isConnected) {
    place.className = "more";
    region.before(place);
  }
  const button = place.querySelector("button") ?? document.createElement("button");
  const status = place.querySelector<HTMLElement>("[role=status]") ?? document.createElement("span");
  if (!button.isConnected) {
    button.type = "button";
    button.hidden = true;
    status.className = "sr";
    status.role = "status";
    place.append(button, status);
  }
  return { place, button, status };
}

/** Makes the place of each list's button beforehand: what is read out must be on the page before it has words. */
export function prepareMore(): void {
  for (const region of document.querySelectorAll<HTMLElement>("[data-live][data-noun]")) partsOf(region);
}
