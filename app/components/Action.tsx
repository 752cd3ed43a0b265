import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** A button that posts to an address. */
export interface ActionProps {
  readonly to: string;
  readonly icon: string;
  readonly label: string;
  /** The name of the job or other object, which screen readers read after the label. */
  readonly of?: string;
  readonly tone?: "primary" | "danger";
  /** Show the icon only; the label is still read out and shown as a hint. */
  readonly isSmall?: boolean;
  /** Its name in a live region, so that an update never turns it into another action. */
  readonly row?: string;
  readonly isDisabled?: boolean;
  /** Hidden fields. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly children?: ComponentChildren;
}

/** One form with one button, which works without scripts. With an idempotency key in `fields`, two clicks act once. */
export function Action(props: ActionProps): JSX.Element {
  const { to, icon, label, of, tone = "", isSmall = false, isDisabled = false, row, fields = {}, children } = props;
  const full = of === undefined ? label : `${label}: ${of}`;
  return (
    <form method="post" action={to} class="action" data-row={row}>
      {Object.entries(fields).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)}
      {children}
      <button
        type="submit"
        class={["button", tone, isSmall ? "icon bare" : ""].filter(Boolean).join(" ")}
        title={isSmall ? full : undefined}
        disabled={isDisabled}
      >
        <Icon name={icon} />
        {isSmall ? <span class="sr">{full}</span> : label}
        {!isSmall && of !== undefined && <span class="sr">: {of}</span>}
      </button>
    </form>
  );
}
