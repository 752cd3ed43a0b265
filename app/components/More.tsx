import type { JSX } from "preact";

/**
 * The place, before a live list, of the button that brings new rows. It lies over the heading of the list, so that nothing is empty
 * without it and nothing moves when it comes. `caption`: the heading of a list that has none where it is cards.
 */
export function More({ caption }: { readonly caption?: string }): JSX.Element {
  return <div class="more">{caption !== undefined && <small>{caption}</small>}</div>;
}
