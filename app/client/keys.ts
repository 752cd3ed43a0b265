/** Where `g` and another key lead; only places that the page's navigation has. */
const PLACES: Readonly<Record<string, string>> = {
  j: "/jobs",
  r: "/runs",
  w: "/workers",
  q: "/queue",
  s: "/statistics",
  o: "/",
  t: "/timeline",
};

/** What a key does to the job of the focused row, else of the page: it presses what stands there. */
const ACTIONS: Readonly<Record<string, string>> = {
  e: 'a[href$="/edit"]',
  r: 'form[action$="/run"] button[type=submit], button[formaction$="/run"]',
  p: 'a[href$="/pause"], form[action$="/resume"] button[type=submit]',
  x: ".pick input",
};

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/**
 * The handler of keys. Ctrl or Cmd and K opens the palette, also while typing. The others are off while typing, and where they are
 * switched off: `?` opens the help, `/` goes to the filter, `g` and a letter to a place, `j` and `k` move down and up a list, `e`, `r`
 * and `p` act on a job, `x` selects it. Any other key clicks the element whose `data-key` names it.
 */
export function onKey(
  { hasKeys, openPalette }: { readonly hasKeys: boolean; readonly openPalette: () => Promise<void> },
): (event: KeyboardEvent) => void {
  let isGoing = false;
  return (event) => {
    const { key, target } = event;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key.toLowerCase() === "k") {
      event.preventDefault();
      void openPalette();
      return;
    }
    if (!hasKeys || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target instanceof Element && (target.closest(TYPING) || target.closest("dialog"))) return;
    const place = isGoing ? placeOf(key) : null;
    isGoing = key === "g";
    const act = actionOf(key);
    if (place !== null) location.assign(place);
    else if (key === "?") location.assign("/help#help-keys");
    else if (key === "/" && focusFilter()) event.preventDefault();
    else if (key === "j" || key === "k") moveInList(key === "j" ? 1 : -1);
    else if (act !== null) act.click();
    else return;
    event.preventDefault();
  };
}

function placeOf(key: string): string | null {
  const path = Object.hasOwn(PLACES, key) ? PLACES[key] : undefined;
  return path !== undefined && document.querySelector(`.nav a[href="${path}"]`) !== null ? path : null;
}

function focusFilter(): boolean {
  const filter = document.querySelector<HTMLElement>("[data-filter]");
  filter?.focus();
  return filter !== null;
}

function actionOf(key: string): HTMLElement | null {
  const named = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  const selector = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
  if (selector === undefined) return named;
  const row = document.activeElement?.closest("tr, li");
  const opener = row?.querySelector<HTMLElement>("[data-menu]") ?? null;
  if (opener !== null && row?.querySelector(selector) === null) return inMenu(opener, selector);
  const isOne = /^\/jobs\/\d+$/.test(location.pathname);
  return row?.querySelector<HTMLElement>(selector) ?? named ??
    (isOne ? document.querySelector<HTMLElement>(`main :is(${selector})`) : null);
}

/** What stands in the shared menu of rows, once it is shown for the row of `opener`; null: nothing that its reader may do. */
function inMenu(opener: HTMLElement, selector: string): HTMLElement | null {
  opener.click();
  const entries = document.querySelectorAll<HTMLElement>(`#job-menu li:not([hidden]) :is(${selector})`);
  if (entries.length === 0) document.getElementById("job-menu")?.hidePopover();
  return entries[0] ?? null;
}

/** Moves the focus to the first link of another row. */
function moveInList(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(".cards tbody th a")];
  const row = document.activeElement?.closest("tr");
  const at = links.findIndex((link) => row?.contains(link));
  links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}
