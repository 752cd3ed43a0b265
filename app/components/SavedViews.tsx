import type { SavedView } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** The filters that somebody keeps, as links, and a form that keeps the present one. */
export function SavedViews({ views, url }: { readonly views: readonly SavedView[]; readonly url: URL }): JSX.Element {
  const query = presentQuery(url);
  const name = views.find((view) => view.query === query)?.name ?? null;
  return (
    <details class="menu" name="menu">
      <summary class="button bare">
        {name === null ? "Views" : <bdi>{name}</bdi>}
        <Icon name="down" />
      </summary>
      <div>
        <ul>
          {views.map((view) => (
            <li key={view.id} class="view">
              <a href={`/jobs?${view.query}`} aria-current={view.query === query ? "true" : undefined}>
                <bdi>{view.name}</bdi>
              </a>
              <button
                type="submit"
                class="button icon bare"
                form="view-form"
                formAction={`/jobs/views/${view.id}/delete`}
                aria-label={`Remove the view ${view.name}`}
              >
                <Icon name="cross" />
              </button>
            </li>
          ))}
        </ul>
        {query === ""
          ? views.length === 0 && <p class="quiet about-views">Filter or sort the list, then save it here.</p>
          : (
            <p class="about-views row">
              <input
                name="name"
                form="view-form"
                maxLength={60}
                placeholder="Name of this view"
                aria-label="Name of this view"
                autocomplete="off"
              />
              <button type="submit" class="button" form="view-form">Save</button>
            </p>
          )}
      </div>
    </details>
  );
}

/** The form of the menu, which may stand within another form. */
export function ViewForm({ url }: { readonly url: URL }): JSX.Element {
  return (
    <form id="view-form" method="post" action="/jobs/views" hidden>
      <input type="hidden" name="query" value={presentQuery(url)} />
    </form>
  );
}

/** What a view keeps of an address, in the order in which it is stored. */
function presentQuery(url: URL): string {
  const kept = new URLSearchParams();
  for (const name of ["q", "state", "sort"]) {
    const value = url.searchParams.get(name);
    if (value !== null && value !== "") kept.set(name, value);
  }
  return kept.toString();
}
