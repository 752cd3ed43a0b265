import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** What stands in place of a list that is empty, or of a page that is not there. */
export interface EmptyProps {
  readonly icon: string;
  readonly tone?: "bad";
  readonly title: ComponentChildren;
  /** Why, in a sentence. */
  readonly children?: ComponentChildren;
  /** The one next step, as buttons. */
  readonly step?: ComponentChildren;
}

/** Says that nothing is there, why, and the one next step. */
export function Empty({ icon, tone, title, children, step }: EmptyProps): JSX.Element {
  return (
    <div class="empty">
      <Icon name={icon} {...(tone !== undefined && { tone })} />
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
      {Boolean(step) && <div class="row">{step}</div>}
    </div>
  );
}
