import type { JSX } from "preact";

/** A name of more characters may take more than the two lines that a list shows; the whole is its title then. */
const MOST_SHOWN = 40;

/** The name of a row as a link. A list shows two lines of it (`styles/lists.css`); screen readers read all of it. */
export function NameLink({ href, name }: { readonly href: string; readonly name: string }): JSX.Element {
  return (
    <a class="name" href={href} title={name.length > MOST_SHOWN ? name : undefined}>
      <bdi>{name}</bdi>
    </a>
  );
}
