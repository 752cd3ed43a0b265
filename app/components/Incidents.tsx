import type { Incident } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Badge } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** How long an incident may be silenced for, as the form offers it. */
export const SNOOZES: readonly (readonly [value: string, words: string])[] = [
  ["1h", "1 hour"],
  ["4h", "4 hours"],
  ["1d", "1 day"],
  ["7d", "7 days"],
];

/** What alert rules found broken; `mayAct` says of which the reader may take on. */
export function Incidents(
  { incidents, mayAct, view }: {
    readonly incidents: readonly Incident[];
    readonly mayAct: (incident: Incident) => boolean;
    readonly view: View;
  },
): JSX.Element {
  return (
    <Cards kind="slim" head={["Rule", "State", "What", "Since", ""]}>
      <tbody role="rowgroup">
        {incidents.map((incident) => (
          <CardRow key={incident.id} id={`incident-${incident.id}`}>
            <CardCell isName place="lead">
              <b>
                <bdi>{incident.ruleName}</bdi>
              </b>
              <small>
                {incident.jobId === null ? "the installation" : (
                  <a href={`/jobs/${incident.jobId}`}>
                    <bdi>{incident.jobName ?? `job ${incident.jobId}`}</bdi>
                  </a>
                )}
              </small>
            </CardCell>
            <CardCell place="aside">
              <IncidentBadge incident={incident} />
            </CardCell>
            <CardCell place="line">
              <bdi>{incident.message}</bdi>
              {incident.count > 1 && <small>counted {incident.count} times</small>}
              {incident.acknowledgedBy !== null && (
                <small>
                  taken on by <bdi>{incident.acknowledgedBy}</bdi>
                </small>
              )}
            </CardCell>
            <CardCell place="end" kind="tight">
              <Time at={incident.openedAt} view={view} />
              {incident.closedAt !== null && (
                <small>
                  ended <Time at={incident.closedAt} view={view} />
                </small>
              )}
            </CardCell>
            <CardCell label="Actions">
              {incident.closedAt === null && mayAct(incident) && <IncidentActions incident={incident} />}
            </CardCell>
          </CardRow>
        ))}
      </tbody>
    </Cards>
  );
}

function IncidentBadge({ incident }: { readonly incident: Incident }): JSX.Element {
  const { closedAt, acknowledgedAt, snoozedUntil } = incident;
  if (closedAt !== null) return <Badge text="Ended" icon="check" tone="calm" />;
  if (acknowledgedAt !== null) return <Badge text="Acknowledged" icon="user" tone="warn" />;
  if (snoozedUntil !== null) return <Badge text="Snoozed" icon="clock" tone="warn" />;
  return <Badge text="Open" icon="warn" tone="bad" />;
}

function IncidentActions({ incident }: { readonly incident: Incident }): JSX.Element {
  const { id, acknowledgedAt } = incident;
  return (
    <div class="row">
      {acknowledgedAt === null && (
        <form method="post" action={`/alerts/${id}/acknowledge`}>
          <button type="submit" class="button">Acknowledge</button>
        </form>
      )}
      <form method="post" action={`/alerts/${id}/snooze`} class="row">
        <select name="for" aria-label={`How long incident ${id} is silent`}>
          {SNOOZES.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
        </select>
        <button type="submit" class="button">Snooze</button>
      </form>
    </div>
  );
}
