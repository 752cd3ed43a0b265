/**
 * The button above a live list that counts new rows and shows them when pressed. The page reserves its place, an element with
 * `data-news` that names the region, or the element `.more` before it; so nothing moves when it appears.
 *
 * @module
 */
import { announce } from "./announce.ts";

/** The rows of a list that are not on screen yet. */
export interface More {
  readonly added: number;
  /** Whether every row of the list is new, so that there may be more than one page of them. */
  readonly isAll: boolean;
  readonly isResorted: boolean;
}

/** Offers the new rows of `region`; `show` brings them. */
export function offerMore(region: HTMLElement, more: More, show: () => void): void {
  const place = placeOf(region);
  if (place === null) return;
  const known = buttonOf(place);
  const button = known ?? document.createElement("button");
  const words = wordsOf(more, region.dataset.noun ?? "row");
  button.onclick = () => {
    show();
    announce("The list is up to date.");
    if (region.getBoundingClientRect().top < 0) place.scrollIntoView();
  };
  if (button.textContent !== `${words}. Show`) button.textContent = `${words}. Show`;
  if (known !== null) return;
  // Announce it once, not for each number.
  announce(`${words}.`);
  button.type = "button";
  button.className = "fresh";
  button.dataset.key = "n";
  place.append(button);
}

/** Takes the offer back. */
export function hideMore(region: HTMLElement): void {
  const place = placeOf(region);
  if (place !== null) buttonOf(place)?.remove();
}

function wordsOf({ added, isAll, isResorted }: More, noun: string): string {
  const news = added === 0 ? [] : [`${added}${isAll ? "+" : ""} new ${noun}${added === 1 ? "" : "s"}`];
  const words = [...news, ...(isResorted ? ["the order changed"] : [])].join("; ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function placeOf(region: HTMLElement): HTMLElement | null {
  const named = document.querySelector<HTMLElement>(`[data-news="${CSS.escape(region.dataset.live ?? "")}"]`);
  const before = region.previousElementSibling;
  return named ?? (before instanceof HTMLElement && before.classList.contains("more") ? before : null);
}

function buttonOf(place: HTMLElement): HTMLButtonElement | null {
  return place.querySelector<HTMLButtonElement>("button.fresh");
}
