import type { Job } from "@jobtrigger/shared/domain";
import { DEFAULT_POLICIES } from "@jobtrigger/shared/domain";
import { JOB_FIELDS, type PolicySentence, policySentences } from "@jobtrigger/shared/api";
import { formatDuration } from "@jobtrigger/shared/time";
import type { ComponentChildren, JSX } from "preact";

/** The job and the defaults of the workers. */
export interface PolicyFactsProps {
  readonly job: Job;
  /** The settings of the workers, for a job without its own. */
  readonly defaults: { readonly timeoutSeconds: number; readonly maxRetries: number };
}

/** The effects of a job's policies: those that differ from the default, and always its time limit and retries. */
export function PolicyFacts({ job, defaults }: PolicyFactsProps): JSX.Element {
  const { policies, timezone, schedule } = job;
  const sentences = policySentences(policies, { timezone, defaults: false, schedule });
  const usual: Readonly<Record<string, string>> = {
    "Time limit": `An attempt is stopped after ${formatDuration(defaults.timeoutSeconds * 1000)} (default).`,
    "Retries": policies.retry.max === null ? `Up to ${defaults.maxRetries} (default).` : "",
  };
  const facts = Map.groupBy(sentences, ({ field }) => JOB_FIELDS[field].fact ?? JOB_FIELDS[field].label);
  const groups = [...facts].map(([name, sentences]): [string, ComponentChildren] => [
    name,
    sentences.map((sentence) => <PolicyEffect key={sentence.sentence} {...sentence} />),
  ]);
  for (const [name, sentence] of Object.entries(usual)) {
    if (!facts.has(name)) groups.push([name, <p key={name}>{sentence}</p>]);
  }
  if (policies.dst.gap !== DEFAULT_POLICIES.dst.gap || policies.dst.fold !== DEFAULT_POLICIES.dst.fold) {
    groups.push(["Clock changes", <ClockChanges key="dst" {...policies.dst} />]);
  }
  return (
    <dl class="facts wide">
      {groups.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function PolicyEffect({ sentence, isWarning }: PolicySentence): JSX.Element {
  return <p class={isWarning ? "warnings" : undefined}>{sentence}</p>;
}

function ClockChanges({ gap, fold }: Job["policies"]["dst"]): JSX.Element {
  const folds = { first: "runs the first time", second: "runs the second time", both: "runs both times" };
  return (
    <>
      <p>{JOB_FIELDS.gap.label} {gap === "after" ? "runs right after the gap" : "does not run"} (gap {gap}).</p>
      <p>{JOB_FIELDS.fold.label} {folds[fold]} (fold {fold}).</p>
    </>
  );
}
