import { page } from "fresh";
import { readRunFilter, STATUS_NAMES } from "@jobtrigger/shared/api";
import { type Dispatch, type DispatchStatus, TRIGGERS } from "@jobtrigger/shared/domain";
import type { Page as PageOf } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
import { Empty } from "../../components/Empty.tsx";
import { FilterField } from "../../components/FilterField.tsx";
import { More } from "../../components/More.tsx";
import { Page } from "../../components/Page.tsx";
import { Pager, withParams } from "../../components/Pager.tsx";
import { RunTable } from "../../components/RunTable.tsx";
import { Seg } from "../../components/Seg.tsx";
import { STATUS_WORDS } from "../../format/words.ts";
import { leftRuns } from "../../server/left.ts";
import { seeOther } from "../../server/redirect.ts";
import { fieldsOf, filterTextOf, FORM_FIELDS, withFields } from "../../server/run_filter.ts";
import { readTyped, statusOf } from "../../server/typed_filter.ts";
import { visibleTo } from "../../server/visible.ts";
import { define } from "../../utils.ts";

const PAGE_RUNS = 50;

/** The states that have a tab, by the word of the filter. */
const TABS = ["waiting", "running", "succeeded", "failed", "timeout", "cancelled"] as const;

interface Data {
  readonly runs: PageOf<Dispatch>;
  /** A filter as it was typed; see docs/filters.md. */
  readonly text: string;
  /** What is wrong with the text of the filter; null: nothing. */
  readonly problem: string | null;
  /** See `RunTable`. */
  readonly left: readonly Dispatch[];
}

/** Lists runs, newest first; the address holds filter and cursor. Fields of the form become part of the one text. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const text = filterTextOf(url.searchParams);
    if (FORM_FIELDS.some((field) => field !== "job" && url.searchParams.has(field))) {
      return seeOther(text === "" ? "/runs" : `/runs?q=${encodeURIComponent(text)}`);
    }
    const cursor = url.searchParams.get("cursor");
    const { filter, problem } = readTyped(() => readRunFilter(text, state.view));
    const { store } = state.portal;
    const runs = problem === null
      ? await store.runs.list({
        ...filter,
        ...visibleTo(state, "runs.read"),
        limit: PAGE_RUNS,
        ...(cursor !== null && { cursor }),
      })
      : { items: [], next: null };
    return page({ runs, text, problem, left: await leftRuns(state, url) }, statusOf(problem));
  },
});

/** The list of runs. */
export default define.page<typeof handler>(function RunsPage({ data, state, url }) {
  const { runs, text, problem, left } = data;
  const isFiltered = text !== "" || url.searchParams.has("cursor");
  return (
    <Page
      title="Runs"
      verdict={
        <span data-live="verdict">{problem === null ? verdictOf(runs, text) : "Please correct the filter."}</span>
      }
    >
      <section class="panel" aria-label="Runs">
        <div class="states">
          <States text={text} />
        </div>
        <FilterForm text={text} problem={problem} zone={state.view.zone} />
        <More caption="Newest first" />
        <div data-live="runs" data-noun="run" data-follow>
          {runs.items.length + left.length > 0 && <RunTable runs={runs.items} left={left} view={state.view} />}
          {runs.items.length === 0 && problem === null && (
            <Empty
              icon={isFiltered ? "search" : "runs"}
              title={isFiltered ? "No run matches" : "Nothing has run yet"}
              step={isFiltered
                ? <a class="button" href="/runs">Show all runs</a>
                : <a class="button" href="/jobs">To the jobs</a>}
            />
          )}
        </div>
        <Pager url={url} next={runs.next} />
      </section>
    </Page>
  );
});

