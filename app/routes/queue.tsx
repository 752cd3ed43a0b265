import { page } from "fresh";
import { FILTER_MAX, readQueueFilter } from "@jobtrigger/shared/api";
import { type QueueView, readQueue, type WaitingRun, whenOf } from "@jobtrigger/shared/operations";
import type { JSX } from "preact";
import { Action } from "../components/Action.tsx";
import { CardCell, CardRow, Cards } from "../components/Cards.tsx";
import { Empty } from "../components/Empty.tsx";
import { FilterField } from "../components/FilterField.tsx";
import { More } from "../components/More.tsx";
import { NameLink } from "../components/NameLink.tsx";
import { Notice } from "../components/Notice.tsx";
import { Page } from "../components/Page.tsx";
import { Pager, withParams } from "../components/Pager.tsx";
import { Panel } from "../components/Panel.tsx";
import { Seg } from "../components/Seg.tsx";
import { Badge } from "../components/Status.tsx";
import { clockTime, ShortTime, Time } from "../components/Time.tsx";
import type { View } from "../format/view.ts";
import { reasonWords, type Word } from "../format/words.ts";
import { capped } from "../server/health_strip.ts";
import { readTyped, statusOf } from "../server/typed_filter.ts";
import { define, type State } from "../utils.ts";

const PAGE_RUNS = 50;

interface Data {
  readonly queue: QueueView;
  /** A filter as it was typed; see docs/filters.md. */
  readonly text: string;
  /** What is wrong with it; null: nothing. */
  readonly problem: string | null;
  readonly when: "now" | "later";
  /** Whether there may be more that wait for the reason that the filter names. */
  readonly isPart: boolean;
}

const NOTHING_FOUND: QueueView = { items: [], next: null, total: 0, oldest: null };

/** Lists what waits; the address holds which part and the cursor. */
export const handler = define.handlers<Data>({
  async GET({ url, state: { portal: { store }, access, view } }) {
    const cursor = url.searchParams.get("cursor");
    const text = (url.searchParams.get("q") ?? "").trim().slice(0, FILTER_MAX);
    const { filter, problem } = readTyped(() => readQueueFilter(text));
    const when = whenOf(
      url.searchParams.get("when") === "later" ? "later" : "now",
      "reasons" in filter ? filter.reasons : undefined,
    );
    const query = { ...filter, when, limit: PAGE_RUNS, ...(cursor !== null && { cursor }) } as const;
    const queue = problem === null ? await readQueue({ store, access, ...view }, query) : NOTHING_FOUND;
    const isPart = "reasons" in filter && queue.next !== null;
    return page({ queue, when, text, problem, isPart }, statusOf(problem));
  },
});

/** What waits, and why. */
export default define.page<typeof handler>(function QueuePage({ data, state, url }) {
  const { queue, when, text, problem, isPart } = data;
  return (
    <Page
      title="Queue"
      verdict={problem === null
        ? <Verdict queue={queue} when={when} isPart={isPart} isNarrowed={text !== ""} view={state.view} />
        : "Please correct the filter."}
    >
      <Notice code={url.searchParams.get("notice")} />
      <form method="get" action="/queue" class="filter oneline" role="search">
        {when === "later" && <input type="hidden" name="when" value={when} />}
        <FilterField text={text} problem={problem} placeholder="Job, label:nightly, tag:gpu or reason:key" />
        <button type="submit" class="button">Filter</button>
      </form>
      <Seg
        name="What waits"
        links={[
          {
            href: withParams(url, { when: null, cursor: null, notice: null }),
            label: "Waiting",
            isCurrent: when === "now",
            icon: "queue",
          },
          {
            href: withParams(url, { when: "later", cursor: null, notice: null }),
            label: "Not due yet",
            isCurrent: when === "later",
            icon: "clock",
          },
        ]}
      />
      <Panel
        id="queue"
        title={when === "now" ? "Waiting for a worker" : "Waiting for their time"}
        about={when === "now" ? "the next first" : "the earliest first"}
      >
        <More />
        <div data-live="queue" data-noun="run">
          {queue.items.length === 0
            ? text === "" ? <Nothing when={when} /> : <NoMatch isPart={isPart} />
            : <QueueTable items={queue.items} state={state} back={withParams(url, { notice: null })} />}
        </div>
        <Pager url={url} next={queue.next} />
      </Panel>
    </Page>
  );
});

