import type { DispatchStatus } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { STATUS_WORDS, type Word } from "../format/words.ts";
import { Icon } from "./Icon.tsx";

/** A state as sign and word. A job's is its worst one. */
export function Badge({ text, icon, tone }: Word): JSX.Element {
  return (
    <span class={`state ${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}

/** The state of a run. */
export function Status({ status }: { readonly status: DispatchStatus }): JSX.Element {
  return <Badge {...STATUS_WORDS[status]} />;
}

/** Whether something that can be switched off is on. */
export function EnabledBadge({ isEnabled }: { readonly isEnabled: boolean }): JSX.Element {
  return isEnabled
    ? <Badge text="Enabled" icon="check" tone="ok" />
    : <Badge text="Disabled" icon="pause" tone="calm" />;
}
