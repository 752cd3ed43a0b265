import { page } from "fresh";
import type { JSX } from "preact";
import { Action } from "../components/Action.tsx";
import { Attention } from "../components/Attention.tsx";
import { Empty } from "../components/Empty.tsx";
import { HourBars } from "../components/HourBars.tsx";
import { Icon } from "../components/Icon.tsx";
import { Interrupted } from "../components/Interrupted.tsx";
import { NameLink } from "../components/NameLink.tsx";
import { Notice } from "../components/Notice.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { Status } from "../components/Status.tsx";
import { clockTime, ShortTime, Time } from "../components/Time.tsx";
import { spanWords } from "../format/relative.ts";
import { attentionParts } from "../server/attention_parts.ts";
import type { View } from "../format/view.ts";
import { capped } from "../server/health_strip.ts";
import { type Overview, readOverview } from "../server/overview.ts";
import { define, type State } from "../utils.ts";

/** Reads what the first page shows. */
export const handler = define.handlers<Overview>({
  async GET({ state }) {
    return page(await readOverview(state));
  },
});

/** Whether all is well, what needs attention, what happened and what comes next. */
export default define.page<typeof handler>(function OverviewPage({ data, state, url }) {
  const { view } = state;
  const mayCreate = state.mayAnywhere("jobs.edit");
  return (
    <Page
      title="Overview"
      verdict={<Verdict {...data} />}
      actions={mayCreate && (
        <a class="button primary" href="/jobs/new">
          <Icon name="plus" />New job
        </a>
      )}
    >
      <Notice code={url.searchParams.get("notice")} />
      <Interrupted change={data.interrupted} />
      <Numbers {...data} now={view.now} />
      <section class="panel" id="attention" aria-labelledby="attention-title">
        <header>
          <h2 id="attention-title">Needs attention</h2>
          <small>worst first</small>
          <div class="row">
            <a href="/jobs">All jobs</a>
          </div>
        </header>
        <div data-live="attention">
          <Attention overview={data} view={view} />
        </div>
      </section>
      {data.hasJobs
        ? (
          <>
            <div data-live="running">
              {data.running.length > 0 && <Running runs={data.running} state={state} />}
            </div>
            <Panel
              id="hours"
              title={data.planned.length === 0 ? "Last 24 hours" : `Last 24 hours and the next ${data.planned.length}`}
              tools={<a href="/timeline">Timeline</a>}
            >
              <div data-live="hours">
                <HourBars hours={data.hours} from={data.hoursFrom} planned={data.planned} view={view} />
              </div>
            </Panel>
            <div class="split even">
              <NextRuns jobs={data.next} view={view} />
              <LastFailures runs={data.lastFailures} view={view} />
            </div>
          </>
        )
        : (
          <Panel id="first" title="Jobs">
            <Empty
              icon="jobs"
              title="There is no job yet"
              step={mayCreate && <a class="button primary" href="/jobs/new">Make the first job</a>}
            >
              {mayCreate
                ? "A job runs a script at the times that its schedule names."
                : "There are no jobs that you may see."}
            </Empty>
          </Panel>
        )}
    </Page>
  );
});

function Verdict({ status, lost }: Overview): JSX.Element {
  const { sign } = status;
  const parts = attentionParts(status, lost);
  return (
    <div data-live="verdict">
      {sign.count === 0
        ? (
          <>
            <b>All is well</b>: nothing fails, is late or waits in vain.
          </>
        )
        : (
          <>
            <b class={sign.tone === "bad" ? "bad" : "late"}>{sign.text}</b>: {parts.join(", ")}.
          </>
        )}
    </div>
  );
}

