import { page } from "fresh";
import { hideEnvValues, revisionEntries, type RevisionEntry } from "@jobtrigger/shared/api";
import type { Dispatch, EndedRun, JobSummary, LedgerEntry, Permission, Worker } from "@jobtrigger/shared/domain";
import { listRules, type NamedRule } from "@jobtrigger/shared/operations";
import { isShownTooLate } from "@jobtrigger/shared/policy";
import { describeSchedule, formatSchedule } from "@jobtrigger/shared/schedule";
import type { JSX } from "preact";
import { CHART_RUNS, DurationChart } from "../../../components/DurationChart.tsx";
import { JobAlerts } from "../../../components/JobAlerts.tsx";
import { Arguments, Facts } from "../../../components/Facts.tsx";
import { Copied } from "../../../components/Copied.tsx";
import { Fold } from "../../../components/Fold.tsx";
import { Damage, JobActions, JobVerdict, LastError } from "../../../components/JobVerdict.tsx";
import { labelTerm } from "../../../components/JobFilter.tsx";
import { Ledger } from "../../../components/Ledger.tsx";
import { More } from "../../../components/More.tsx";
import { Note } from "../../../components/Note.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Page } from "../../../components/Page.tsx";
import { Panel } from "../../../components/Panel.tsx";
import { PolicyFacts } from "../../../components/PolicyFacts.tsx";
import { RevisionBy, revisionWords } from "../../../components/Revisions.tsx";
import { RunTable } from "../../../components/RunTable.tsx";
import { SchedulePreview } from "../../../island_components/SchedulePreview.tsx";
import { FullTime } from "../../../components/Time.tsx";
import { Undo } from "../../../components/Undo.tsx";
import { WaitingRuns } from "../../../components/WaitingRuns.tsx";
import { WhyBox } from "../../../components/WhyBox.tsx";
import { curlOf } from "../../../format/curl.ts";
import type { Preview } from "../../../format/preview.ts";
import type { View } from "../../../format/view.ts";
import { API_ROOT } from "../../../server/api/operations.ts";
import { lastLineOf } from "../../../server/last_line.ts";
import { leftRuns } from "../../../server/left.ts";
import { jobIdOf } from "../../../server/params.ts";
import { previewJob } from "../../../server/preview.ts";
import { answerWhy, type WhyAnswer } from "../../../server/why.ts";
import { jobFor } from "../../../server/visible.ts";
import { define } from "../../../utils.ts";

const RUNS = 20;
const LEDGER_ENTRIES = 10;
const REVISIONS = 3;

interface Data {
  readonly job: JobSummary;
  readonly workers: readonly Worker[];
  readonly preview: Preview;
  readonly runs: readonly Dispatch[];
  /** See `RunTable`. */
  readonly left: readonly Dispatch[];
  readonly hasMoreRuns: boolean;
  /** The attempts of the chart. */
  readonly ended: readonly EndedRun[];
  readonly chart: typeof CHART_RUNS[number];
  readonly ledger: readonly LedgerEntry[];
  readonly revisions: readonly RevisionEntry[];
  /** The alert rules that cover it. */
  readonly rules: readonly NamedRule[];
  /** How many of its runs wait. */
  readonly waiting: number;
  readonly why: WhyAnswer;
  /** The last line of the failed run that the page begins with; null: none. */
  readonly lastLine: string | null;
  /** So that a click on "Run now" runs the job once, however often it is sent. */
  readonly runKey: string;
  readonly defaults: { readonly timeoutSeconds: number; readonly maxRetries: number };
}

