import { type AuditEvent, type AuditSubject, type AuditSubjectKind, markUnseen } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { OUTCOME_WORDS } from "../format/words.ts";
import { type FactChange, factChanges } from "./fact_changes.ts";
import type { View } from "../format/view.ts";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Badge } from "./Status.tsx";
import { ShortTime } from "./Time.tsx";

/** Most facts that a row shows without being opened. */
const MOST_OPEN = 4;

/** The pages of subjects; what is not here has none. */
const PAGES: Readonly<Partial<Record<AuditSubjectKind, string>>> = {
  job: "/jobs",
  run: "/runs",
  user: "/settings/users",
};

/** Events of the audit list as a table, newest first; as cards on a narrow screen. */
export function AuditTable(
  { events, view }: { readonly events: readonly AuditEvent[]; readonly view: View },
): JSX.Element {
  return (
    <Cards kind="audit" head={["When", "Who", "Action", "About", "Change", "Event"]}>
      <tbody role="rowgroup">
        {events.map((event) => (
          <CardRow key={event.id} id={`event-${event.id}`}>
            <CardCell place="aside" kind="tight">
              <ShortTime at={event.at} view={view} />
            </CardCell>
            <CardCell label="By" kind="who">
              {event.actor === null
                ? <span class="quiet">nobody known</span>
                : <bdi>{markUnseen(event.actor.name)}</bdi>}
              {event.origin.address !== null && <small>from {markUnseen(event.origin.address)}</small>}
            </CardCell>
            <CardCell isName place="lead">
              <code>{event.action}</code> {event.outcome !== "done" && <Badge {...OUTCOME_WORDS[event.outcome]} />}
            </CardCell>
            <CardCell place="line">
              <About subject={event.subject} />
            </CardCell>
            <CardCell kind="change">
              <Change event={event} view={view} />
            </CardCell>
            <CardCell place="end" kind="tight">
              <a href={`#event-${event.id}`}>#{event.id}</a>
            </CardCell>
          </CardRow>
        ))}
      </tbody>
    </Cards>
  );
}

function About({ subject: { kind, id, name } }: { readonly subject: AuditSubject }): JSX.Element {
  const text = `${kind}${id === null ? "" : ` ${id}`}`;
  const page = PAGES[kind];
  return (
    <>
      {page === undefined || id === null ? text : <a href={`${page}/${id}`}>{text}</a>}
      {name !== null && (
        <>
          {" "}
          <small>
            <bdi>{markUnseen(name)}</bdi>
          </small>
        </>
      )}
    </>
  );
}

function Change({ event, view }: { readonly event: AuditEvent; readonly view: View }): JSX.Element {
  const { reason } = event;
  const facts = factChanges(event, view.zone);
  if (reason !== null) return <span>{markUnseen(reason)}</span>;
  if (facts.length === 0) return <span class="quiet">–</span>;
  if (facts.length <= MOST_OPEN) return <FactChanges facts={facts} event={event} />;
  return (
    <details class="fold">
      <summary>{facts.length} facts</summary>
      <FactChanges facts={facts} event={event} />
    </details>
  );
}

function FactChanges(
  { facts, event }: { readonly facts: readonly FactChange[]; readonly event: AuditEvent },
): JSX.Element {
  // What was made had no facts before, what was deleted has none after.
  const hasBefore = event.before !== null;
  const hasAfter = event.after !== null;
  return (
    <ul class="fact-changes">
      {facts.map(({ name, before, after }) => (
        <li key={name}>
          <span class="quiet">{name}</span> {hasBefore && <FactValue value={before} />}
          {hasBefore && hasAfter && " → "}
          {hasAfter && <FactValue value={after} />}
        </li>
      ))}
    </ul>
  );
}

function FactValue({ value }: { readonly value: string | null }): JSX.Element {
  return value === null ? <span class="quiet">none</span> : <bdi class="arg">{value}</bdi>;
}
