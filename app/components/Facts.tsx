import type { ComponentChildren, JSX } from "preact";

/** A fact: its name and its value; null values are left out. */
export type Fact = readonly [name: string, value: ComponentChildren];

/** Facts as a list of names and values. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.filter(([, value]) => value !== null).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