/** Gathers the data of a job's page. */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const { store, config } = state.portal;
    const found = await jobFor(state, jobIdOf(params), "jobs.read");
    const { id, labels } = found;
    const chart = CHART_RUNS.find((count) => String(count) === url.searchParams.get("chart")) ?? CHART_RUNS[0];
    const show = state.may("jobs.edit", labels) ? undefined : hideEnvValues;
    const [summaries, runs, left, ended, ledger, revisions, waiting, why, workers, rules] = await Promise.all([
      store.jobs.list({ ids: [id], limit: 1 }),
      store.runs.list({ jobId: id, limit: RUNS }),
      leftRuns(state, url),
      store.jobs.recent(id, chart),
      store.runs.ledger(id, LEDGER_ENTRIES),
      store.jobs.revisions(id, { limit: REVISIONS + 1 }),
      store.runs.waiting(id),
      answerWhy(state, found, url.searchParams.get("why") ?? ""),
      store.workers.list(),
      listRules({ store, access: state.access }, { jobId: id }),
    ]);
    const job = summaries.items[0] ?? { ...found, lastRun: null, failure: null, recent: [] };
    const mayReadLog = job.failure !== null && state.may("logs.read", labels);
    return page({
      job,
      workers,
      preview: previewJob(job, state.view),
      runs: runs.items,
      left,
      hasMoreRuns: runs.next !== null,
      ended,
      chart,
      ledger,
      revisions: revisionEntries(revisions, REVISIONS, show),
      rules,
      waiting,
      why,
      lastLine: mayReadLog && job.failure !== null ? await lastLineOf(store.logs, job.failure.dispatchId) : null,
      runKey: crypto.randomUUID(),
      defaults: { timeoutSeconds: config.jobTimeoutMs / 1000, maxRetries: config.maxRetries },
    });
  },
});

/** One job: whether it is well, its runs, its next runs, and what it is. */
export default define.page<typeof handler>(function JobPage({ data, state, url }) {
  const { job, workers, preview, runs, left, hasMoreRuns, ended, chart, ledger, waiting, why, runKey, defaults } = data;
  const { view } = state;
  const path = `/jobs/${job.id}`;
  const may = (permission: Permission) => state.may(permission, job.labels);
  return (
    <Page
      title={job.name}
      crumbs={[["/jobs", "Jobs"]]}
      verdict={
        <span data-live="verdict" data-subject={job.name} class="row">
          <JobVerdict job={job} workers={workers} view={view} />
        </span>
      }
      actions={<JobActions job={job} runKey={runKey} may={may} />}
    >
      <Notice code={url.searchParams.get("notice")} cancelled={url.searchParams.get("cancelled")}>
        {may("jobs.edit") && <Undo job={job} edited={url.searchParams.get("undo")} />}
      </Notice>
      <WaitingRuns job={job} waiting={waiting} mayCancel={may("jobs.pause")} />
      <div data-live="error" class="stack">
        <Damage job={job} mayEdit={may("jobs.edit")} />
        <LastError job={job} line={data.lastLine} view={view} />
        {isShownTooLate(job, view.now) && (
          <Note tone="warn" role={null} what="Next run is later than the schedule says.">
            <p>A clock was wrong when it was computed. A scheduler corrects it.</p>
          </Note>
        )}
      </div>
      <div class="split">
        <div class="stack">
          {ended.length > 0 && (
            <div data-live="duration">
              <DurationChart runs={ended} limit={chart} path={path} view={view} />
            </div>
          )}
          <Panel
            title="Runs"
            id="runs"
            tools={hasMoreRuns && <a href={`/runs?job=${job.id}`}>All runs of this job</a>}
          >
            <More />
            <div data-live="runs" data-noun="run" data-follow>
              {runs.length + left.length === 0
                ? <p class="empty">It has not run yet.</p>
                : <RunTable runs={runs} left={left} view={view} hasJob={false} />}
            </div>
          </Panel>
          <Panel
            title="Times that did not run"
            id="ledger"
            isPadded
            tools={<a href="#why">Ask about a time</a>}
          >
            {ledger.length > 0 ? <Ledger entries={ledger} view={view} /> : <p class="quiet">None is recorded.</p>}
          </Panel>
          <WhyBox path={path} zone={view.zone} {...why} />
        </div>
        <div class="stack">
          <Panel title="Next runs" id="next" isPadded>
            {!job.isActive && <p class="quiet">Paused: none of these will run until it is resumed.</p>}
            <SchedulePreview preview={preview} />
          </Panel>
          <section class="panel" aria-label="Definition" data-live="facts">
            <JobFacts job={job} view={view} defaults={defaults} api={`${url.origin}${API_ROOT}`} />
          </section>
          <JobAlerts rules={data.rules} jobId={job.id} mayEdit={may("alerts.edit")} />
          <Panel
            title="Revisions"
            id="revisions"
            foot={<a href={`${path}/revisions`}>All revisions</a>}
          >
            <ul class="list short">
              {data.revisions.map(({ revision }) => (
                <li key={revision.revision}>
                  <div>
                    <a href={`${path}/revisions#r${revision.revision}`}>
                      <b>{revision.revision}</b>
                    </a>: {revisionWords(revision)}
                    <RevisionBy revision={revision} view={view} />
                  </div>
                </li>
              ))}
            </ul>
          </Panel>
        </div>
      </div>
    </Page>
  );
});

