import type { Job } from "@jobtrigger/shared/domain";
import { DEFAULT_POLICIES } from "@jobtrigger/shared/domain";
import { type PolicySentence, policySentences } from "@jobtrigger/shared/api";
import type { ComponentChildren, JSX } from "preact";
import { FIELD_LABELS } from "../format/job_fields.ts";

/** What of a policy is told under one name. */
const GROUPS: readonly (readonly [name: string, fields: readonly PolicySentence["field"][]])[] = [
  ["Validity", ["starts_at", "ends_at"]],
  ["When it is late", ["misfire", "misfire_grace", "misfire_limit", "catchup_window"]],
  ["When it overlaps", ["overlap"]],
  ["Spread", ["spread"]],
  ["Where it runs", ["tags", "concurrency_key", "concurrency_limit", "priority"]],
  ["Time limit", ["timeout"]],
  ["Retries", ["max_retries", "retry_base", "retry_cap"]],
];

/** What the policies are drawn from. */
export interface PolicyFactsProps {
  readonly job: Job;
  /** What the workers are set to, where the job says nothing. */
  readonly defaults: { readonly timeoutSeconds: number; readonly maxRetries: number };
}

/** What a job's policies do: those that are not the usual ones, and in any case its time limit and retries. */
export function PolicyFacts({ job, defaults }: PolicyFactsProps): JSX.Element {
  const { policies, timezone, schedule } = job;
  const told = policySentences(policies, { timezone, defaults: false, schedule });
  const usual: Readonly<Record<string, string>> = {
    "Time limit": `An attempt is stopped after ${defaults.timeoutSeconds} s (default).`,
    "Retries": policies.retry.max === null ? `Up to ${defaults.maxRetries} (default).` : "",
  };
  const groups = GROUPS.flatMap(([name, fields]): [string, ComponentChildren][] => {
    const sentences = told.filter(({ field }) => fields.includes(field));
    if (sentences.length > 0) {
      return [[name, sentences.map((sentence) => <Told key={sentence.sentence} {...sentence} />)]];
    }
    return usual[name] === undefined ? [] : [[name, <p key={name}>{usual[name]}</p>]];
  });
  if (policies.dst.gap !== DEFAULT_POLICIES.dst.gap || policies.dst.fold !== DEFAULT_POLICIES.dst.fold) {
    groups.push(["Clock changes", <ClockChanges key="dst" {...policies.dst} />]);
  }
  return (
    <dl class="facts told">
      {groups.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Told({ sentence, isWarning }: PolicySentence): JSX.Element {
  return <p class={isWarning ? "warnings" : undefined}>{sentence}</p>;
}

function ClockChanges({ gap, fold }: Job["policies"]["dst"]): JSX.Element {
  const folds = { first: "runs the first time", second: "runs the second time", both: "runs both times" };
  return (
    <>
      <p>{FIELD_LABELS.gap} {gap === "after" ? "runs right after the gap" : "does not run"} (gap {gap}).</p>
      <p>{FIELD_LABELS.fold} {folds[fold]} (fold {fold}).</p>
    </>
  );
}
