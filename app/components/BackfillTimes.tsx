import type { Dispatch, EpochMs, LedgerEntry } from "@jobtrigger/shared/domain";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { LEDGER_WORDS } from "../format/words.ts";
import { Status } from "./Status.tsx";

/** What is listed. */
export interface BackfillTimesProps {
  readonly times: readonly EpochMs[];
  /** What became of each so far: a run, or why there was none; null where nothing is known. Null in all: not asked. */
  readonly known: readonly ({ readonly run: Dispatch } | { readonly entry: LedgerEntry } | null)[] | null;
  readonly jobZone: string;
  readonly portalZone: string;
}

/** The times of a backfill in the job's zone and the portal's, and what became of each so far. */
export function BackfillTimes({ times, known, jobZone, portalZone }: BackfillTimesProps): JSX.Element {
  const zones = [...new Set([jobZone, portalZone])];
  return (
    <table class="list">
      <thead>
        <tr>
          {zones.map((zone) => <th key={zone} scope="col">{zone}</th>)}
          {known !== null && <th scope="col">So far</th>}
        </tr>
      </thead>
      <tbody>
        {times.map((at, index) => (
          <tr key={at}>
            {zones.map((zone) => (
              <td key={zone} data-label={zone} class="num">
                <time dateTime={isoUtc(at)}>{formatInstant(at, zone).slice(0, 19)}</time>
              </td>
            ))}
            {known !== null && (
              <td data-label="So far">
                <SoFar known={known[index] ?? null} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SoFar({ known }: { readonly known: { readonly run: Dispatch } | { readonly entry: LedgerEntry } | null }) {
  if (known === null) return <span class="quiet">–</span>;
  if ("entry" in known) return <span class="quiet">did not run: {LEDGER_WORDS[known.entry.reason]}</span>;
  const { id, state } = known.run;
  return (
    <span>
      <a href={`/runs/${id}`} class="num">#{id}</a> <Status status={state.status} />
    </span>
  );
}
