/**
 * Keeps the content that a person looks at in place on screen while the page changes.
 *
 * @module
 */

let at: readonly [x: number, y: number] | null = null;

/** Remembers the last position of the pointer or finger. Returns the function that stops it. */
export function watchPointer(): () => void {
  const remember = ({ clientX, clientY }: PointerEvent) => {
    at = [clientX, clientY];
  };
  const events = ["pointerdown", "pointermove"] as const;
  for (const name of events) document.addEventListener(name, remember, { passive: true });
  return () => {
    for (const name of events) document.removeEventListener(name, remember);
  };
}

/**
 * Changes the page, then scrolls so that one element has not moved: the element under the pointer, else the output
 * on screen, else the middle of the screen.
 */
export function keepInPlace(change: () => void): void {
  const anchor = at === null
    ? logOnScreen() ?? document.elementFromPoint(innerWidth / 2, innerHeight / 2)
    : document.elementFromPoint(...at);
  const before = anchor?.getBoundingClientRect().top ?? 0;
  change();
  if (anchor === null || !anchor.isConnected) return;
  const moved = anchor.getBoundingClientRect().top - before;
  if (moved !== 0) scrollBy({ top: moved, behavior: "instant" });
}

function logOnScreen(): Element | null {
  const log = document.querySelector("[role=log]");
  const { top = Infinity, bottom = 0 } = log?.getBoundingClientRect() ?? {};
  return top < innerHeight && bottom > 0 ? log : null;
}
