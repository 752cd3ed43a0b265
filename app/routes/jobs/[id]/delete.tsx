import { page } from "fresh";
import type { Job } from "@jobtrigger/shared/domain";
import { deleteJob } from "@jobtrigger/shared/operations";
import { Action } from "../../../components/Action.tsx";
import { jobCrumbs } from "../../../components/job_crumbs.ts";
import { Note } from "../../../components/Note.tsx";
import { Page } from "../../../components/Page.tsx";
import { operating } from "../../../server/operating.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { jobFor } from "../../../server/visible.ts";
import { define } from "../../../utils.ts";

/** Asks before it deletes. */
export const handler = define.handlers<Job>({
  async GET({ params, state }) {
    return page(await jobFor(state, jobIdOf(params), "jobs.delete"));
  },
  async POST({ params, state }) {
    await deleteJob(operating(state), { id: jobIdOf(params) });
    return seeOther("/jobs?notice=deleted");
  },
});

/** The question whether to delete a job. */
export default define.page<typeof handler>(function DeleteJobPage({ data: job }) {
  const path = `/jobs/${job.id}`;
  return (
    <Page title="Delete" crumbs={jobCrumbs(job)}>
      <Note
        tone="warn"
        role={null}
        what={<bdi>{`Delete ${job.name}?`}</bdi>}
      >
        <p>
          Its waiting runs are cancelled and its running ones stopped. It cannot be undone. Past runs and their output
          stay until they are cleaned up.
        </p>
      </Note>
      <div class="row">
        <Action to={`${path}/delete`} icon="trash" label="Delete this job" of={job.name} tone="danger" />
        <a class="button" href={path}>Keep it</a>
      </div>
    </Page>
  );
});
