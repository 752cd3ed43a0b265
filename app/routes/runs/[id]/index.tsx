import { page } from "fresh";
import type { Dispatch, Execution, Job, LogStream } from "@jobtrigger/shared/domain";
import { whyWaits } from "@jobtrigger/shared/operations";
import { MAX_SOUGHT, patternOfText } from "@jobtrigger/shared/policy";
import { asset, Head } from "fresh/runtime";
import type { JSX } from "preact";
import { Action } from "../../../components/Action.tsx";
import { Menu, MenuLink } from "../../../components/Menu.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Page } from "../../../components/Page.tsx";
import { withParams } from "../../../components/Pager.tsx";
import { RunFacts } from "../../../components/RunFacts.tsx";
import { Attempts, Log, LogTools, SHOWN_STREAMS } from "../../../components/RunOutput.tsx";
import { RunVerdict } from "../../../components/RunVerdict.tsx";
import { runTitle } from "../../../components/run_title.ts";
import { WaitBar } from "../../../components/WaitBar.tsx";
import { markText } from "../../../format/log_marks.ts";
import type { LogLine } from "../../../format/log_screen.ts";
import RunLog from "../../../islands/RunLog.tsx";
import { API_ROOT } from "../../../server/api/operations.ts";
import { writeArgs } from "../../../server/job_form.ts";
import { findInLog, firstInLog, type Found } from "../../../server/log_find.ts";
import { type LogWindow, readLogWindow } from "../../../server/log_window.ts";
import { runIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { runFor } from "../../../server/visible.ts";
import { define, type State } from "../../../utils.ts";

interface Data {
  readonly run: Dispatch;
  readonly execution: Execution | null;
  readonly attempts: readonly Dispatch[];
  /** Null when it was deleted since. */
  readonly job: Job | null;
  /** Why it waits; null: it does not. */
  readonly waits: string | null;
  readonly log: LogWindow;
  /** What the address looks for; null: nothing. */
  readonly found: Found | null;
  readonly stream: LogStream | null;
  /** The first line of stderr; null: there is none. */
  readonly firstError: number | null;
  /** How much output there is. */
  readonly size: { readonly lines: number; readonly bytes: number };
  readonly runKey: string;
}

/** What the address asks of the output. */
interface Asked {
  readonly find: string;
  readonly at: number | null;
  readonly from: number;
  readonly line: number | null;
  readonly go: number | null;
  readonly stream: LogStream | null;
}

function askedBy(params: URLSearchParams): Asked {
  const number = (name: string) => {
    const text = params.get(name)?.trim() ?? "";
    return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
  };
  return {
    find: (params.get("find") ?? "").replace(/[\r\n]+/g, " ").slice(0, MAX_SOUGHT),
    at: number("at"),
    from: number("from") ?? 1,
    line: number("line"),
    go: number("go"),
    stream: SHOWN_STREAMS.find((name) => name === params.get("stream")) ?? null,
  };
}

/**
 * Gathers the data of a run's page, with the end of its log, the part around `?line=`, or that around what `?find=` finds. A search
 * and a line number that somebody typed lead to an address that names the line, so that the browser shows it.
 */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const { store } = state.portal;
    const id = runIdOf(params);
    const run = await runFor(state, id, "runs.read");
    const { find, at, from, line, go, stream } = askedBy(url.searchParams);
    if (go !== null) return seeOther(`${withParams(url, { go: null, line: String(go) })}#L${go}`);
    if (find !== "" && at === null && line === null) {
      const first = await firstInLog(store, id, { text: find, stream, from });
      if (first !== null) return seeOther(`${withParams(url, { at: String(first) })}#L${first}`);
    }
    const found = find === "" ? null : await findInLog(store, id, { text: find, stream, from, at: at ?? line ?? 1 });
    const [execution, attempts, job, waits, log, end, errors] = await Promise.all([
      store.runs.execution(id),
      store.runs.attempts(run.rootId),
      store.jobs.get(run.jobId),
      whyWaits(store, run, { ...state.view, access: state.access }),
      readLogWindow(store.logs, id, { line: line ?? found?.line ?? null, stream }),
      store.logs.end(id),
      store.logs.find(id, { stream: "stderr", lastLines: Number.MAX_SAFE_INTEGER, ...ALL }),
    ]);
    const size = { lines: Math.max(end.line - 1, Math.min(end.offset, 1)), bytes: end.offset };
    const firstError = errors.seq < end.seq ? errors.line : null;
    const runKey = crypto.randomUUID();
    return page({ run, execution, attempts, job, waits, log, found, stream, firstError, size, runKey });
  },
});

