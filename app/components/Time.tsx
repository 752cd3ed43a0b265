import type { EpochMs } from "@jobtrigger/shared/domain";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { relativeTime } from "../format/relative.ts";
import type { View } from "../format/view.ts";

/** An instant relative to now; its title is the absolute time with the zone. Scripts keep the text current. */
export function Time({ at, view }: { readonly at: EpochMs; readonly view: View }): JSX.Element {
  return (
    <time dateTime={isoUtc(at)} title={formatInstant(at, view.zone)} data-relative>
      {relativeTime(at, view.now)}
    </time>
  );
}

/** An instant in full with its zone, and relative to now. */
export function FullTime({ at, view }: { readonly at: EpochMs; readonly view: View }): JSX.Element {
  return (
    <>
      <span class="num">{formatInstant(at, view.zone)}</span>{" "}
      <span class="quiet">
        (<Time at={at} view={view} />)
      </span>
    </>
  );
}
