/**
 * Brings an element up to date in place: what a person points at, has focused or has selected stays the element it is.
 *
 * @module
 */

/** How long a button that has come to do something else takes no press, in milliseconds: the finger may be on its way. */
const TURNED_MS = 1000;

/** Makes `old` and what is in it as `fresh` is. False: a part that is in use was left as it is, for a later call. */
export function patch(old: Element, fresh: Element): boolean {
  if (old.isEqualNode(fresh) || isSameTime(old, fresh)) return true;
  if (old.tagName === "FORM" && old.getAttribute("action") !== fresh.getAttribute("action")) {
    if (isInUse(old)) return false;
    rest(old);
  }
  patchAttributes(old, fresh);
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  const isAlike = before.length === after.length &&
    before.every((node, i) => node.nodeName === after[i]?.nodeName);
  if (isAlike) return before.map((node, i) => patchNode(node, after[i])).every((isDone) => isDone);
  if (isInUse(old)) return false;
  old.replaceChildren(...after.map((node) => document.importNode(node, true)));
  return true;
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

/** The words for a time that has not changed are the page's to keep. */
function isSameTime(old: Element, fresh: Element): boolean {
  return old instanceof HTMLTimeElement && old.dateTime === fresh.getAttribute("datetime");
}

function patchAttributes(old: Element, fresh: Element): void {
  for (const { name } of [...old.attributes]) {
    // What a person opened stays open, and a button at rest rests.
    if (!fresh.hasAttribute(name) && name !== "open" && name !== "inert") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

function rest(form: Element): void {
  form.toggleAttribute("inert", true);
  setTimeout(() => form.toggleAttribute("inert", false), TURNED_MS);
}
