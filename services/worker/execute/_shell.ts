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
 * A permanent shell that answers questions of one line each, one after the other. Deno opens nothing below /proc and
 * /sys without `--allow-all`, but the worker may run programs. A permanent shell takes a tenth of a millisecond for a
 * short answer; starting a shell for each question would cost more than most scripts.
 *
 * An answer is records that end at NUL, then an empty one. The first comes without a question.
 */
export class Shell {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #last: Promise<unknown> = Promise.resolve();

  /** Starts one and hears its first answer; null where there is no shell, or it says nothing. */
  static async start(
    script: string,
    args: readonly string[] = [],
  ): Promise<{ readonly shell: Shell; readonly greeting: string } | null> {
    let child: Deno.ChildProcess | null = null;
    try {
      // Detached: Ctrl-C at the worker's terminal is not meant for it. It ends when its input does.
      child = new Deno.Command("sh", {
        args: ["-c", script, "sh", ...args],
        // Without this process's environment, which has the database's address. It belongs to no run, not even when a script has
        // started this worker.
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
      // When it fails, there is no answer either.
      this.#input.write(this.#encoder.encode(`${question}\n`)).catch(() => {});
      const records = (await this.#answer())?.split("\0");
      return records === undefined ? null : { records: records.slice(0, -1), status: records.at(-1) ?? "" };
    });
    this.#last = answered;
    return answered;
  }

  /** Ends it. */
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

  /** Kills it with what it has started: it leads a group. */
  #kill(): void {
    try {
      Deno.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}