function Verdict(
  { queue: { total, oldest }, when, isPart, isNarrowed, view }: Pick<Data, "queue" | "when" | "isPart"> & {
    readonly isNarrowed: boolean;
    readonly view: View;
  },
): JSX.Element {
  const runs = `${isPart ? "At least " : ""}${total === 1 ? "1 run" : `${capped(total)} runs`}`;
  return (
    <div data-live="queue-verdict">
      {oldest === null
        ? (
          <b>
            {isPart
              ? "None of those looked at matches."
              : isNarrowed
              ? "Nothing that matches waits."
              : "Nothing waits."}
          </b>
        )
        : when === "now"
        ? (
          <>
            <b>{runs} {total === 1 ? "waits" : "wait"}</b>, the oldest since {clockTime(oldest, view)},{" "}
            <Time at={oldest} view={view} />.
          </>
        )
        : (
          <>
            <b>{runs}</b> for later, the first <Time at={oldest} view={view} />.
          </>
        )}
    </div>
  );
}

function NoMatch({ isPart }: Pick<Data, "isPart">): JSX.Element {
  return (
    <Empty
      icon="search"
      title={isPart ? "No match so far: the next page looks further" : "No waiting run matches"}
      step={<a class="button" href="/queue">All that waits</a>}
    />
  );
}

function Nothing({ when }: Pick<Data, "when">): JSX.Element {
  return when === "now"
    ? (
      <Empty icon="check" title="Nothing waits" step={<a class="button" href="/runs">Runs</a>}>
        Each run that is due has started.
      </Empty>
    )
    : (
      <Empty icon="clock" title="No run waits for its time" step={<a class="button" href="/jobs">Jobs</a>}>
        Retries and starts that are spread out stand here until they are due.
      </Empty>
    );
}

function QueueTable(
  { items, state, back }: {
    readonly items: readonly WaitingRun[];
    readonly state: State;
    readonly back: string;
  },
): JSX.Element {
  return (
    <Cards head={["Run", "Place", "Why it waits", "Waits since", "Priority", "Comes from", ""]} kind="acting">
      <tbody role="rowgroup">
        {items.map(({ run, position, wait, reason }) => (
          <CardRow key={run.id} row={run.id}>
            <CardCell isName place="lead">
              <NameLink href={`/runs/${run.id}`} name={run.jobName} />
              <small>#{run.id}</small>
            </CardCell>
            <CardCell place="wide" kind="num">{position}</CardCell>
            <CardCell place="line">
              <Badge {...WAIT_WORDS[wait.kind]} /> {reason}
            </CardCell>
            <CardCell place="aside" kind="tight">
              <ShortTime
                at={run.state.status === "PENDING" ? run.state.availableAt : run.createdAt}
                view={state.view}
              />
            </CardCell>
            <CardCell place="wide" kind="num">{run.priority}</CardCell>
            <CardCell place="wide">{reasonWords(run)}</CardCell>
            <CardCell place="do">
              {state.mayAnywhere("runs.cancel") && (
                <Action
                  to={`/runs/${run.id}/cancel`}
                  icon="stop"
                  label="Cancel"
                  of={`run ${run.id} of ${run.jobName}`}
                  fields={{ back }}
                />
              )}
            </CardCell>
          </CardRow>
        ))}
      </tbody>
    </Cards>
  );
}

const WAIT_WORDS: Readonly<Record<WaitingRun["wait"]["kind"], Word>> = {
  until: { text: "Not due", icon: "clock", tone: "calm" },
  no_worker: { text: "No worker", icon: "offline", tone: "warn" },
  tags: { text: "No worker", icon: "tag", tone: "warn" },
  key: { text: "Key full", icon: "key", tone: "calm" },
  serial_order: { text: "In order", icon: "queue", tone: "calm" },
  busy: { text: "Busy", icon: "worker", tone: "calm" },
  nothing: { text: "Next", icon: "play", tone: "calm" },
};