/** What the page shows, in a sentence. */
function verdictOf({ items, next }: PageOf<Dispatch>, text: string): string {
  const isLost = ({ state: { status } }: Dispatch) => status === "FAILED" || status === "TIMEOUT";
  const lost = items.filter(isLost).length;
  const running = items.filter(({ state }) => state.status === "IN_PROGRESS").length;
  const parts = [...(running > 0 ? [`${running} running`] : []), ...(lost > 0 ? [`${lost} failed or timed out`] : [])];
  const which = `${next === null ? "" : "The newest "}${items.length} ${items.length === 1 ? "run" : "runs"}`;
  if (items.length === 0) return text === "" ? "Nothing has run yet." : "No run matches the filter.";
  return `${which}${text === "" ? "" : " that match"}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}.`;
}

/** The states as tabs; each is a link with a word of the filter. */
function States({ text }: { readonly text: string }): JSX.Element {
  const { status = "" } = fieldsOf(text);
  const to = (name: string | null) => {
    const query = withFields(text, { status: name }) ?? (name === null ? "" : `status:${name}`);
    return withParams(new URL("http://runs/runs"), { q: query });
  };
  const meaning = (name: string): DispatchStatus | undefined => STATUS_NAMES[name.toLowerCase()];
  return (
    <Seg
      name="State"
      links={[
        { href: to(null), label: "All", isCurrent: status === "" },
        ...TABS.map((name) => {
          const meant = meaning(name);
          return {
            href: to(name),
            label: meant === undefined ? name : STATUS_WORDS[meant].text,
            ...(meant !== undefined && { icon: STATUS_WORDS[meant].icon }),
            isCurrent: status !== "" && meaning(status) === meant,
          };
        }),
      ]}
    />
  );
}

function FilterForm({ text, problem, zone }: Pick<Data, "text" | "problem"> & { readonly zone: string }): JSX.Element {
  const fields = fieldsOf(text);
  const isNarrowed = FORM_FIELDS.some((field) => fields[field] !== undefined);
  return (
    <>
      <form method="get" action="/runs" class="filter oneline" role="search">
        <FilterField text={text} problem={problem} placeholder="job:backup* since:24h" />
        <button type="submit" class="button">Show</button>
        {text !== "" && <a class="button bare" href="/runs">Clear</a>}
      </form>
      <details class="fold" open={isNarrowed && problem === null}>
        <summary>
          Time, job, worker, label, trigger
          <span class="quiet">
            {FORM_FIELDS.flatMap((field) => fields[field] === undefined ? [] : [`${field} ${fields[field]}`]).join(
              ", ",
            ) ||
              "all"}
          </span>
        </summary>
        <form method="get" action="/runs" class="filter">
          <input type="hidden" name="q" value={text} />
          <Moment name="since" label={`From (${zone})`} value={fields.since ?? ""} />
          <Moment name="until" label={`To (${zone})`} value={fields.until ?? ""} />
          <label>
            <span>Job</span>
            <input name="job" value={fields.job ?? ""} placeholder="backup*" autocomplete="off" />
          </label>
          <label>
            <span>Worker</span>
            <input name="worker" value={fields.worker ?? ""} placeholder="hk-2*" autocomplete="off" />
          </label>
          <label>
            <span>Label</span>
            <input name="label" value={fields.label ?? ""} placeholder="nightly" autocomplete="off" />
          </label>
          <label>
            <span>Trigger</span>
            <select name="trigger">
              <option value="">All</option>
              {TRIGGERS.filter((name) => name !== "chain" || fields.trigger === name).map((name) => (
                <option key={name} value={name} selected={fields.trigger === name}>{name}</option>
              ))}
            </select>
          </label>
          <button type="submit" class="button">Narrow</button>
        </form>
      </details>
    </>
  );
}

/** A time as the grammar takes it: 01:00 is the last, 24h is back from now. */
function Moment({ name, label, value }: {
  readonly name: "since" | "until";
  readonly label: string;
  readonly value: string;
}): JSX.Element {
  return (
    <label>
      <span>{label}</span>
      <input name={name} value={value} placeholder={name === "since" ? "01:00 or 24h" : "04:00"} autocomplete="off" />
    </label>
  );
}
