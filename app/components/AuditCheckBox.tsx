import { auditFaultText } from "@jobtrigger/shared/api";
import type { AuditVerdict, EpochMs } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { Action } from "./Action.tsx";
import { Note } from "./Note.tsx";
import { Panel } from "./Panel.tsx";
import { FullTime } from "./Time.tsx";

/** How far a check is, and what came of it. */
export type AuditCheckShown =
  | { readonly kind: "none" }
  | { readonly kind: "running"; readonly events: number }
  | { readonly kind: "done"; readonly at: EpochMs; readonly verdict: AuditVerdict }
  | { readonly kind: "failed"; readonly at: EpochMs };

/** Whether somebody changed the audit list itself: the last check of it, and the button for another. */
export function AuditCheckBox({ check, view }: { readonly check: AuditCheckShown; readonly view: View }): JSX.Element {
  return (
    <Panel
      id="check"
      title="Is the list what was written?"
      tools={<Action to="/audit/verify" icon="check" label="Check the list" isDisabled={check.kind === "running"} />}
      isPadded
    >
      <Result check={check} view={view} />
      <p class="quiet">
        Each event holds a hash of itself and of the event before. Keep the last hash somewhere else: whoever can write
        to the database could compute all hashes anew. Schedulers delete events that are older than{" "}
        <code>AUDIT_RETENTION_DAYS</code>, 400 days unless it says otherwise.
      </p>
    </Panel>
  );
}

function Result({ check, view }: { readonly check: AuditCheckShown; readonly view: View }): JSX.Element | null {
  switch (check.kind) {
    case "none":
      return null;
    case "running":
      return (
        <Note
          tone="calm"
          what={`The check goes on: ${check.events.toLocaleString("en")} events were right so far.`}
          step={<a class="button" href="/audit#check">Look again</a>}
        />
      );
    case "failed":
      return (
        <Note
          tone="bad"
          role="alert"
          what={
            <>
              The check of <FullTime at={check.at} view={view} /> could not be carried out. The log says why.
            </>
          }
        />
      );
    case "done":
      return check.verdict.isIntact
        ? (
          <Note
            tone="ok"
            what={
              <>
                The list is intact: {check.verdict.events.toLocaleString("en")} events, checked{" "}
                <FullTime at={check.at} view={view} />.
              </>
            }
          >
            {check.verdict.last !== null && (
              <p>
                Event {check.verdict.last.id} has the hash <code>{check.verdict.last.hash}</code>
              </p>
            )}
          </Note>
        )
        : (
          <Note
            tone="bad"
            role="alert"
            what={
              <>
                {auditFaultText(check.verdict.id, check.verdict.fault)}. Checked <FullTime at={check.at} view={view} />.
              </>
            }
          />
        );
  }
}
