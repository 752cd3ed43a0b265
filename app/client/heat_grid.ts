/**
 * The calendar as one tab stop. Without scripts each of its cells is a link of its own, up to 744 in a month; with them it is a grid:
 * arrow keys move from cell to cell, Home and End to the ends of a day, with Ctrl to those of the month, Enter follows the link.
 *
 * @module
 */

/** Makes the table of days and hours a grid. A table without links stays what it is. */
export function makeGrid(table: HTMLTableElement): void {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).map((row) =>
    [...row.querySelectorAll("td")].map(stopOf)
  );
  const stops = rows.flat();
  let stop: HTMLElement | undefined = stops.find((one) => one.matches("a"));
  if (stop === undefined) return;
  for (const one of stops) one.tabIndex = one === stop ? 0 : -1;
  table.role = "grid";
  // The box scrolls to the cell that has the focus.
  table.parentElement?.removeAttribute("tabindex");
  table.addEventListener("focusin", ({ target }) => {
    const focused = stops.find((one) => one === target);
    if (focused === undefined || stop === undefined) return;
    stop.tabIndex = -1;
    focused.tabIndex = 0;
    stop = focused;
  });
  table.addEventListener("keydown", (event) => {
    if (event.metaKey || event.altKey) return;
    const y = rows.findIndex((row) => row.some((one) => one === event.target));
    const x = rows[y]?.findIndex((one) => one === event.target) ?? -1;
    const next = x < 0 ? undefined : reached(rows, { x, y }, event);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });
}

/** What of a cell takes the focus: the link in it, else the cell. */
function stopOf(cell: HTMLTableCellElement): HTMLElement {
  return cell.querySelector("a") ?? cell;
}

/** Where a key leads from a cell; undefined: nowhere. */
function reached(
  rows: readonly (readonly HTMLElement[])[],
  { x, y }: { readonly x: number; readonly y: number },
  { key, ctrlKey }: Pick<KeyboardEvent, "key" | "ctrlKey">,
): HTMLElement | undefined {
  if (ctrlKey) return key === "Home" ? rows[0]?.[0] : key === "End" ? rows.at(-1)?.at(-1) : undefined;
  switch (key) {
    case "ArrowRight":
      return rows[y]?.[x + 1];
    case "ArrowLeft":
      return rows[y]?.[x - 1];
    case "ArrowDown":
      return rows[y + 1]?.[x];
    case "ArrowUp":
      return rows[y - 1]?.[x];
    case "Home":
      return rows[y]?.[0];
    case "End":
      return rows[y]?.at(-1);
    default:
      return undefined;
  }
}
