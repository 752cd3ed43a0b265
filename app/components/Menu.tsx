import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** A menu. */
export interface MenuProps {
  /** What it is about: read out as "More for …". */
  readonly of: string;
  /** Facts that a phone shows above the entries, because its card has no room for them. */
  readonly about?: ComponentChildren;
  /** `MenuLink` and `MenuAction`, what destroys last and apart. */
  readonly children: ComponentChildren;
}

/** Further actions behind "⋯": drops down; a sheet at the bottom of a phone. It opens without script. */
export function Menu({ of, about, children }: MenuProps): JSX.Element {
  return (
    <details class="menu" name="menu">
      <summary class="button icon bare" aria-label={`More for ${of}`}>
        <Icon name="more" />
      </summary>
      <div>
        {about !== undefined && <div class="about">{about}</div>}
        <ul>{children}</ul>
      </div>
    </details>
  );
}

interface Entry {
  readonly icon: string;
  readonly label: string;
  /** It destroys: red, after a rule. */
  readonly isBad?: boolean;
}

/** A way to another page. A label that ends in "…" says that the page asks before it acts. */
export function MenuLink({ href, icon, label, isBad = false }: Entry & { readonly href: string }): JSX.Element {
  return (
    <li class={isBad ? "apart" : undefined}>
      <a href={href} class={isBad ? "bad" : undefined}>
        <Icon name={icon} />
        {label}
      </a>
    </li>
  );
}

/** An action at once: a form with one button and hidden `fields`. */
export function MenuAction(
  { to, icon, label, isBad = false, fields = {} }: Entry & {
    readonly to: string;
    readonly fields?: Readonly<Record<string, string>>;
  },
): JSX.Element {
  return (
    <li class={isBad ? "apart" : undefined}>
      <form method="post" action={to}>
        {Object.entries(fields).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)}
        <button type="submit" class={isBad ? "bad" : undefined}>
          <Icon name={icon} />
          {label}
        </button>
      </form>
    </li>
  );
}

/** Switches something off, or on again: posts to `/disable` or `/enable` under `path`. */
export function EnabledAction(
  { path, isEnabled }: { readonly path: string; readonly isEnabled: boolean },
): JSX.Element {
  return isEnabled
    ? <MenuAction to={`${path}/disable`} icon="pause" label="Disable" />
    : <MenuAction to={`${path}/enable`} icon="resume" label="Enable" />;
}
