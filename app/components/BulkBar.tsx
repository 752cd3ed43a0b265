import { BULK_KINDS, type BulkKind, type JobState, type Permission } from "@jobtrigger/shared/domain";
import { BULK_PERMISSIONS } from "@jobtrigger/shared/operations";
import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** What can be done with many jobs, as its button. */
const BULK_WORDS: Readonly<Record<BulkKind, { readonly icon: string; readonly label: string }>> = {
  run: { icon: "play", label: "Run now…" },
  pause: { icon: "pause", label: "Pause…" },
  resume: { icon: "resume", label: "Resume…" },
  label: { icon: "tag", label: "Labels…" },
  delete: { icon: "trash", label: "Delete…" },
};

/** What somebody may do with many jobs. */
export function mayBulk(mayAnywhere: (permission: Permission) => boolean): readonly BulkKind[] {
  return BULK_KINDS.filter((kind) => mayAnywhere(BULK_PERMISSIONS[kind]));
}

/** The actions on the rows that are checked; CSS shows the bar and counts. Each leads to a page that asks. */
export function BulkBar({ actions }: { readonly actions: readonly BulkKind[] }): JSX.Element {
  return (
    <div class="bulk" role="group" aria-label="Selected jobs">
      <b class="count">selected</b>
      <span class="push row">
        {actions.map((kind) => (
          <button key={kind} type="submit" class="button" name="do" value={kind}>
            <Icon name={BULK_WORDS[kind].icon} />
            {BULK_WORDS[kind].label}
          </button>
        ))}
      </span>
    </div>
  );
}

/**
 * The same actions on all jobs that match the filter, on this page or not. A list of one page knows how many they are; for a longer one
 * the page asks when somebody has come to it, and the question that each action leads to says it in any case.
 */
export function BulkMatching({ actions, filter: { text, state }, back, shown }: {
  readonly actions: readonly BulkKind[];
  readonly filter: { readonly text: string; readonly state: JobState | "" };
  readonly back: string;
  readonly shown: { readonly items: readonly unknown[]; readonly next: string | null };
}): JSX.Element {
  const which = { all: "1", q: text, ...(state !== "" && { state }) };
  const address = (kind: BulkKind) => `/jobs/bulk?${new URLSearchParams({ do: kind, ...which, back })}`;
  return (
    <footer class="matching" role="group" aria-label="All jobs that match">
      {shown.next === null
        ? <span>All {shown.items.length} that match:</span>
        : <span class="uncounted" data-matching={`/api/matching?${new URLSearchParams(which)}`}>All that match:</span>}
      <span class="row">
        {actions.map((kind) => <a key={kind} href={address(kind)}>{BULK_WORDS[kind].label}</a>)}
      </span>
    </footer>
  );
}
