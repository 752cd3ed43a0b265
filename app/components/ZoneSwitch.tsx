import type { JSX } from "preact";
import type { View, ZoneChoice } from "../format/view.ts";

/** Chooses the zone of the times on all pages. Only scripts know the browser's, so they offer it. */
export function ZoneSwitch(
  { view, portalZone, back }: { readonly view: View; readonly portalZone: string; readonly back: string },
): JSX.Element {
  const { choice } = view;
  const options: readonly (readonly [value: ZoneChoice, label: string])[] = [
    ["portal", `The portal's: ${portalZone}`],
    ["job", "Each job's own, on its pages"],
    ["utc", "UTC"],
  ];
  return (
    <form method="post" action="/preferences" class="zones">
      <input type="hidden" name="back" value={back} />
      <input type="hidden" name="browser_zone" value={choice === "browser" ? view.zone : ""} />
      <label for="zone">
        Times in <strong>{view.zone}</strong>
      </label>
      <select id="zone" name="zone">
        {options.map(([value, label]) => <option key={value} value={value} selected={choice === value}>{label}
        </option>)}
        <option
          value="browser"
          selected={choice === "browser"}
          hidden={choice !== "browser"}
          disabled={choice !== "browser"}
        >
          This browser's
        </option>
      </select>
      <button type="submit" class="button">Change</button>
    </form>
  );
}
