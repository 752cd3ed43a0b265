import type { Job } from "@jobtrigger/shared/domain";
import type { Crumb } from "./Page.tsx";

/** The way from a page below a job up to the job. */
export function jobCrumbs({ id, name }: Pick<Job, "id" | "name">): readonly Crumb[] {
  return [["/jobs", "Jobs"], [`/jobs/${id}`, name]];
}
