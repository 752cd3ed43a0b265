import { page } from "fresh";
import type { Dispatch, Job, LedgerEntry, Permission } from "@jobtrigger/shared/domain";
import { isShownTooLate } from "@jobtrigger/shared/policy";
import { describeSchedule, formatSchedule } from "@jobtrigger/shared/schedule";
import type { JSX } from "preact";
import { Action } from "../../../components/Action.tsx";
import { Arguments, Facts } from "../../../components/Facts.tsx";
import { Empty } from "../../../components/Empty.tsx";
import { Icon } from "../../../components/Icon.tsx";
import { jobWord } from "../../../components/JobTable.tsx";
import { Ledger } from "../../../components/Ledger.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Panel } from "../../../components/Panel.tsx";
import { Page } from "../../../components/Page.tsx";
import { PolicyFacts } from "../../../components/PolicyFacts.tsx";
import { RunTable } from "../../../components/RunTable.tsx";
import { CANCEL_WAITING, runsThatWait, WaitingRuns } from "../../../components/WaitingRuns.tsx";
import { SchedulePreview } from "../../../components/SchedulePreview.tsx";
import { Badge } from "../../../components/Status.tsx";
import { FullTime } from "../../../components/Time.tsx";
import { WhyBox } from "../../../components/WhyBox.tsx";
import type { Preview } from "../../../format/preview.ts";
import Live from "../../../islands/Live.tsx";
import { leftRuns } from "../../../server/left.ts";
import { jobIdOf } from "../../../server/params.ts";
import { previewJob } from "../../../server/preview.ts";
import { answerWhy, type WhyAnswer } from "../../../server/why.ts";
import type { View } from "../../../format/view.ts";
import type { May } from "../../../server/state.ts";
import { jobFor } from "../../../server/visible.ts";
import { define } from "../../../utils.ts";

const RECENT_RUNS = 20;
const LEDGER_ENTRIES = 10;

interface Data {
  readonly job: Job;
  readonly preview: Preview;
  readonly runs: readonly Dispatch[];
  /** See `RunTable`. */
  readonly left: readonly Dispatch[];
  readonly hasMoreRuns: boolean;
  readonly ledger: readonly LedgerEntry[];
  /** How many of its runs wait. */
  readonly waiting: number;
  readonly why: WhyAnswer;
  /** So that a click on "Run now" runs the job once, however often it is sent. */
  readonly runKey: string;
  readonly defaults: { readonly timeoutSeconds: number; readonly maxRetries: number };
}

/** Gathers the data of a job's page. */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const { store, config } = state.portal;
    const job = await jobFor(state, jobIdOf(params), "jobs.read");
    const [runs, left, ledger, waiting, why] = await Promise.all([
      store.runs.list({ jobId: job.id, limit: RECENT_RUNS }),
      leftRuns(state, url),
      store.runs.ledger(job.id, LEDGER_ENTRIES),
      store.runs.waiting(job.id),
      answerWhy(state, job, url.searchParams.get("why") ?? ""),
    ]);
    return page({
      job,
      preview: previewJob(job, state.view),
      runs: runs.items,
      left,
      hasMoreRuns: runs.next !== null,
      ledger,
      waiting,
      why,
      runKey: crypto.randomUUID(),
      defaults: { timeoutSeconds: config.jobTimeoutMs / 1000, maxRetries: config.maxRetries },
    });
  },
});

/** One job: its definition, its runs, its next runs. */
export default define.page<typeof handler>(function JobPage({ data, state, url }) {
  const { job, preview, runs, left, hasMoreRuns, ledger, waiting, why, runKey, defaults } = data;
  const { view } = state;
  return (
    <Page
      title={job.name}
      crumbs={[["/jobs", "Jobs"]]}
      verdict={<JobVerdict job={job} view={view} />}
      actions={<Actions job={job} runKey={runKey} waiting={waiting} may={state.may} />}
    >
      <Notice code={url.searchParams.get("notice")} cancelled={url.searchParams.get("cancelled")} />
      <WaitingRuns job={job} waiting={waiting} mayCancel={state.may("jobs.pause", job.labels)} />
      <div class="split even">
        <div class="stack">
          <Panel id="job-facts" title="Definition">
            <div class="body" data-live="facts">
              <JobFacts job={job} view={view} />
            </div>
          </Panel>
          <WhyBox path={`/jobs/${job.id}`} zone={view.zone} {...why} />
        </div>
        <Panel id="job-next" title="Next runs" isPadded>
          {!job.isActive && <p class="quiet">Paused: none of these will run until it is resumed.</p>}
          <SchedulePreview preview={preview} />
        </Panel>
      </div>
      <Panel
        id="job-runs"
        title="Runs"
        tools={hasMoreRuns && <a href={`/runs?job=${job.id}`}>All runs of this job</a>}
      >
        <div class="more">
          <Live />
        </div>
        <div data-live="runs" data-noun="run">
          {runs.length + left.length === 0
            ? <Empty icon="runs" title="It has not run yet" />
            : <RunTable runs={runs} left={left} view={view} hasJob={false} />}
        </div>
      </Panel>
      <Panel id="job-policies" title="Policies">
        <div class="body" data-live="policies">
          <PolicyFacts job={job} defaults={defaults} />
        </div>
      </Panel>
      {ledger.length > 0 && (
        <Panel id="job-ledger" title="Why it did not run">
          <Ledger entries={ledger} view={view} />
        </Panel>
      )}
    </Page>
  );
});

