import type { BulkChange } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Note } from "./Note.tsx";

/** Says that a change of many jobs of the reader was interrupted. It is about the reader, so it stands outside of live regions. */
export function Interrupted({ change }: { readonly change: BulkChange | null }): JSX.Element | null {
  if (change === null) return null;
  const { id, total, done, refused } = change;
  const left = total - done - refused;
  return (
    <Note
      tone="warn"
      role={null}
      what="A change of many jobs that you asked for was interrupted."
      step={<a class="button" href={`/jobs/bulk/${id}`}>See the change</a>}
    >
      <p>
        {left === 1 ? "1 job is" : `${left.toLocaleString("en")} jobs are`}{" "}
        left as they were. It acts with your rights, so it goes on only when you say so.
      </p>
    </Note>
  );
}
