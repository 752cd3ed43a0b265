import type { JSX } from "preact";
import { Copied } from "./Copied.tsx";
import { Note } from "./Note.tsx";

/** A secret on the one page that shows it, with a button that copies it. */
export interface NewSecretProps {
  /** Null: the page shows none, and nothing stands here. */
  readonly secret: string | null;
  /** What it is, such as `the token`. */
  readonly of: string;
  /** The sentence before the advice to copy it. */
  readonly what: string;
}

/** A secret that is shown this once. */
export function NewSecret({ secret, of, what }: NewSecretProps): JSX.Element | null {
  if (secret === null) return null;
  return (
    <Note tone="ok" what={`${what} Copy it now: it is not shown again.`}>
      <p>
        <Copied text={secret} of={of} isSecret />
      </p>
    </Note>
  );
}
