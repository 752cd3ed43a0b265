import { userInfo } from "node:os";
import { type Clock, systemClock } from "@jobtrigger/shared/time";
import { askHidden } from "./hidden.ts";

/** Where a command reads and writes; tests pass their own. */
export interface Io {
  /** The machine's clock. Times shared with other machines use the database's clock: see `session.ts`. */
  readonly clock: Clock;
  readonly env: (name: string) => string | undefined;
  /** Whether standard output is a terminal: then lists are tables with headings and local times. */
  readonly isTerminal: boolean;
  /** How large that terminal is. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Whether NO_COLOR asks for no colours. */
  readonly noColor: boolean;
  readonly stdin: ReadableStream<Uint8Array>;
  /** Asks for a line that is typed and not shown; null: standard input is no terminal. */
  readonly askHidden: ((prompt: string) => Promise<string>) | null;
  /** Asks for a line that is typed; null: standard input is no terminal. */
  readonly ask: ((prompt: string) => Promise<string>) | null;
  /** Who runs this command on this machine: the audit list and the history of jobs name them. */
  readonly user: string;
  /** Writes text, or bytes as they are. */
  out(text: string | Uint8Array): Promise<void>;
  err(text: string | Uint8Array): Promise<void>;
  /**
   * Aborts at the first SIGINT or SIGTERM after this call; the second ends the process. Without this call the system
   * ends the process at the first.
   */
  interruption(): AbortSignal;
}

/** The process's own streams and signals. */
export function processIo(): Io {
  return {
    clock: systemClock,
    env: (name) => Deno.env.get(name),
    isTerminal: Deno.stdout.isTerminal(),
    size: terminalSize,
    noColor: Deno.noColor,
    stdin: Deno.stdin.readable,
    askHidden: Deno.stdin.isTerminal() ? askHidden : null,
    ask: Deno.stdin.isTerminal() ? askLine : null,
    user: systemUser(),
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
    interruption() {
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        Deno.addSignalListener(signal, () => stop.signal.aborted ? Deno.exit(130) : stop.abort());
      }
      return stop.signal;
    },
  };
}

/** Where nothing tells, as on a terminal that is not asked: the usual size. */
function terminalSize(): { readonly columns: number; readonly rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    // A terminal that was not told its size says 0.
    if (columns > 0 && rows > 0) return { columns, rows };
  } catch {
    // Standard output was closed, or is none.
  }
  return { columns: 80, rows: 24 };
}

/** Asks on standard error for a line that is typed on the terminal. At the end of input it is empty. */
async function askLine(prompt: string): Promise<string> {
  await Deno.stderr.write(new TextEncoder().encode(prompt));
  const buffer = new Uint8Array(1024);
  const count = await Deno.stdin.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).trim();
}

/** The name of the user whom the system runs this process as. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may have no name for its user.
    return "jobctl";
  }
}

/** A closed reader (`| head`) ends the command quietly. */
async function writeAll(stream: typeof Deno.stdout, text: string | Uint8Array): Promise<void> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  try {
    for (let written = 0; written < bytes.length;) written += await stream.write(bytes.subarray(written));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}
