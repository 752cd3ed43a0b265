import { page } from "fresh";
import type { Dispatch, Execution, Job } from "@jobtrigger/shared/domain";
import { whyWaits } from "@jobtrigger/shared/operations";
import { asset, Head } from "fresh/runtime";
import { Action } from "../../../components/Action.tsx";
import { LogGroups } from "../../../components/LogLines.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Panel } from "../../../components/Panel.tsx";
import { Page } from "../../../components/Page.tsx";
import { RunFacts } from "../../../components/RunFacts.tsx";
import { RunTable } from "../../../components/RunTable.tsx";
import { Status } from "../../../components/Status.tsx";
import type { LogLine } from "../../../format/log_screen.ts";
import RunLog from "../../../islands/RunLog.tsx";
import { writeArgs } from "../../../server/job_form.ts";
import { type LogWindow, readLogWindow, WINDOW_LINES } from "../../../server/log_window.ts";
import { runIdOf } from "../../../server/params.ts";
import { runFor } from "../../../server/visible.ts";
import { define } from "../../../utils.ts";

interface Data {
  readonly run: Dispatch;
  readonly execution: Execution | null;
  readonly attempts: readonly Dispatch[];
  /** Null when it was deleted since. */
  readonly job: Job | null;
  /** Why it waits; null: it does not. */
  readonly waits: string | null;
  readonly log: LogWindow;
  readonly runKey: string;
}

/** Gathers the data of a run's page, with the end of its log or the part that `?line=` names. */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const { store } = state.portal;
    const id = runIdOf(params);
    const run = await runFor(state, id, "runs.read");
    const asked = url.searchParams.get("line") ?? "";
    const line = /^[1-9]\d{0,8}$/.test(asked) ? Number(asked) : null;
    const [execution, attempts, job, waits, log] = await Promise.all([
      store.runs.execution(id),
      store.runs.attempts(run.rootId),
      store.jobs.get(run.jobId),
      whyWaits(store, run, { ...state.view, access: state.access }),
      readLogWindow(store.logs, id, { line, stream: null }),
    ]);
    return page({ run, execution, attempts, job, waits, log, runKey: crypto.randomUUID() });
  },
});

/** One attempt of a job: its facts and its output. */
export default define.page<typeof handler>(function RunPage({ data, state, url }) {
  const { run, execution, attempts, job, waits, log, runKey } = data;
  const { view } = state;
  const hasEnded = run.state.status !== "PENDING" && run.state.status !== "IN_PROGRESS";
  return (
    <Page
      title={`Run #${run.id}`}
      crumbs={[[`/jobs/${run.jobId}`, run.jobName]]}
      actions={
        <div data-live="actions" class="row">
          <span data-row="state">
            <Status status={run.state.status} />
          </span>
          {!hasEnded && state.may("runs.cancel", job?.labels ?? []) && (
            <Action to={`/runs/${run.id}/cancel`} icon="stop" label="Cancel" tone="danger" row="cancel" />
          )}
          {job !== null && state.may("jobs.run", job.labels) && (
            <Action
              row="again"
              isDisabled={!hasEnded}
              to={`/jobs/${job.id}/run`}
              icon="play"
              label="Run again"
              fields={{ key: runKey, ...(run.args !== null && { args: writeArgs(run.args) }) }}
            />
          )}
        </div>
      }
    >
      <Head>
        <link rel="stylesheet" href={asset("/ansi.css")} />
      </Head>
      <Notice code={url.searchParams.get("notice")} />
      <Panel id="run-facts" title="Facts">
        <div class="body" data-live="facts">
          <RunFacts run={run} execution={execution} job={job} waits={waits} view={view} />
        </div>
      </Panel>
      <Panel
        id="run-log"
        title="Output"
        tools={
          <>
            <RunLog
              runId={run.id}
              state={log.state}
              hasEnded={hasEnded}
              isTail={log.laterLine === null}
              windowLines={WINDOW_LINES}
            />
            <a class="button" href={`/runs/${run.id}/log`} download={`run-${run.id}.log`}>Download</a>
          </>
        }
      >
        <Log run={run} log={log} hasEnded={hasEnded} />
      </Panel>
      {attempts.length > 1 && (
        <Panel id="run-attempts" title="All attempts">
          <div class="more" />
          <div data-live="attempts" data-noun="attempt">
            <RunTable runs={attempts} view={view} hasJob={false} />
          </div>
        </Panel>
      )}
    </Page>
  );
});

function Log({ run, log, hasEnded }: { readonly run: Dispatch; readonly log: LogWindow; readonly hasEnded: boolean }) {
  const open = openLine(log);
  const isEmpty = log.lines.length === 0 && open === null;
  return (
    <>
      {(log.earlierLine !== null || !hasEnded) && (
        <p class="earlier">
          <a
            href={`/runs/${run.id}?line=${log.earlierLine ?? 1}#L${log.earlierLine ?? 1}`}
            hidden={log.earlierLine === null}
            data-earlier
          >
            Earlier lines
          </a>
        </p>
      )}
      <div id="log" class="log" role="log" tabIndex={0} aria-labelledby="run-log-title">
        {isEmpty && (
          <p data-empty class="quiet">
            {hasEnded ? "It wrote nothing." : "Nothing yet: output appears here as it comes."}
          </p>
        )}
        <LogGroups lines={log.lines} />
        {open !== null && (
          <div data-open>
            <LogGroups lines={[open]} />
          </div>
        )}
      </div>
      {log.laterLine !== null && (
        <footer>
          <a href={`/runs/${run.id}?line=${log.laterLine}#L${log.laterLine}`}>Later lines</a>
        </footer>
      )}
    </>
  );
}

/** The row that is being written, if there is anything on it. */
function openLine({ state, laterLine }: LogWindow): LogLine | null {
  if (laterLine !== null || state.segments.length === 0) return null;
  const { number, isContinued, stream, segments, isPlain } = state;
  return { number, isContinued, stream, segments, isPlain };
}
