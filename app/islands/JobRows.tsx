import { useEffect } from "preact/hooks";
import { countWhenSeen } from "../client/count_seen.ts";

/**
 * What script adds to a list of jobs: one menu for all rows, a box that selects the page, shift for ranges, and how many jobs match.
 * Everything else is the form's own.
 */
export default function JobRows(): null {
  useEffect(() => {
    const boxes = () => [...document.querySelectorAll<HTMLInputElement>(".cards tbody:not([hidden]) .pick input")];
    const all = document.querySelector<HTMLInputElement>("[data-select-all]");
    if (all?.parentElement !== null && all?.parentElement !== undefined) all.parentElement.hidden = false;
    for (const place of document.querySelectorAll<HTMLElement>("[data-matching]")) countWhenSeen(place);
    let anchor: HTMLInputElement | null = null;
    const onClick = (event: MouseEvent) => {
      const { target } = event;
      if (!(target instanceof Element)) return;
      const opener = target.closest<HTMLElement>("[data-menu]");
      if (opener !== null && !event.ctrlKey && !event.metaKey && !event.shiftKey && showMenu(opener)) {
        event.preventDefault();
        return;
      }
      if (!(target instanceof HTMLInputElement)) return;
      if (target === all) { for (const box of boxes()) box.checked = target.checked; }
      else if (target.closest(".pick") !== null) {
        if (event.shiftKey && anchor !== null) selectBetween(boxes(), anchor, target);
        anchor = target;
      } else return;
      if (all === null) return;
      const chosen = boxes().filter(({ checked }) => checked).length;
      all.checked = chosen > 0 && chosen === boxes().length;
      all.indeterminate = chosen > 0 && !all.checked;
    };
    document.addEventListener("click", onClick);
    return () => document.removeEventListener("click", onClick);
  }, []);
  return null;
}

/** Gives the boxes between two the state of the second. */
function selectBetween(boxes: readonly HTMLInputElement[], from: HTMLInputElement, to: HTMLInputElement): void {
  const [first = 0, last = 0] = [boxes.indexOf(from), boxes.indexOf(to)].toSorted((a, b) => a - b);
  for (const box of boxes.slice(Math.max(first, 0), last + 1)) box.checked = to.checked;
}

/** Shows the shared menu for the job of a row, below its opener. False: the page has none. */
function showMenu(opener: HTMLElement): boolean {
  const menu = document.getElementById("job-menu");
  if (menu === null || typeof menu.showPopover !== "function") return false;
  const { menu: id = "", may = "" } = opener.dataset;
  const address = ({ dataset: { path = "" } }: HTMLElement) => path.replace("{id}", id);
  for (const item of menu.querySelectorAll<HTMLElement>("[data-right]")) {
    item.hidden = !may.includes(item.dataset.right ?? "");
  }
  for (const link of menu.querySelectorAll<HTMLAnchorElement>("a[data-path]")) link.href = address(link);
  for (const form of menu.querySelectorAll<HTMLFormElement>("form[data-path]")) form.action = address(form);
  menu.showPopover();
  const { bottom, right, top } = opener.getBoundingClientRect();
  const isAbove = bottom + menu.offsetHeight > innerHeight && top > menu.offsetHeight;
  menu.style.top = `${isAbove ? top - menu.offsetHeight : bottom}px`;
  menu.style.left = `${Math.max(8, right - menu.offsetWidth)}px`;
  const onClosed = (event: Event) => {
    if (event instanceof ToggleEvent && event.newState === "closed") {
      menu.removeEventListener("toggle", onClosed);
      if (menu.contains(document.activeElement) || document.activeElement === document.body) opener.focus();
    }
  };
  menu.addEventListener("toggle", onClosed);
  menu.querySelector<HTMLElement>("li:not([hidden]) :is(a, button)")?.focus();
  return true;
}
