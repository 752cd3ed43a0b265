import { asset } from "fresh/runtime";
import type { JSX } from "preact";

/** A symbol of `static/icons.svg`; decoration beside a word, so hidden from screen readers. */
export function Icon({ name, tone }: { readonly name: string; readonly tone?: "bad" }): JSX.Element {
  return (
    <svg class={tone === undefined ? "i" : `i ${tone}`} aria-hidden="true">
      <use href={`${asset("/icons.svg")}#${name}`} />
    </svg>
  );
}
