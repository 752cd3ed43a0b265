import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** "12 new runs. Show": rows never move by themselves; this brings them. `isUnder`: at the end of a log. */
export function Fresh(
  { href, text, isUnder = false }: { readonly href: string; readonly text: string; readonly isUnder?: boolean },
): JSX.Element {
  return (
    <a class={isUnder ? "fresh under" : "fresh"} href={href}>
      <Icon name={isUnder ? "down" : "up"} />
      {text}
    </a>
  );
}
