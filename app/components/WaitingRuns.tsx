import type { Job } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Action } from "./Action.tsx";
import { Note } from "./Note.tsx";

/** The name of the field by which a pause cancels waiting runs. */
export const CANCEL_WAITING = "cancel_waiting";

/** A number of runs in words. */
export function runsThatWait(count: number): string {
  return count === 1 ? "1 run that waits" : `${count.toLocaleString("en")} runs that wait`;
}

/** For a paused job: says how many runs still wait and will start, and offers to cancel them. */
export function WaitingRuns(
  { job, waiting, mayCancel }: { readonly job: Job; readonly waiting: number; readonly mayCancel: boolean },
): JSX.Element | null {
  if (job.isActive || waiting === 0) return null;
  const [wait, them] = waiting === 1 ? ["1 run waits and starts", "it"] : [
    `${waiting.toLocaleString("en")} runs wait and start`,
    "them",
  ];
  return (
    <Note
      tone="warn"
      role={null}
      what={`The job is paused, but ${wait} all the same, unless you cancel ${them}.`}
      step={mayCancel && (
        <Action
          to={`/jobs/${job.id}/pause`}
          icon="stop"
          label={`Cancel the ${runsThatWait(waiting)}`}
          tone="danger"
          fields={{ [CANCEL_WAITING]: "on", back: `/jobs/${job.id}` }}
        />
      )}
    />
  );
}
