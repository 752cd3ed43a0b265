import type { Incident, IncidentId } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Menu, MenuAction } from "./Menu.tsx";
import { Badge } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** How long an incident may be silenced for, as the menu offers it. */
export const SNOOZES: readonly (readonly [value: string, words: string])[] = [
  ["1h", "1 hour"],
  ["4h", "4 hours"],
  ["1d", "1 day"],
  ["7d", "7 days"],
];

/** What alert rules found broken. */
export function Incidents(
  { incidents, takeable, view }: {
    readonly incidents: readonly Incident[];
    /** Those that the reader may take on. */
    readonly takeable: ReadonlySet<IncidentId>;
    readonly view: View;
  },
): JSX.Element {
  return (
    <Cards kind="acting" head={["Rule", "State", "What", "Since", ""]}>
      <tbody role="rowgroup">
        {incidents.map((incident) => (
          <CardRow key={incident.id} id={`incident-${incident.id}`} row={String(incident.id)}>
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
            <CardCell place="do">
              {takeable.has(incident.id) && <IncidentMenu incident={incident} />}
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

function IncidentMenu({ incident: { id, ruleName, acknowledgedAt } }: { readonly incident: Incident }): JSX.Element {
  return (
    <Menu of={ruleName}>
      {acknowledgedAt === null && <MenuAction to={`/alerts/${id}/acknowledge`} icon="check" label="Acknowledge" />}
      {SNOOZES.map(([value, words]) => (
        <MenuAction key={value} to={`/alerts/${id}/snooze?for=${value}`} icon="clock" label={`Snooze for ${words}`} />
      ))}
    </Menu>
  );
}
