import type { LedgerEntry } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { LEDGER_WORDS } from "../format/words.ts";
import type { View } from "../format/view.ts";
import { FullTime } from "./Time.tsx";

/** Why occurrences of a job did not become runs, newest first; consecutive ones with one reason share a line. */
export function Ledger(
  { entries, view }: { readonly entries: readonly LedgerEntry[]; readonly view: View },
): JSX.Element {
  return (
    <ul class="list short">
      {entries.map((entry) => (
        <li key={entry.firstAt}>
          <span>
            <FullTime at={entry.firstAt} view={view} />
            {entry.count > 1 && (
              <>
                {" to "}
                <FullTime at={entry.lastAt} view={view} />, {entry.count} times
              </>
            )}
            : {LEDGER_WORDS[entry.reason]}.
          </span>
        </li>
      ))}
    </ul>
  );
}
