import { RUN_MARK } from "./_process.ts";

/** Ends an answer. */
const END = "\0\0";

/** Longest time for one answer: on a machine out of memory or processes it must not stop the worker. */
const ANSWER_MS = 5_000;

/** The answer of a shell: records, and its status. */
export interface Answer {
  readonly records: readonly string[];
  /** The last record. */
  readonly status: string;
}

/**
 * A permanent shell that answers questions of one line each, in order. Deno opens nothing below /proc and /sys without
 * `--allow-all`, but the worker may run programs. A permanent shell answers in a tenth of a millisecond; a new shell for
 * each question would cost more than most scripts.
 *
 * An answer is a list of records, each ended by NUL, and an empty record. The shell sends the first answer, the greeting,
 * without a question.
 */
export class Shell {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #last: Promise<unknown> = Promise.resolve();

  /** Starts a shell and reads its greeting; null where there is no shell, or no greeting comes. */
  static async start(
    script: string,
    args: readonly string[] = [],
  ): Promise<{ readonly shell: Shell; readonly greeting: string } | null> {
    let child: Deno.ChildProcess | null = null;
    try {
      // Detached, so that Ctrl-C at the worker's terminal does not end it. It ends when its input does.
      child = new Deno.Command("sh", {
        args: ["-c", script, "sh", ...args],
        // The worker's environment holds the database's password. An empty mark: the shell belongs to no run, not even
        // when a script started this worker.
        env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", LC_ALL: "C", [RUN_MARK]: "" },
        clearEnv: true,
        detached: true,
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
    } catch {
      return null;
    }
    const shell = new Shell(child);
    const greeting = await shell.#answer();
    if (greeting !== null) return { shell, greeting };
    await shell.close();
    return null;
  }

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.getReader();
  }

  /** The answer to `question`; null when the shell has failed, which is final. */
  ask(question: string): Promise<Answer | null> {
    const answered = this.#last.then(async () => {
      // A write that fails shows as a missing answer.
      this.#input.write(this.#encoder.encode(`${question}\n`)).catch(() => {});
      const records = (await this.#answer())?.split("\0");
      return records === undefined ? null : { records: records.slice(0, -1), status: records.at(-1) ?? "" };
    });
    this.#last = answered;
    return answered;
  }

  /** Ends the shell. */
  async close(): Promise<void> {
    this.#kill();
    await Promise.allSettled([this.#input.close(), this.#output.cancel(), this.#child.status]);
  }

  /** The next answer, without its end; null when there is none. */
  async #answer(): Promise<string | null> {
    const decoder = new TextDecoder();
    const giveUp = () => {
      this.#kill();
      // A process that the shell started may keep the pipe open.
      this.#output.cancel().catch(() => {});
    };
    const timer = setTimeout(giveUp, ANSWER_MS);
    try {
      for (let text = ""; !text.endsWith(END);) {
        const { done, value } = await this.#output.read();
        if (done) return null;
        text += decoder.decode(value, { stream: true });
        if (text.endsWith(END)) return text.slice(0, -END.length);
      }
      return null;
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills the shell's group: the shell and its children. */
  #kill(): void {
    try {
      Deno.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // The shell has ended already.
    }
  }
}
