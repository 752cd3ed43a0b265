import type { Job } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";

/** Links from a page below a job up to the job. */
export function JobTrail({ job }: { readonly job: Pick<Job, "id" | "name"> }): JSX.Element {
  return (
    <>
      <a href="/jobs">Jobs</a> /{" "}
      <a href={`/jobs/${job.id}`}>
        <bdi>{job.name}</bdi>
      </a>
    </>
  );
}
