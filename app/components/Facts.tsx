import { markUnseen } from "@jobtrigger/shared/domain";
import type { ComponentChildren, JSX } from "preact";

/** Values by their names, in order; null values are left out. */
export type FactList = Readonly<Record<string, ComponentChildren>>;

/** Facts as a list of names and values. */
export function Facts({ facts }: { readonly facts: FactList }): JSX.Element {
  return (
    <dl class="facts">
      {Object.entries(facts).filter(([, value]) => value !== null).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Arguments of a script, each in a box, with invisible characters as marks. */
export function Arguments({ args }: { readonly args: readonly string[] }): JSX.Element {
  return <span class="chips">{args.map((arg, i) => <code key={i} class="arg">{markUnseen(arg)}</code>)}</span>;
}

/** Tags of a worker, or those that a run needs. */
export function Tags({ tags }: { readonly tags: readonly string[] }): JSX.Element {
  return (
    <span class="chips">
      {tags.map((tag) => (
        <span key={tag} class="chip">
          {markUnseen(tag)}
        </span>
      ))}
    </span>
  );
}
