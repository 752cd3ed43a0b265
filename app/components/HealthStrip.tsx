import type { ComponentChildren, JSX } from "preact";
import type { Health, HealthTone } from "../format/health.ts";
import { Icon } from "./Icon.tsx";

const ICONS: Readonly<Record<HealthTone, string>> = { ok: "check", late: "late", bad: "cross" };

/** The first line of every page: whether everything is all right, then what that comes from. `children`: whether the page is live. */
export function HealthStrip(
  { health, children }: { readonly health: Health; readonly children?: ComponentChildren },
): JSX.Element {
  const { sign, items } = health;
  return (
    <section
      class="health"
      aria-label="Health"
      data-live="health"
      data-subject="Health"
      data-tone={sign.tone}
      data-count={sign.count}
    >
      <a class={`sign ${sign.tone}`} href={sign.href}>
        <Icon name={ICONS[sign.tone]} />
        <span>{sign.text}</span>
      </a>
      <ul>
        {items.map(({ name, value, at, href, tone, isKept }) => (
          <li key={name} class={isKept ? "keep" : undefined}>
            <a href={href} class={tone}>
              {name} <b>{at === undefined ? value : <time dateTime={at} data-relative>{value}</time>}</b>
            </a>
          </li>
        ))}
      </ul>
      {children !== undefined && <div class="push">{children}</div>}
    </section>
  );
}
