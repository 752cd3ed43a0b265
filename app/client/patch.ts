/**
 * Updates an element in place: elements that a person points at, has focused or has selected stay the same elements.
 *
 * @module
 */

import { KEYS, renewKeys } from "./form_keys.ts";

/** How long a button whose action has changed ignores presses, in milliseconds: a finger may already be on its way. */
const TURNED_MS = 1000;

/** Makes `old` and its content equal to `fresh`. False: a part in use was left unchanged for a later call. */
export function patch(old: Element, fresh: Element): boolean {
  if (old.isEqualNode(fresh) || isSameTime(old, fresh) || isKept(old)) return true;
  if (old.tagName === "FORM" && old.getAttribute("action") !== fresh.getAttribute("action")) {
    if (isInUse(old)) return false;
    rest(old);
  }
  patchAttributes(old, fresh);
  const [before, after] = [partsOf(old), partsOf(fresh)];
  const isAlike = before.length === after.length &&
    before.every((node, i) => node.nodeName === after[i]?.nodeName);
  if (isAlike) return before.map((node, i) => patchNode(node, after[i])).every((isDone) => isDone);
  if (isInUse(old)) return false;
  old.replaceChildren(...after.map((node) => document.importNode(node, true)));
  renewKeys(old);
  return true;
}

/** The content of an element; comments only mark islands. */
function partsOf(element: Element): readonly ChildNode[] {
  return [...element.childNodes].filter((node) => node.nodeType !== Node.COMMENT_NODE);
}

/** Whether an element is its page's own, of which updates know nothing. */
function isKept(element: Element): boolean {
  return element.hasAttribute("data-keep");
}

/** Whether a part holds the focus, a selection or an open `<details>`. */
export function isInUse(part: Node): boolean {
  const selection = getSelection();
  const isSelected = selection !== null && !selection.isCollapsed && selection.containsNode(part, true);
  return isSelected || part.contains(document.activeElement) ||
    (part instanceof Element && part.querySelector("details[open]") !== null);
}

function patchNode(old: Node, fresh: Node | undefined): boolean {
  if (old instanceof Element && fresh instanceof Element) return patch(old, fresh);
  if (fresh === undefined || old.nodeValue === fresh.nodeValue) return true;
  if (isInUse(old)) return false;
  old.nodeValue = fresh.nodeValue;
  return true;
}

/** Keep the page's words for a time that has not changed. */
function isSameTime(old: Element, fresh: Element): boolean {
  return old instanceof HTMLTimeElement && old.dateTime === fresh.getAttribute("datetime");
}

function patchAttributes(old: Element, fresh: Element): void {
  for (const { name } of [...old.attributes]) {
    // Keep what a person opened open, and an ignoring button ignoring.
    if (!fresh.hasAttribute(name) && name !== "open" && name !== "inert") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    // An idempotency key stays: the server has drawn one for everybody.
    if (name === "value" && old.matches(KEYS)) continue;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function rest(form: Element): void {
  form.toggleAttribute("inert", true);
  setTimeout(() => form.toggleAttribute("inert", false), TURNED_MS);
}
