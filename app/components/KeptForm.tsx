import type { JSX } from "preact";
import { JobForm, type JobFormProps } from "./JobForm.tsx";
import { Note } from "./Note.tsx";
import { Page } from "./Page.tsx";

/** A form that was not saved. */
export interface KeptFormProps
  extends Pick<JobFormProps, "action" | "fields" | "parts" | "usual" | "defaults" | "hidden"> {
  readonly requestId: string;
}

/** The form of a job that met a database which does not answer: with all that was typed, to be sent again. */
export function KeptForm({ requestId, ...form }: KeptFormProps): JSX.Element {
  return (
    <Page title="Not saved yet">
      <Note tone="bad" role="alert" what="The database did not answer, so nothing was saved.">
        <p>
          All that you typed is still in this form: send it again in a moment. Request <code>{requestId}</code>
        </p>
      </Note>
      <JobForm
        {...form}
        problems={{}}
        scripts={[]}
        hasFarWorkers={false}
        zones={[]}
        saveLabel="Send again"
        cancelTo={form.action}
        isUnsaved
      >
        <p class="quiet">The preview is back when the database is.</p>
      </JobForm>
    </Page>
  );
}
