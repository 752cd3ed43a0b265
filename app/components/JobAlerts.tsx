import type { JobId } from "@jobtrigger/shared/domain";
import type { NamedRule } from "@jobtrigger/shared/operations";
import { conditionWords } from "@jobtrigger/shared/policy";
import type { JSX } from "preact";
import { Panel } from "./Panel.tsx";

/** The alert rules that cover a job, and the way to another. */
export function JobAlerts(
  { rules, jobId, mayEdit }: {
    readonly rules: readonly NamedRule[];
    readonly jobId: JobId;
    /** Whether the reader may make rules about it. */
    readonly mayEdit: boolean;
  },
): JSX.Element {
  return (
    <Panel
      title="Alerts"
      id="alerts"
      foot={mayEdit && <a href={`/alerts/rules?job=${jobId}`}>Alert me about this job</a>}
    >
      {rules.length === 0 ? <p class="empty">No rule tells anybody about it.</p> : (
        <ul class="list short">
          {rules.map(({ rule: { id, name, condition, isEnabled }, channels }) => (
            <li key={id}>
              <div>
                {mayEdit
                  ? (
                    <a href="/alerts/rules">
                      <bdi>{name}</bdi>
                    </a>
                  )
                  : <bdi>{name}</bdi>}: it {conditionWords(condition)}
                <small>
                  {isEnabled ? "to " : "disabled; to "}
                  <bdi>{channels.length === 0 ? "no channel that is there" : channels.join(", ")}</bdi>
                </small>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
