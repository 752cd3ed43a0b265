import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";

/**
 * A text with a button that copies it. The button is there where scripts run; without them the text can be selected as any other.
 * `of` names the text for screen readers.
 */
export function Copied(
  { text, of, isSecret = false }: { readonly text: string; readonly of: string; readonly isSecret?: boolean },
): JSX.Element {
  return (
    <span class="copied">
      <code data-copied class={isSecret ? "secret" : undefined}>{text}</code>
      <button type="button" class="button icon bare" data-copy title={`Copy ${of}`}>
        <Icon name="copy" />
        <span class="sr">Copy {of}</span>
        <span role="status"></span>
      </button>
    </span>
  );
}
