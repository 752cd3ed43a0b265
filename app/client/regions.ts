/**
 * Live regions of a page: elements with `data-live`. The server sends their HTML, or that of their rows, when it has changed
 * (`app/server/live/`); here it is put where it belongs. So only the server renders rows, and their code is never sent.
 *
 * In a region with rows (`data-row` names the subject of a row) nothing moves under a pointer or finger: present rows are updated in
 * place, and rows that have left the list stay. New rows and a new order wait behind a button with their number, which fetches them.
 *
 * @module
 */
import type { LiveRegion, LiveUpdate } from "../format/live_update.ts";
import { keepInPlace } from "./anchor.ts";
import { announceRow } from "./announce.ts";
import { renewKeys } from "./form_keys.ts";
import { hideMore, offerMore } from "./more.ts";
import { isInUse, patch } from "./patch.ts";

/** A row of the list itself, and any row, including those that have left it. */
const LISTED = ":not([data-left]) > [data-row]";
const ROW = "[data-row]";

/** The regions as the server has them, except for rows that are new since. */
const latest = new Map<string, HTMLElement>();
/** The keys of each list as the server has it. */
const listed = new Map<string, readonly string[]>();
/** Rows that are nowhere any more. */
let gone: ReadonlySet<string> = new Set();
/** Regions whose list is to be shown as the server has it, once it comes. */
const asked = new Set<string>();
/** Whether a part in use was left unchanged. */
let isLeftOver = false;
let askAgain: () => void = () => {};

/** Names the function that has the server send all regions. */
export function askBy(ask: () => void): void {
  askAgain = ask;
}

/** Whether a list waits for all that the server has of it. */
export function isAsking(): boolean {
  return asked.size > 0;
}

/** Brings the page up to date. */
export function applyUpdate({ regions, gone: missing }: LiveUpdate): void {
  for (const key of missing) gone = new Set([...gone, key]);
  for (const [name, region] of Object.entries(regions)) note(name, region);
  applyLatest();
}

/** The rows on the page that may still change, of lists whose rows can be asked for. */
export function openRows(): readonly string[] {
  const rows = document.querySelectorAll<HTMLElement>("[data-live][data-follow] [data-row]:not([data-final], .gone)");
  return [...rows].map(({ dataset }) => dataset.row ?? "");
}

/** Applies waiting updates once a part is no longer in use. Returns the function that stops it. */
export function applyWhenFree(): () => void {
  const later = () => isLeftOver && setTimeout(applyLatest);
  const events = ["focusout", "toggle", "selectionchange"];
  for (const name of events) document.addEventListener(name, later, true);
  return () => {
    for (const name of events) document.removeEventListener(name, later, true);
  };
}

/** Keeps what the server has sent of a region. */
function note(name: string, { html, rows = {}, keys }: LiveRegion): void {
  const whole = html === undefined ? null : elementOf(html);
  if (whole !== null) {
    latest.set(name, whole);
    listed.set(name, keysOf(whole, LISTED));
  }
  const region = latest.get(name);
  for (const [key, row] of Object.entries(rows)) {
    const fresh = elementOf(row);
    const old = region === undefined ? null : rowOf(region, key);
    if (fresh !== null) old?.replaceWith(fresh);
  }
  if (keys !== undefined) listed.set(name, keys);
}

function applyLatest(): void {
  isLeftOver = false;
  keepInPlace(() => {
    for (const [name, fresh] of latest) {
      const region = document.querySelector<HTMLElement>(`[data-live="${CSS.escape(name)}"]`);
      if (region === null) continue;
      if (asked.delete(name)) showAll(region, fresh);
      else if (region.querySelector(ROW) === null && fresh.querySelector(ROW) === null) {
        const change = () => patch(region, fresh);
        if (!(region.dataset.subject === undefined ? change() : announceRow(region, change))) isLeftOver = true;
      } else patchRows(name, region, fresh);
    }
  });
}

function patchRows(name: string, region: HTMLElement, fresh: HTMLElement): void {
  const updates = new Map([...fresh.querySelectorAll<HTMLElement>(ROW)].map((row) => [row.dataset.row ?? "", row]));
  const keys = listed.get(name) ?? [];
  for (const row of region.querySelectorAll<HTMLElement>(ROW)) {
    const key = row.dataset.row ?? "";
    const update = updates.get(key);
    const isLost = !keys.includes(key) && (gone.has(key) || region.dataset.follow === undefined);
    if (isLost) markGone(row);
    else if (update !== undefined && !announceRow(row, () => patch(row, update))) isLeftOver = true;
  }
  if (region.dataset.noun === undefined) return;
  const here = keysOf(region, LISTED);
  const added = keys.filter((key) => !here.includes(key)).length;
  const isResorted =
    here.filter((key) => keys.includes(key)).join() !== keys.filter((key) => here.includes(key)).join();
  if (added === 0 && !isResorted) return hideMore(region);
  offerMore(region, { added, isAll: added === keys.length && here.length > 0, isResorted }, () => {
    asked.add(name);
    askAgain();
  });
}

/** Shows a list as the server has it. */
function showAll(region: HTMLElement, fresh: HTMLElement): void {
  const whole = document.importNode(fresh, true);
  for (const part of whole.querySelectorAll("[data-left]")) part.remove();
  renewKeys(whole);
  region.replaceChildren(...whole.childNodes);
  hideMore(region);
  region.querySelector<HTMLElement>(`${ROW} a`)?.focus({ preventScroll: true });
}

/** A row whose subject has left for good stays in place and is marked. */
function markGone(row: HTMLElement): void {
  if (isInUse(row)) return;
  row.classList.add("gone");
  if (row.tagName === "FORM") row.inert = true;
  else row.title = "No longer there";
}

function elementOf(html: string): HTMLElement | null {
  const template = document.createElement("template");
  template.innerHTML = html;
  const [element] = template.content.children;
  return element instanceof HTMLElement ? element : null;
}

function rowOf(part: HTMLElement, key: string): HTMLElement | null {
  return part.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
}

function keysOf(part: HTMLElement, selector: string): readonly string[] {
  return [...part.querySelectorAll<HTMLElement>(selector)].map(({ dataset }) => dataset.row ?? "");
}