function JobVerdict({ job, view }: { readonly job: Job; readonly view: View }): JSX.Element {
  return (
    <>
      <span data-live="state">
        <Badge {...jobWord(job, view.now)} />
      </span>
      <span>
        {describeSchedule(job.schedule)}
        {job.schedule.kind !== "manual" && `, ${job.timezone}`}
      </span>
    </>
  );
}

function Actions(
  { job, runKey, waiting, may }: {
    readonly job: Job;
    readonly runKey: string;
    readonly waiting: number;
    readonly may: May;
  },
): JSX.Element {
  const path = `/jobs/${job.id}`;
  const mayDo = (permission: Permission) => may(permission, job.labels);
  return (
    <>
      {mayDo("jobs.run") && (
        <>
          <Action to={`${path}/run`} icon="play" label="Run now" tone="primary" fields={{ key: runKey }} />
          <a class="button" href={`${path}/run`}>Run with…</a>
          <a class="button" href={`${path}/backfill`}>Backfill…</a>
        </>
      )}
      {!mayDo("jobs.pause")
        ? null
        : job.isActive
        ? (
          <Action to={`${path}/pause`} icon="pause" label="Pause" fields={{ back: path }}>
            <input
              name="note"
              class="note-field"
              maxLength={500}
              placeholder="Pause note"
              aria-label="Why it is paused"
            />
            {waiting > 0 && (
              <label class="check">
                <input type="checkbox" name={CANCEL_WAITING} />
                Cancel the {runsThatWait(waiting)}
              </label>
            )}
          </Action>
        )
        : <Action to={`${path}/resume`} icon="resume" label="Resume" fields={{ back: path }} />}
      {mayDo("webhooks.edit") && <a class="button" href={`${path}/webhooks`}>Webhooks…</a>}
      {mayDo("jobs.edit") && (
        <a class="button" href={`${path}/edit`} data-key="e">
          <Icon name="edit" />Edit
        </a>
      )}
      {mayDo("jobs.delete") && (
        <a class="button danger" href={`${path}/delete`}>
          <Icon name="trash" />Delete
        </a>
      )}
    </>
  );
}

function JobFacts(
  { job, view }: { readonly job: Job; readonly view: View },
): JSX.Element {
  const names = Object.keys(job.policies.env);
  return (
    <Facts
      facts={{
        "Paused because": job.pausedNote,
        "Key": job.key === null ? null : <code>{job.key}</code>,
        "Managed by": job.managedBy,
        "Labels": job.labels.length === 0 ? null : job.labels.join(", "),
        "Script": <code>{job.scriptPath}</code>,
        "Arguments": job.scriptArgs.length === 0 ? null : <Arguments args={job.scriptArgs} />,
        "Schedule": (
          <>
            {describeSchedule(job.schedule)} <code>{formatSchedule(job.schedule)}</code>
          </>
        ),
        "Time zone": job.timezone,
        "Next run": (
          <>
            {job.nextRun === null ? "none" : <FullTime at={job.nextRun} view={view} />}
            {isShownTooLate(job, view.now) && <p class="quiet">Next run is later than the schedule says.</p>}
          </>
        ),
        "Environment": names.length === 0 ? null : names.join(", "),
        "Created": <FullTime at={job.createdAt} view={view} />,
        "Changed": job.revision > 1 ? <FullTime at={job.updatedAt} view={view} /> : null,
      }}
    />
  );
}
