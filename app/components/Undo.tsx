import type { Job } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Action } from "./Action.tsx";

/** Takes the last edit back. Shown only while nothing has changed since: the address names the revision that the edit made. */
export function Undo({ job, edited }: { readonly job: Job; readonly edited: string | null }): JSX.Element | null {
  if (edited !== String(job.revision) || job.revision < 2) return null;
  return (
    <Action
      to={`/jobs/${job.id}/rollback`}
      icon="again"
      label="Undo"
      fields={{ to: String(job.revision - 1), revision: edited, undo: "1" }}
    />
  );
}
