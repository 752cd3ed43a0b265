import type { JSX } from "preact";
import { Field } from "./Field.tsx";
import { Panel } from "./Panel.tsx";
import { Sentence } from "./Sentence.tsx";

/** The contents of the box. */
export interface WhyBoxProps {
  /** The job's page. */
  readonly path: string;
  /** The time as typed; empty: now. */
  readonly asked: string;
  /** The problem with the typed time. */
  readonly problem: string | null;
  /** The minute asked about; null: now. */
  readonly minute: string | null;
  readonly sentences: readonly string[];
  /** The zone of typed times. */
  readonly zone: string;
}

/** Says what a job is doing now, or why it did or did not run at a given time. */
export function WhyBox({ path, asked, problem, minute, sentences, zone }: WhyBoxProps): JSX.Element {
  return (
    <Panel id="why" title="Ask why, now or at a time" isPadded>
      <div data-live="why" class="stack tight">
        <h3>{minute === null ? "Now" : `At ${minute}`}</h3>
        <ul class="stack tight">
          {sentences.map((sentence) => (
            <li key={sentence}>
              <Sentence text={sentence} />
            </li>
          ))}
        </ul>
      </div>
      <form method="get" action={`${path}#why`} class="ask">
        <Field
          name="why"
          label="Ask about a time"
          problem={problem ?? undefined}
          help={`Such as 2026-11-24 02:00, or 02:00 for the last 02:00, in ${zone}.`}
        >
          {(a) => <input {...a} value={asked} maxLength={40} autocomplete="off" spellcheck={false} />}
        </Field>
        <button type="submit" class="button">Ask</button>
        {asked !== "" && <a class="button" href={`${path}#why`}>Now</a>}
      </form>
    </Panel>
  );
}