/** All of a stream. */
const ALL = { maxBytes: Number.MAX_SAFE_INTEGER, beforeSeq: Number.MAX_SAFE_INTEGER };

/** One attempt of a job: what happened, its output, its facts. */
export default define.page<typeof handler>(function RunPage({ data, state, url }) {
  const { run, execution, attempts, job, waits, log, found, stream, firstError, size } = data;
  const { view } = state;
  const hasEnded = "completedAt" in run.state;
  return (
    <Page
      title={`Run #${run.id}`}
      crumbs={[[`/jobs/${run.jobId}`, run.jobName]]}
      verdict={
        <span data-live="verdict">
          <RunVerdict run={run} execution={execution} job={job} attempts={attempts} waits={waits} view={view} />
        </span>
      }
      actions={<Actions data={data} state={state} />}
    >
      <Head>
        <title>{runTitle(run)}</title>
        <link rel="stylesheet" href={asset("/ansi.css")} />
      </Head>
      <Notice code={url.searchParams.get("notice")} />
      <div data-live="wait">
        <WaitBar run={run} now={view.now} />
      </div>
      <section class="panel" id="run-log" aria-labelledby="run-log-title">
        <h2 id="run-log-title" class="sr">Output</h2>
        {attempts.length > 1 && (
          <div data-live="attempts">
            <Attempts attempts={attempts} run={run} now={view.now} />
          </div>
        )}
        <LogTools url={url} run={run} found={found} stream={stream} firstError={firstError} />
        <Log
          url={url}
          lines={markText(log.lines, found === null ? null : patternOfText(found.text))}
          open={openLine(log)}
          earlierLine={log.earlierLine}
          laterLine={log.laterLine}
          hasEnded={hasEnded}
          stream={stream}
          hit={found?.line ?? null}
        />
        <footer>
          <span data-live="size">
            <span data-row="size">
              {size.lines.toLocaleString("en")} {size.lines === 1 ? "line" : "lines"}, {size.bytes.toLocaleString("en")}
              {" "}
              bytes
              {stream !== null && `; only ${stream} is shown`}
              {execution?.truncated && "; the middle was left out"}
            </span>
          </span>
          <RunLog
            runId={run.id}
            state={log.state}
            hasEnded={hasEnded}
            isTail={log.laterLine === null}
            stream={stream}
          />
        </footer>
      </section>
      <section class="panel" aria-labelledby="run-facts-title">
        <h2 id="run-facts-title" class="sr">About this run</h2>
        <div data-live="facts">
          <RunFacts run={run} execution={execution} job={job} api={`${url.origin}${API_ROOT}`} view={view} />
        </div>
      </section>
    </Page>
  );
});

function Actions({ data, state }: { readonly data: Data; readonly state: State }): JSX.Element {
  const { run, job, runKey } = data;
  const hasEnded = "completedAt" in run.state;
  const mayRun = job !== null && state.may("jobs.run", job.labels);
  return (
    <div data-live="actions" class="row">
      {!hasEnded && state.may("runs.cancel", job?.labels ?? []) && (
        <Action to={`/runs/${run.id}/cancel`} icon="stop" label="Cancel" tone="danger" row="cancel" />
      )}
      {mayRun && (
        <Action
          row="again"
          isDisabled={!hasEnded}
          to={`/jobs/${job.id}/run`}
          icon="again"
          label="Run again"
          {...(hasEnded && { tone: "primary" as const })}
          fields={{ key: runKey, ...(run.args !== null && { args: writeArgs(run.args) }) }}
        />
      )}
      <Menu of={`run #${run.id}`}>
        {mayRun && (
          <MenuLink href={`/jobs/${job.id}/run?like=${run.id}`} icon="edit" label="Run again with other arguments…" />
        )}
        <MenuLink href={`/runs/${run.id}/log`} icon="download" label="Download the output" />
        {job !== null && state.may("jobs.edit", job.labels) && (
          <MenuLink href={`/jobs/${job.id}/edit`} icon="edit" label="Edit the job" />
        )}
        <MenuLink href={`/runs?job=${run.jobId}`} icon="runs" label="All runs of the job" />
      </Menu>
    </div>
  );
}

/** The row that is being written, if there is anything on it. */
function openLine({ state, laterLine }: LogWindow): LogLine | null {
  if (laterLine !== null || state.segments.length === 0) return null;
  const { number, isContinued, stream, segments, isPlain } = state;
  return { number, isContinued, stream, segments, isPlain };
}
