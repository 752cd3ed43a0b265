import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** A choice that is a page or a filter. */
export interface SegLink {
  readonly href: string;
  readonly label: string;
  readonly isCurrent: boolean;
  readonly icon?: string;
  /** How many there are, where that is known. */
  readonly count?: string;
}

/** A row of links of which one is chosen: parts of settings, states of a list. It slides on a phone. */
export function Seg({ name, links }: { readonly name: string; readonly links: readonly SegLink[] }): JSX.Element {
  return (
    <nav class="seg slide" aria-label={name}>
      {links.map(({ href, label, isCurrent, icon, count }) => (
        <a key={href} href={href} aria-current={isCurrent ? "page" : undefined}>
          {icon !== undefined && <Icon name={icon} />}
          {label}
          {count !== undefined && <span class="n">{count}</span>}
        </a>
      ))}
    </nav>
  );
}
