import { useEffect } from "preact/hooks";
import { onKey } from "../client/keys.ts";
import { tellZone } from "../client/browser_zone.ts";

/** The keys that read a chart. */
const READING = /^(Arrow.*|Home|End|Escape)$/;

/**
 * What every page with scripts can do: keys, unless they are switched off; the palette; copying; reading charts and the calendar; knowing the browser's
 * time zone.
 */
export default function Keys({ hasKeys }: { readonly hasKeys: boolean }): null {
  useEffect(() => {
    const keys = onKey({ hasKeys, openPalette });
    const onClick = (event: MouseEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("[data-palette]") && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        void openPalette();
        return;
      }
      const button = target?.closest<HTMLElement>("[data-copy]");
      if (button) void copyBeside(button);
      const chart = target?.closest("svg[role=slider]");
      if (chart) void import("../client/charts.ts").then(({ readAt }) => readAt(chart, event.clientX));
    };
    const onReadingKey = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      if (!(target instanceof Element && target.matches("svg[role=slider]")) || !READING.test(key)) return;
      if (ctrlKey || metaKey || altKey) return;
      event.preventDefault();
      void import("../client/charts.ts").then(({ readByKey }) => readByKey(key));
    };
    const calendar = document.querySelector<HTMLTableElement>("table.heat");
    if (calendar) void import("../client/heat_grid.ts").then(({ makeGrid }) => makeGrid(calendar));
    tellZone();
    document.addEventListener("keydown", keys);
    document.addEventListener("keydown", onReadingKey);
    document.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("keydown", keys);
      document.removeEventListener("keydown", onReadingKey);
      document.removeEventListener("click", onClick);
    };
  }, []);
  return null;
}

/** What copies is loaded when somebody first does; a browser lets a page copy for some seconds after a press. */
async function copyBeside(button: HTMLElement): Promise<void> {
  const { copyBeside } = await import("../client/copy.ts");
  await copyBeside(button);
}

/** The palette is loaded when somebody first asks for it; where it cannot be, the page of the search is there. */
async function openPalette(): Promise<void> {
  try {
    const { showPalette } = await import("../client/palette.tsx");
    showPalette();
  } catch {
    location.assign("/search");
  }
}
