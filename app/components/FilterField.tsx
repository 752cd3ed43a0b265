import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** The text of a list's filter; docs/filters.md has its grammar. A wrong text stays, with what is wrong with it. */
export function FilterField({ text, problem, placeholder, list, isLabelled = false }: {
  readonly text: string;
  readonly problem: string | null;
  readonly placeholder: string;
  /** The id of a `<datalist>` of words to suggest. */
  readonly list?: string;
  /** Whether its label is seen, as those of fields beside it; else a sign in it says what it is. */
  readonly isLabelled?: boolean;
}): JSX.Element {
  return (
    <label class={isLabelled ? undefined : "search"}>
      <span class={isLabelled ? undefined : "sr"}>Filter</span>
      {!isLabelled && <Icon name="search" />}
      <input
        type="search"
        name="q"
        value={text}
        placeholder={placeholder}
        list={list}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : "filter-problem"}
        data-filter
      />
      {problem !== null && <span id="filter-problem" class="problem" role="alert">{problem}</span>}
    </label>
  );
}
