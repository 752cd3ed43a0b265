import { type FieldChange, type FieldContent, JOB_FIELDS, type RevisionEntry } from "@jobtrigger/shared/api";
import { type JobRevision, markUnseen } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { Badge } from "./Status.tsx";
import { FullTime } from "./Time.tsx";

/** What a revision was made by, in words. */
export function revisionWords({ change }: Pick<JobRevision, "change">): string {
  switch (change.action) {
    case "recorded":
      return "Was there before its history was kept";
    case "created":
      return "Created";
    case "edited":
      return "Edited";
    case "rolled_back":
      return `Back to revision ${change.to}`;
    case "paused":
      return change.note === null ? "Paused" : `Paused: ${change.note}`;
    case "resumed":
      return "Resumed";
    case "deleted":
      return "Deleted";
  }
}

/** Who made a revision, and when. */
export function RevisionBy({ revision, view }: { readonly revision: JobRevision; readonly view: View }): JSX.Element {
  return (
    <small>
      <bdi>{revision.actor?.name ?? "somebody"}</bdi>, <FullTime at={revision.at} view={view} />
    </small>
  );
}

/** Says that the definition of a revision cannot be read, and why. */
export function RevisionDamage({ revision: { damage } }: { readonly revision: JobRevision }): JSX.Element | null {
  if (damage === null) return null;
  return (
    <p class="row">
      <Badge text="Damaged" icon="warn" tone="alarm" /> <small>{markUnseen(damage)}</small>
    </p>
  );
}

/** What a revision changed, field by field: what was before, and what came. */
export function FieldChanges({ changes }: { readonly changes: RevisionEntry["changes"] }): JSX.Element | null {
  if (changes === null || changes.length === 0) return null;
  return (
    <dl class="facts diff">
      {changes.map((change) => (
        <div key={change.field}>
          <dt>{JOB_FIELDS[change.field].label}</dt>
          <dd>
            <Change {...change} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Change({ before, after }: FieldChange): JSX.Element {
  const [was, is] = [itemsOf(before), itemsOf(after)];
  if (was === null && is === null) {
    return (
      <>
        {before !== null && <del>{textOf(before)}</del>} {after !== null && <ins>{textOf(after)}</ins>}
      </>
    );
  }
  const [gone, come] = [without(was ?? [], is ?? []), without(is ?? [], was ?? [])];
  if (gone.length + come.length === 0) {
    return <span>{(is ?? []).map((item) => markUnseen(item)).join(", ")} (another order)</span>;
  }
  return (
    <>
      {gone.map((item, i) => <del key={i}>{markUnseen(item)}</del>)}{" "}
      {come.map((item, i) => <ins key={i}>{markUnseen(item)}</ins>)}
    </>
  );
}

/** The items of a list; null: it is none. */
function itemsOf(content: FieldContent): readonly string[] | null {
  if (Array.isArray(content)) return content.map(String);
  if (typeof content !== "object" || content === null) return null;
  return Object.entries(content).map(([name, value]) => `${name}=${value}`);
}

/** What is in `items` more often than in `others`. */
function without(items: readonly string[], others: readonly string[]): readonly string[] {
  const rest = [...others];
  return items.filter((item) => {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

function textOf(content: FieldContent): string {
  return content === null ? "" : markUnseen(String(content));
}
