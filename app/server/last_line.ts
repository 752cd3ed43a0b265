import { stripVTControlCharacters } from "node:util";
import { type DispatchId, markUnseen } from "@jobtrigger/shared/domain";
import type { LogStore } from "@jobtrigger/shared/store";

/** How many chunks, and how many bytes, at the end of the output are searched. */
const CHUNKS = 4;
const BYTES = 65_536;
/** Longest line that is shown whole. */
const LONGEST = 300;

/** The last line that a script wrote, as plain text; null: it wrote none. */
export async function lastLineOf(logs: LogStore, id: DispatchId): Promise<string | null> {
  const end = await logs.end(id);
  const chunks = await logs.read(id, { fromSeq: Math.max(0, end.seq - CHUNKS), maxBytes: BYTES });
  const text = chunks.filter(({ stream }) => stream !== "system").map(({ data }) => data).join("");
  const line = stripVTControlCharacters(text).split(/[\r\n]+/).findLast((line) => line.trim() !== "")?.trim();
  if (line === undefined) return null;
  return markUnseen(line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line);
}