/** What a job is, folded under headings that say it already. */
function JobFacts({ job, view, defaults, api }: {
  readonly job: JobSummary;
  readonly view: View;
  readonly defaults: Data["defaults"];
  /** The address of the API. */
  readonly api: string;
}): JSX.Element {
  const names = Object.keys(job.policies.env);
  const own = job.key ?? String(job.id);
  return (
    <>
      <Fold title="Schedule" value={describeSchedule(job.schedule)} isOpen>
        <Facts
          facts={{
            "Text": <Copied text={formatSchedule(job.schedule)} of="the schedule" />,
            "Time zone": job.timezone,
            "Next run": job.nextRun === null ? "none" : <FullTime at={job.nextRun} view={view} />,
            "Paused because": job.pausedNote,
          }}
        />
      </Fold>
      <Fold title="Script" value={<code>{job.scriptPath}</code>} isOpen>
        <Facts
          facts={{
            "Path": <Copied text={job.scriptPath} of="the path of the script" />,
            "Arguments": job.scriptArgs.length === 0 ? "none" : <Arguments args={job.scriptArgs} />,
            "Environment": names.length === 0 ? null : names.join(", "),
          }}
        />
      </Fold>
      <Fold title="Labels" value={job.labels.length === 0 ? "none" : job.labels.join(", ")}>
        <p class="chips">
          {job.labels.map((label) => (
            <a key={label} class="chip" href={`/jobs?${new URLSearchParams({ q: labelTerm(label) })}`}>{label}</a>
          ))}
        </p>
      </Fold>
      <Fold title="Policies" value={`overlap ${job.policies.overlap.replaceAll("_", " ")}`} isOpen>
        <PolicyFacts job={job} defaults={defaults} />
      </Fold>
      <Fold title="About" value={job.key ?? `#${job.id}`}>
        <Facts
          facts={{
            "Number": <Copied text={String(job.id)} of="the number of the job" />,
            "Key": job.key === null ? null : <Copied text={job.key} of="the key of the job" />,
            "Managed by": job.managedBy,
            "Created": <FullTime at={job.createdAt} view={view} />,
            "Changed": job.revision > 1 ? <FullTime at={job.updatedAt} view={view} /> : null,
          }}
        />
      </Fold>
      <Fold title="As a command" value={`jobctl jobs run ${own}`}>
        <Facts
          facts={{
            "Run now": <Copied text={`jobctl jobs run ${own}`} of="the command that runs it" />,
            "By curl": <Copied text={curlOf("POST", `${api}/jobs/${own}/runs`)} of="the request for curl" />,
            "API": <Copied text={`${api}/jobs/${own}`} of="the address of the job in the API" />,
          }}
        />
      </Fold>
    </>
  );
}
