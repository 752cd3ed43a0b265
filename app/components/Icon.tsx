import { asset } from "fresh/runtime";
import type { JSX } from "preact";

/** A symbol of `static/icons.svg`; decoration beside a word, so hidden from screen readers. */
export function Icon({ name }: { readonly name: string }): JSX.Element {
  return (
    <svg class="icon" aria-hidden="true">
      <use href={`${asset("/icons.svg")}#${name}`} />
    </svg>
  );
}
