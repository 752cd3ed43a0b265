import type { ComponentChildren, JSX } from "preact";
import type { PlaceCount } from "../format/health.ts";
import { Icon } from "./Icon.tsx";
import { type Place, TABS } from "./places.ts";

/** The navigation. */
export interface NavProps {
  /** Those that the reader may open. */
  readonly places: readonly Place[];
  /** The path of the page. */
  readonly at: string;
  readonly counts: Readonly<Record<string, PlaceCount>>;
  /** What stands under the places at the side, and in "More" on a phone. */
  readonly children: ComponentChildren;
}

/** The places: a column at the side, or tabs under the thumb with the rest behind "More". */
export function Nav({ places, at, counts, children }: NavProps): JSX.Element {
  // A place is drawn twice, at the side and in "More" of a phone, and each live region has a name of its own.
  const entry = (place: Place, { isMore }: { readonly isMore: boolean }) => (
    <li key={place.path} class={place.isApart ? "gap" : undefined}>
      <a href={place.path} aria-current={isAt(place, at) ? "page" : undefined}>
        <Icon name={place.icon} />
        {place.label}
        {place.isCounted === true && (
          <span data-live={`count ${place.path}${isMore ? " more" : ""}`}>
            <Count count={counts[place.path]} />
          </span>
        )}
      </a>
    </li>
  );
  return (
    <header class="side">
      <a class="brand" href="/">
        <Icon name="brand" />Job Trigger Portal
      </a>
      <nav class="nav" aria-label="Main">
        <ul>
          {places.map((place) => entry(place, { isMore: false }))}
          <li class="others">
            <details name="nav">
              <summary>
                <Icon name="more" />More
              </summary>
              <ul>
                {places.slice(TABS).map((place) => entry({ ...place, isApart: false }, { isMore: true }))}
                <li>{children}</li>
              </ul>
            </details>
          </li>
        </ul>
      </nav>
      <div class="me">{children}</div>
    </header>
  );
}

/** Settings have more than one path. */
function isAt({ path }: Place, at: string): boolean {
  const paths = path === "/account" ? [path, "/settings"] : [path];
  return paths.some((one) => at === one || at.startsWith(`${one}/`));
}

function Count({ count }: { readonly count: PlaceCount | undefined }): JSX.Element | null {
  if (count === undefined || count.count === 0) return null;
  return (
    <span class={`n ${count.tone}`}>
      <span aria-hidden="true">{count.count > 99 ? "99+" : count.count}</span>
      <span class="sr">: {count.words}</span>
    </span>
  );
}
