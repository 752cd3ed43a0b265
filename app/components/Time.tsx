import type { EpochMs } from "@jobtrigger/shared/domain";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { elapsedTime } from "../format/elapsed.ts";
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

/** The clock time of an instant, as short as it can be told from today: `06:03`, `11-26 06:03`, `2025-11-26 06:03`. */
export function clockTime(at: EpochMs, { now, zone }: View): string {
  const [then, today] = [formatInstant(at, zone).slice(0, 16), formatInstant(now, zone).slice(0, 16)];
  if (then.slice(0, 10) === today.slice(0, 10)) return then.slice(11);
  return then.slice(0, 4) === today.slice(0, 4) ? then.slice(5) : then;
}

/** An instant relative to now, and below it the clock time, for a cell of a table. */
export function ShortTime({ at, view }: { readonly at: EpochMs; readonly view: View }): JSX.Element {
  return (
    <>
      <Time at={at} view={view} />
      <small>{clockTime(at, view)}</small>
    </>
  );
}

/** How long something has been going on that began at an instant. Scripts keep the text current. */
export function Elapsed({ since, view }: { readonly since: EpochMs; readonly view: View }): JSX.Element {
  return (
    <time dateTime={isoUtc(since)} title={`Since ${formatInstant(since, view.zone)}`} data-running>
      {elapsedTime(view.now - since)}
    </time>
  );
}

/** An instant in full with its zone, and relative to now. */
export function FullTime({ at, view }: { readonly at: EpochMs; readonly view: View }): JSX.Element {
  return (
    <>
      <span>{formatInstant(at, view.zone)}</span>{" "}
      <span class="quiet">
        (<Time at={at} view={view} />)
      </span>
    </>
  );
}
