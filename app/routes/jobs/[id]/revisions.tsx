import { page } from "fresh";
import { hideEnvValues, revisionEntries, type RevisionEntry } from "@jobtrigger/shared/api";
import type { Job } from "@jobtrigger/shared/domain";
import { jobCrumbs } from "../../../components/job_crumbs.ts";
import { Action } from "../../../components/Action.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Page } from "../../../components/Page.tsx";
import { FieldChanges, RevisionBy, RevisionDamage, revisionWords } from "../../../components/Revisions.tsx";
import { jobIdOf } from "../../../server/params.ts";
import { jobFor } from "../../../server/visible.ts";
import { define } from "../../../utils.ts";

const PAGE_REVISIONS = 50;

interface Data {
  readonly job: Job;
  readonly entries: readonly RevisionEntry[];
  /** The revision before which older ones begin; null: these are the oldest. */
  readonly older: number | null;
}

/** The revisions of a job, newest first. */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const job = await jobFor(state, jobIdOf(params), "jobs.read");
    const text = url.searchParams.get("before") ?? "";
    // One more than is shown, to compare the last with.
    const revisions = await state.portal.store.jobs.revisions(job.id, {
      limit: PAGE_REVISIONS + 1,
      ...(/^[1-9]\d{0,8}$/.test(text) && { before: Number(text) }),
    });
    const show = state.may("jobs.edit", job.labels) ? undefined : hideEnvValues;
    const older = revisions.length > PAGE_REVISIONS ? revisions[PAGE_REVISIONS - 1]?.revision ?? null : null;
    return page({ job, entries: revisionEntries(revisions, PAGE_REVISIONS, show), older });
  },
});

/** Who changed a job, what, and a button that restores each definition. */
export default define.page<typeof handler>(function RevisionsPage({ data, state, url }) {
  const { job, entries, older } = data;
  const path = `/jobs/${job.id}`;
  const mayEdit = state.may("jobs.edit", job.labels);
  return (
    <Page title="Revisions" crumbs={jobCrumbs(job)} verdict={`Revision ${job.revision} is the present one.`}>
      <Notice code={url.searchParams.get("notice")} />
      <section class="panel" aria-label="Revisions">
        <ol class="list short revisions">
          {entries.map(({ revision, changes }) => (
            <li key={revision.revision} id={`r${revision.revision}`}>
              <div>
                <b>{revision.revision}</b>
                {revision.revision === job.revision && ", the present one"}: {revisionWords(revision)}
                <RevisionBy revision={revision} view={state.view} />
                <RevisionDamage revision={revision} />
                <FieldChanges changes={changes} />
              </div>
              {mayEdit && revision.damage === null && (revision.revision !== job.revision || job.damage !== null) && (
                <Action
                  to={`${path}/rollback`}
                  icon="again"
                  label="Restore"
                  of={`revision ${revision.revision}`}
                  fields={{ to: String(revision.revision), revision: String(job.revision) }}
                />
              )}
            </li>
          ))}
        </ol>
        {older !== null && (
          <footer>
            <a class="button" href={`${path}/revisions?before=${older}`}>Older revisions</a>
          </footer>
        )}
      </section>
    </Page>
  );
});