function Numbers({ status: { totals, workers, stuck }, hours, now }: Overview & { readonly now: number }): JSX.Element {
  const ended = hours.reduce((sum, { counts }) => sum + counts.SUCCESS + failuresOf(counts) + counts.CANCELLED, 0);
  const ago = (at: number | null) => at === null ? "" : spanWords(now - at);
  return (
    <section class="panel" aria-label="Numbers">
      <div class="four" data-live="numbers">
        <a href="/runs?q=status%3Arunning">
          <span class="k">
            <Icon name="running" />Running
          </span>
          <span class="v">{capped(totals.running)}</span>
          <small>of {workers.slots} slots</small>
        </a>
        <a class={stuck.runs > 0 ? "late" : undefined} href="/queue">
          <span class="k">
            <Icon name="queue" />Waiting
          </span>
          <span class="v">{capped(totals.waiting)}</span>
          <small>{totals.waitingSince === null ? "nothing waits" : `oldest ${ago(totals.waitingSince)}`}</small>
        </a>
        <a class={totals.late > 0 ? "late" : undefined} href="/jobs?sort=nextRun">
          <span class="k">
            <Icon name="late" />Late
          </span>
          <span class="v">{capped(totals.late)}</span>
          <small>{totals.lateSince === null ? "all are on time" : `by ${ago(totals.lateSince)}`}</small>
        </a>
        <a class={totals.failed > 0 ? "bad" : undefined} href="/runs?q=status%3Afailed+since%3A24h">
          <span class="k">
            <Icon name="cross" />Failed in 24 h
          </span>
          <span class="v">{capped(totals.failed)}</span>
          {ended > totals.failed && <small>of {ended.toLocaleString("en")} runs</small>}
        </a>
      </div>
    </section>
  );
}

function failuresOf({ FAILURE, ERROR, TIMEOUT }: Overview["hours"][number]["counts"]): number {
  return FAILURE + ERROR + TIMEOUT;
}

/** What runs now, each to be stopped by one click. */
function Running({ runs, state }: { readonly runs: Overview["running"]; readonly state: State }): JSX.Element {
  return (
    <Panel id="running" title="Running now" tools={<a href="/runs?q=status%3Arunning">All running</a>}>
      <ul class="list">
        {runs.map(({ id, jobName, state: run }) => (
          <li key={id} data-row={id}>
            <Status status={run.status} />
            <div>
              <NameLink href={`/runs/${id}`} name={jobName} />
              <p>{run.status === "IN_PROGRESS" && `on ${run.lease.workerId}`}</p>
            </div>
            <span class="when">
              {run.status === "IN_PROGRESS" && (
                <>
                  since {clockTime(run.startedAt ?? run.claimedAt, state.view)},{" "}
                  <Time at={run.startedAt ?? run.claimedAt} view={state.view} />
                </>
              )}
            </span>
            {state.mayAnywhere("runs.cancel") && (
              <Action to={`/runs/${id}/cancel`} icon="stop" label="Stop" of={jobName} fields={{ back: "/" }} />
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function NextRuns({ jobs, view }: { readonly jobs: Overview["next"]; readonly view: View }): JSX.Element {
  return (
    <Panel id="next" title="Next runs" tools={<a href="/jobs?sort=nextRun">Jobs</a>}>
      <div data-live="next">
        {jobs.length === 0
          ? <p class="body quiet">No job has a next run. Paused jobs and those by hand have none.</p>
          : (
            <ul class="list short">
              {jobs.map(({ id, name, nextRun }) => (
                <li key={id}>
                  <NameLink href={`/jobs/${id}`} name={name} />
                  <span>{nextRun !== null && <ShortTime at={nextRun} view={view} />}</span>
                </li>
              ))}
            </ul>
          )}
      </div>
    </Panel>
  );
}

function LastFailures({ runs, view }: { readonly runs: Overview["lastFailures"]; readonly view: View }): JSX.Element {
  return (
    <Panel id="failures" title="Last failures" tools={<a href="/runs?q=status%3Afailed">All failed runs</a>}>
      <div data-live="failures">
        {runs.length === 0 ? <p class="body quiet">No run has failed.</p> : (
          <ul class="list short">
            {runs.map(({ id, jobName, state }) => (
              <li key={id}>
                <div>
                  <NameLink href={`/runs/${id}`} name={jobName} />
                  <small>
                    <Status status={state.status} /> {"exitCode" in state && endWords(state)}
                  </small>
                </div>
                <span>{"completedAt" in state && <ShortTime at={state.completedAt} view={view} />}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}

function endWords({ exitCode, signal }: { readonly exitCode: number | null; readonly signal: string | null }): string {
  return exitCode !== null ? `exit ${exitCode}` : signal ?? "";
}
