import { formatFilter, JOB_FILTER_FIELDS, parseFilter } from "@jobtrigger/shared/api";
import type { LabelCount } from "@jobtrigger/shared/store";
import type { SavedView } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { FilterField } from "./FilterField.tsx";
import { Icon } from "./Icon.tsx";
import { JOB_SORTS } from "./JobTable.tsx";
import { withParams } from "./Pager.tsx";
import { SavedViews, ViewForm } from "./SavedViews.tsx";
import { Seg, type SegLink } from "./Seg.tsx";

/** What a list of jobs is filtered and sorted by. */
export interface JobFilterProps {
  readonly url: URL;
  /** The filter as it was typed; see docs/filters.md. */
  readonly text: string;
  /** What is wrong with it; null: nothing. */
  readonly problem: string | null;
  readonly state: string;
  readonly sort: typeof JOB_SORTS[number];
  /** The first labels, to pick from. */
  readonly labels: readonly LabelCount[];
  /** The filters that the reader keeps. */
  readonly views: readonly SavedView[];
  /** How many jobs fail and are late; null: not shown. */
  readonly counts: { readonly failing: string | null; readonly late: string | null };
}

const STATES: readonly (readonly [state: string, label: string, icon?: string])[] = [
  ["", "All"],
  ["failing", "Failing", "cross"],
  ["late", "Late", "late"],
  ["waiting", "Waiting", "glass"],
  ["running", "Running", "running"],
  ["paused", "Paused", "pause"],
  ["manual", "By hand", "hand"],
];

/** The orders as a person picks them. */
export const SORT_NAMES: Readonly<Record<JobFilterProps["sort"], string>> = {
  worst: "Worst first",
  name: "Name",
  nextRun: "Next run",
  lastRun: "Last start by schedule",
  id: "Age",
};

/** The identity of the list of words that browsers suggest. */
const WORDS = "filter-words";

/** The text, the states, the order and the words to filter a list of jobs by. All is links and one form of the method GET. */
export function JobFilter(props: JobFilterProps): JSX.Element {
  const { url, text, problem, state, sort, labels, views, counts } = props;
  const links = STATES.map(([name, label, icon]): SegLink => {
    const count = name === "failing" ? counts.failing : name === "late" ? counts.late : null;
    return {
      href: withParams(url, { state: name, cursor: null, also: null }),
      label,
      isCurrent: state === name,
      ...(icon !== undefined && { icon }),
      ...(count !== null && { count }),
    };
  });
  return (
    <div class="stack tight">
      <form method="get" action="/jobs" class="row filter" role="search">
        <FilterField text={text} problem={problem} placeholder="Name or label:nightly" list={WORDS} />
        {state !== "" && <input type="hidden" name="state" value={state} />}
        {sort !== JOB_SORTS[0] && <input type="hidden" name="sort" value={sort} />}
        <button type="submit" class="button">Filter</button>
        <details class="menu" name="menu">
          <summary class="button bare">
            {SORT_NAMES[sort]}
            <Icon name="down" />
          </summary>
          <div>
            <ul>
              {JOB_SORTS.map((name) => (
                <li key={name}>
                  <a
                    href={withParams(url, { sort: name === JOB_SORTS[0] ? null : name, cursor: null, also: null })}
                    aria-current={name === sort ? "true" : undefined}
                  >
                    {name === sort ? <Icon name="check" /> : <span class="i" />}
                    {SORT_NAMES[name]}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        </details>
        {labels.length > 0 && <Words {...props} />}
        <SavedViews views={views} url={url} />
        <a class="button bare narrow" href={withParams(url, { select: url.searchParams.has("select") ? null : "1" })}>
          {url.searchParams.has("select") ? "Done" : "Select"}
        </a>
        <datalist id={WORDS}>
          {STATES.slice(1).map(([name]) => <option key={name} value={`state:${name}`} />)}
          {labels.map(({ label }) => <option key={label} value={labelTerm(label)} />)}
        </datalist>
      </form>
      <ViewForm url={url} />
      <Seg name="State" links={links} />
      <Chips {...props} />
    </div>
  );
}

/** The labels with how many jobs have each: suggestions that work without script. */
function Words({ url, text, labels }: JobFilterProps): JSX.Element {
  return (
    <details class="menu" name="menu">
      <summary class="button bare">
        <Icon name="tag" />
        Labels
        <Icon name="down" />
      </summary>
      <div>
        <ul>
          {labels.map(({ label, jobs }) => (
            <li key={label}>
              <a href={withParams(url, { q: `${text} ${labelTerm(label)}`.trim(), cursor: null, also: null })}>
                {label}
                <span class="n push">{jobs >= 1000 ? "1,000+" : jobs}</span>
              </a>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}

/** The terms of the filter, each as a link that takes it out. */
function Chips({ url, text, problem }: JobFilterProps): JSX.Element | null {
  if (text === "" || problem !== null) return null;
  const { words, terms } = parseFilter(text, JOB_FILTER_FIELDS);
  const parts = terms.map((term) => formatFilter([term]) ?? "");
  const all = [...words === "" ? [] : [words], ...parts];
  return (
    <p class="chips" aria-label="Filter">
      {all.map((part, i) => {
        const q = all.filter((_, other) => other !== i).join(" ");
        return (
          <a key={part} class="chip" href={withParams(url, { q, cursor: null, also: null })} title="Take out">
            <bdi>{part}</bdi>
            <Icon name="cross" />
            <span class="sr">, take out</span>
          </a>
        );
      })}
    </p>
  );
}

/** A label as a term of a filter. */
export function labelTerm(label: string): string {
  return formatFilter([{ field: "label", values: [label] }]) ?? "";
}
