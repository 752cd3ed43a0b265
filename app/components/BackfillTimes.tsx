import type { Dispatch, EpochMs, LedgerEntry } from "@jobtrigger/shared/domain";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { LEDGER_WORDS } from "../format/words.ts";
import { Status } from "./Status.tsx";

/** The times of a backfill. */
export interface BackfillTimesProps {
  readonly times: readonly EpochMs[];
  /** For each time its run, or the reason why it did not run; null: neither is known. Null instead of the list: not looked up. */
  readonly known: readonly ({ readonly run: Dispatch } | { readonly entry: LedgerEntry } | null)[] | null;
  readonly jobZone: string;
  readonly portalZone: string;
}

/** The times of a backfill in the job's zone and the portal's, each with its run or the reason why it did not run. */
export function BackfillTimes({ times, known, jobZone, portalZone }: BackfillTimesProps): JSX.Element {
  const zones = [...new Set([jobZone, portalZone])];
  const isAnyKnown = known !== null && known.some((one) => one !== null);
  return (
    <div class="scroll num" tabIndex={0} role="region" aria-label="Times">
      <table>
        <thead>
          <tr>
            {zones.map((zone) => <th key={zone} scope="col">{zone}</th>)}
            {isAnyKnown && <th scope="col">By its schedule</th>}
          </tr>
        </thead>
        <tbody>
          {times.map((at, index) => (
            <tr key={at}>
              {zones.map((zone) => (
                <td key={zone}>
                  <time dateTime={isoUtc(at)}>{formatInstant(at, zone).slice(0, 19)}</time>
                </td>
              ))}
              {isAnyKnown && (
                <td class="known">
                  <SoFar known={known[index] ?? null} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
