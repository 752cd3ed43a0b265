import { constants } from "node:os";
import type { DispatchId } from "@jobtrigger/shared/domain";
import type { Io } from "../io.ts";
import { oneLine, type OutputFlags, print, wantsProgramForm } from "../output/mod.ts";
import type { Session } from "../session.ts";
import { runDetailsForm } from "./run_facts.ts";

/**
 * Follows a run to its end, prints its output to the streams it came from, and returns an exit code: the
 * script's own, 128 + n as in a shell when signal number n ended it, or 1 when it has neither. A retry is a run of its own and only
 * named. In a form for programs the run goes to standard output, and its output to standard error.
 */
export async function followToTheEnd(
  io: Io,
  { client }: Session,
  id: DispatchId,
  flags: OutputFlags,
): Promise<number> {
  const isForPeople = !wantsProgramForm(flags);
  const { state } = await client.followRun(id, {
    signal: io.interruption(),
    onChunk: ({ stream, bytes }) => stream === "stdout" && isForPeople ? io.out(bytes) : io.err(bytes),
  });
  const details = await client.getRun(id);
  if (!isForPeople) await print(io, flags, { form: () => runDetailsForm(details), names: [String(id)], text: "" });
  if (state.status === "PENDING" || state.status === "IN_PROGRESS") {
    await io.err(`Run ${id} goes on; follow it with: jobctl runs logs -f ${id}\n`);
    return 1;
  }
  if (state.errorMessage !== null) await io.err(`Run ${id}: ${oneLine(state.errorMessage)}\n`);
  const retry = details.attempts.find(({ retryCount }) => retryCount > details.run.retryCount);
  if (retry !== undefined) await io.err(`Run ${id} is tried again as run ${retry.id}\n`);
  return state.status === "COMPLETED" ? 0 : state.exitCode ?? signalCode(state.signal) ?? 1;
}

/** The exit code for a signal, as in POSIX shells; null without a signal, or for one that this system does not have. */
function signalCode(signal: string | null): number | null {
  const [, number] = Object.entries(constants.signals).find(([name]) => name === signal) ?? [];
  return number === undefined ? null : 128 + number;
}
