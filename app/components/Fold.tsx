import type { ComponentChildren, JSX } from "preact";

/** Something folded whose line already says its value, so that it need not be opened. */
export function Fold(
  { title, value, isOpen = false, children }: {
    readonly title: ComponentChildren;
    /** What it holds, in a few words. */
    readonly value?: ComponentChildren;
    readonly isOpen?: boolean;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <details open={isOpen} class="fold">
      <summary>
        {title}
        {value !== undefined && <span class="quiet">{value}</span>}
      </summary>
      <div class="body stack">{children}</div>
    </details>
  );
}
