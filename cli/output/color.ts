/**
 * Colours, which add to a word and never stand for one.
 *
 * @module
 */
import type { DispatchStatus, WorkerStatus } from "@jobtrigger/shared/domain";
import type { Io } from "../io.ts";
import type { OutputFlags } from "./form.ts";

/** How good a state is. */
export type Tone = "ok" | "bad" | "warn" | "busy" | "calm";

/** ANSI codes (SGR): the sixteen colours that every terminal has and its user chose. */
const CODES: Readonly<Record<Tone, string | null>> = { ok: "32", bad: "31", warn: "33", busy: "36", calm: null };

const STATUS_TONES: Readonly<Record<DispatchStatus | WorkerStatus, Tone>> = {
  PENDING: "calm",
  IN_PROGRESS: "busy",
  COMPLETED: "ok",
  FAILED: "bad",
  TIMEOUT: "bad",
  CANCELLED: "warn",
  IDLE: "ok",
  BUSY: "busy",
  DRAINING: "warn",
  OFFLINE: "bad",
};

/** The tone of a run's or worker's state. */
export function statusTone(status: DispatchStatus | WorkerStatus | null): Tone {
  return status === null ? "calm" : STATUS_TONES[status];
}

/** Whether output is coloured: as `--color` says, else on a terminal, unless NO_COLOR is set (https://no-color.org). */
export function isColored({ isTerminal, noColor }: Pick<Io, "isTerminal" | "noColor">, flags: OutputFlags): boolean {
  const { color = "auto" } = flags;
  return color === "always" || color === "auto" && isTerminal && !noColor;
}

/** `text` in the colour of a tone. */
export function painted(text: string, tone: Tone): string {
  const code = CODES[tone];
  return code === null ? text : `\x1b[${code}m${text}\x1b[0m`;
}
