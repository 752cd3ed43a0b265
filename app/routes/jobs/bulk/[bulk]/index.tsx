import { page } from "fresh";
import { BULK_DONE_WORDS } from "@jobtrigger/shared/api";
import type { BulkChange, BulkJob, BulkKind } from "@jobtrigger/shared/domain";
import { BULK_STOPPED_MS, readBulk, readBulkJobs } from "@jobtrigger/shared/operations";
import type { JSX } from "preact";
import { Action } from "../../../../components/Action.tsx";
import { NameLink } from "../../../../components/NameLink.tsx";
import { Note } from "../../../../components/Note.tsx";
import { Page } from "../../../../components/Page.tsx";
import { Panel } from "../../../../components/Panel.tsx";
import { safePath } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { bulkIdOf } from "../../../../server/params.ts";
import { define } from "../../../../utils.ts";

/** So many jobs of each outcome are listed. */
const LISTED = 200;
/** After how many seconds a page without script loads again while jobs are being changed. */
const AGAIN_SECONDS = 2;

interface Data {
  readonly change: BulkChange;
  readonly refused: readonly BulkJob[];
  readonly jobs: readonly BulkJob[];
  readonly isStopped: boolean;
  readonly back: string;
}

/** What has become of a change of many jobs. */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const context = operating(state);
    const id = bulkIdOf(params);
    const [change, refused, jobs] = await Promise.all([
      readBulk(context, id),
      readBulkJobs(context, id, { isRefused: true, limit: LISTED }),
      readBulkJobs(context, id, { limit: LISTED }),
    ]);
    const isStopped = change.finishedAt === null && state.view.now - change.touchedAt > BULK_STOPPED_MS;
    const back = safePath(url.searchParams.get("back") ?? "", "/jobs");
    const headers = change.finishedAt === null && !isStopped ? { refresh: String(AGAIN_SECONDS) } : {};
    return page({ change, refused, jobs, isStopped, back }, { headers });
  },
});

/** The result of a change of many jobs: how many are done, which were refused and why. */
export default define.page<typeof handler>(function BulkResultPage({ data }) {
  const { change, refused, jobs, isStopped, back } = data;
  const { action: { kind }, total, done, finishedAt } = change;
  const word = BULK_DONE_WORDS[kind];
  const number = (n: number) => n.toLocaleString("en");
  const settled = jobs.filter(({ outcome }) => outcome === "done");
  return (
    <Page
      title={finishedAt === null
        ? `${number(done)} of ${number(total)} jobs ${word}`
        : `${number(done)} ${done === 1 ? "job" : "jobs"} ${word}`}
      crumbs={[["/jobs", "Jobs"]]}
      verdict={
        <span role="status">
          {change.refused > 0 ? <b>{number(change.refused)} refused.</b> : "None was refused."}
          {finishedAt === null && ` ${number(total - done - change.refused)} to go.`}
        </span>
      }
      actions={<a class="button primary" href={back}>Back to the list</a>}
    >
      {isStopped && (
        <Note
          tone="warn"
          what="The change was interrupted."
          step={<Action to={`/jobs/bulk/${change.id}/continue`} icon="play" label="Go on" fields={{ back }} />}
        >
          <p>
            The portal that worked on it has stopped. What is listed as done is done; the jobs that are left are as they
            were. It acts with your rights, so it goes on only when you say so.
          </p>
        </Note>
      )}
      {refused.length > 0 && (
        <Panel title="Refused" id="refused" about={more(change.refused, refused.length)}>
          <Outcomes jobs={refused} kind={kind} />
        </Panel>
      )}
      {settled.length > 0 && (
        <Panel title="Done" id="done" about={more(done, settled.length)}>
          <Outcomes jobs={settled} kind={kind} />
        </Panel>
      )}
    </Page>
  );
});

function more(all: number, shown: number): string | undefined {
  return all > shown ? `the first ${shown} of ${all.toLocaleString("en")}` : undefined;
}

function Outcomes({ jobs, kind }: { readonly jobs: readonly BulkJob[]; readonly kind: BulkKind }): JSX.Element {
  return (
    <ul class="list short">
      {jobs.map(({ jobId, jobName, outcome, message, runId }) => (
        <li key={jobId}>
          <div>
            {jobName === ""
              ? <span>Job {jobId}</span>
              : kind === "delete" && outcome === "done"
              ? <bdi>{jobName}</bdi>
              : <NameLink href={`/jobs/${jobId}`} name={jobName} />}
            {message !== null && <small>{message}</small>}
          </div>
          {runId !== null && <a class="button" href={`/runs/${runId}`}>Run #{runId}</a>}
        </li>
      ))}
    </ul>
  );
}
