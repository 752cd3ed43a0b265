import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** How a note is meant; `calm` says only that something is so. */
export type NoteTone = "ok" | "bad" | "warn" | "calm";

const ICONS: Readonly<Record<NoteTone, string>> = { ok: "check", bad: "cross", warn: "late", calm: "info" };

/** A note. */
export interface NoteProps {
  readonly tone: NoteTone;
  /** What happened, in one line. */
  readonly what: ComponentChildren;
  /** Why, and what it means: lines, a list. */
  readonly children?: ComponentChildren;
  /** The next step: a button or a link. */
  readonly step?: ComponentChildren;
  readonly icon?: string;
  /** `alert` is read out at once, `status` when there is time; null: it has stood there from the start. */
  readonly role?: "alert" | "status" | null;
}

/** What happened, why, and the next step. */
export function Note({ tone, what, children, step, icon, role = "status" }: NoteProps): JSX.Element {
  return (
    <div class={`note ${tone}`} role={role ?? undefined}>
      <Icon name={icon ?? ICONS[tone]} />
      <div>
        <p>{what}</p>
        {children}
      </div>
      {step}
    </div>
  );
}
