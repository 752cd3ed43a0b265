import { page } from "fresh";
import { type QueueView, readQueue, type WaitingRun } from "@jobtrigger/shared/operations";
import type { JSX } from "preact";
import { Action } from "../components/Action.tsx";
import { CardCell, CardRow, Cards } from "../components/Cards.tsx";
import { Empty } from "../components/Empty.tsx";
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
import { define, type State } from "../utils.ts";

const PAGE_RUNS = 50;

interface Data {
  readonly queue: QueueView;
  readonly when: "now" | "later";
}

/** Lists what waits; the address holds which part and the cursor. */
export const handler = define.handlers<Data>({
  async GET({ url, state: { portal: { store }, access, view } }) {
    const when = url.searchParams.get("when") === "later" ? "later" : "now";
    const cursor = url.searchParams.get("cursor");
    const query = { when, limit: PAGE_RUNS, ...(cursor !== null && { cursor }) } as const;
    return page({ queue: await readQueue({ store, access, ...view }, query), when });
  },
});

/** What waits, and why. */
export default define.page<typeof handler>(function QueuePage({ data: { queue, when }, state, url }) {
  return (
    <Page title="Queue" verdict={<Verdict queue={queue} when={when} view={state.view} />}>
      <Notice code={url.searchParams.get("notice")} />
      <Seg
        name="What waits"
        links={[
          { href: "/queue", label: "Waiting", isCurrent: when === "now", icon: "queue" },
          { href: "/queue?when=later", label: "Not due yet", isCurrent: when === "later", icon: "clock" },
        ]}
      />
      <Panel
        id="queue"
        title={when === "now" ? "Waiting for a worker" : "Waiting for their time"}
        about={when === "now" ? "the next first" : "the earliest first"}
      >
        <div class="more" />
        <div data-live="queue" data-noun="run">
          {queue.items.length === 0
            ? <Nothing when={when} />
            : <QueueTable items={queue.items} state={state} back={withParams(url, { notice: null })} />}
        </div>
        <Pager url={url} next={queue.next} />
      </Panel>
    </Page>
  );
});

function Verdict(
  { queue: { total, oldest }, when, view }: Data & { readonly view: View },
): JSX.Element {
  const runs = total === 1 ? "1 run" : `${capped(total)} runs`;
  return (
    <div data-live="queue-verdict">
      {oldest === null ? <b>Nothing waits.</b> : when === "now"
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
              <a class="name" href={`/runs/${run.id}`}>
                <bdi>{run.jobName}</bdi>
              </a>
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
