import type { AuditFault, AuditVerdict } from "../domain/mod.ts";
import { type Chain, hashOfRow, type Link } from "./audit_rows.ts";
import type { Row } from "./rows.ts";

/** Events that are read at a time: some milliseconds of work on SQLite, where reading holds up the process. */
const BATCH = 250;

/** What a check reads: both ends of the chain, and events after an id in the order of their ids. */
export interface ChainReader {
  chain(): Promise<Chain>;
  rows(after: number, limit: number): Promise<readonly Row[]>;
}

/** Called between two batches, with how many events were right so far. */
export type BetweenBatches = (events: number) => Promise<void>;

/** Walks the events from the first to the last. Events that are appended meanwhile are left out. */
export async function verifyChain(
  reader: ChainReader,
  between: BetweenBatches = () => Promise.resolve(),
): Promise<AuditVerdict> {
  for (;;) {
    const chain = await reader.chain();
    const verdict = await walk(reader, chain, between);
    // The deletion of old events may have taken those that were about to be read.
    if (verdict.isIntact || (await reader.chain()).first.id === chain.first.id) return verdict;
  }
}

async function walk(
  reader: ChainReader,
  { first, last }: Chain,
  between: BetweenBatches,
): Promise<AuditVerdict> {
  let link = first;
  for (let after = Number.MIN_SAFE_INTEGER, isEnd = false; !isEnd;) {
    const rows = await reader.rows(after, BATCH);
    const isLast = rows.length < BATCH;
    for (const row of rows) {
      after = Number(row["id"]);
      isEnd = after > last.id;
      if (isEnd) {
        if (link.id < last.id) break;
        // What was appended since the ends were read has moved the last one on.
        if ((await reader.chain()).last.id < after) return { isIntact: false, id: after, fault: "inserted" };
        break;
      }
      const fault = faultOf(row, link, after);
      if (fault !== null) return { isIntact: false, ...fault };
      link = { id: after, hash: String(row["hash"]) };
    }
    isEnd ||= isLast;
    if (!isEnd) await between(link.id - first.id);
  }
  if (link.id < last.id) return { isIntact: false, id: link.id + 1, fault: "missing" };
  if (link.hash !== last.hash) return { isIntact: false, id: link.id, fault: "changed" };
  return { isIntact: true, events: last.id - first.id, last: last.id === 0 ? null : last };
}

function faultOf(row: Row, link: Link, id: number): { readonly id: number; readonly fault: AuditFault } | null {
  if (id <= link.id) return { id, fault: "inserted" };
  if (id > link.id + 1) return { id: link.id + 1, fault: "missing" };
  if (hashOfRow(row) !== row["hash"]) return { id, fault: "changed" };
  return row["previous_hash"] === link.hash ? null : { id, fault: "unlinked" };
}
