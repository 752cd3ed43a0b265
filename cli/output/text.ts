import { type EpochMs, withoutUnseen } from "@jobtrigger/shared/domain";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import type { Io } from "../io.ts";

/** Text for one line of a terminal. Names and messages come from people and scripts, so invisible characters become marks. */
export function oneLine(text: string): string {
  return withoutUnseen(text);
}

/** An instant: in the display zone on a terminal, else ISO UTC; `-` where there is none. */
export function instantText(io: Pick<Io, "isTerminal">, at: EpochMs | null, zone: string): string {
  if (at === null) return "-";
  return io.isTerminal ? formatInstant(at, zone) : isoUtc(at);
}
