import { FIELD_NAMES, JOB_FIELDS } from "@jobtrigger/shared/api";
import type { JSX } from "preact";
import type { JobFields } from "../format/job_fields.ts";
import { Note } from "./Note.tsx";

/** Two edits of one job. */
export interface EditConflictProps {
  /** The fields from which both editors began; null when unknown. */
  readonly base: JobFields | null;
  readonly theirs: JobFields;
  readonly yours: JobFields;
  readonly path: string;
}

/** Shows the second of two editors what the first one changed. */
export function EditConflict({ base, theirs, yours, path }: EditConflictProps): JSX.Element {
  const changed = FIELD_NAMES.filter((name) =>
    base === null ? theirs[name] !== yours[name] : theirs[name] !== base[name]
  );
  return (
    <Note
      tone="warn"
      role="alert"
      what="Somebody changed this job while you were editing it."
      step={<a class="button" href={`${path}/edit`}>Start again from theirs</a>}
    >
      <p>Your changes were not saved; they are still in the form below. Saving now replaces the other version.</p>
      {changed.length === 0
        ? <p>Its fields are as they were: it was paused or resumed.</p>
        : (
          <div class="scroll" tabIndex={0} role="region" aria-label="What changed">
            <table>
              <thead>
                <tr>
                  <th scope="col">Field</th>
                  {base !== null && <th scope="col">Was</th>}
                  <th scope="col">Theirs, stored</th>
                  <th scope="col">Yours, not saved</th>
                </tr>
              </thead>
              <tbody>
                {changed.map((name) => (
                  <tr key={name}>
                    <th scope="row">{JOB_FIELDS[name].label}</th>
                    {base !== null && <Value text={base[name]} />}
                    <Value text={theirs[name]} />
                    <Value text={yours[name]} />
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </Note>
  );
}

function Value({ text }: { readonly text: string }): JSX.Element {
  return <td class="value">{text === "" ? <span class="quiet">empty</span> : text}</td>;
}
