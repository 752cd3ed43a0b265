import { RUN_MARK } from "./_process.ts";

/**
 * Waits for questions on its input and answers from /proc. A question is a line: a pid, and pids that are of no interest.
 * The answer: `stat` and `environ` of the processes created since the one with that pid, or of all when it is 0.
 *
 * `loadavg` ends with the pid given out last (proc_loadavg(5)), so those created since are the few in between. Where it
 * tells of another pid namespace than ours, or they are many, all are read. With `-z` a record ends at NUL and begins with
 * the file it comes from, so that a process which puts newlines and parentheses into its name cannot forge another's line.
 * `) ` is in each `stat`. The last record of an answer is how the reading ended; then comes an empty one.
 */
const SCRIPT = `
cd /proc || exit
: & own=$!
wait
read -r _ _ _ _ last <loadavg
ours=0
[ "\${last:-0}" -ge $own ] && [ $((last - own)) -le 400 ] && ours=1
printf '%s %s %s\\0\\0' "$ours" "$(cat sys/kernel/pid_max)" "$(readlink self/ns/pid)"
while read -r from others; do
  files='[0-9]*/stat [0-9]*/environ'
  if [ "$from" -gt 0 ]; then
    read -r _ _ _ _ last <loadavg
    if [ "\${last:-0}" -ge "$from" ] && [ $((last - from)) -le 400 ]; then
      files=
      while [ "$from" -lt "$last" ]; do
        from=$((from + 1))
        [ -d "$from" ] || continue
        case " $others " in *" $from "*) ;; *) files="$files $from/stat $from/environ" ;; esac
      done
    fi
  fi
  [ -z "$files" ] || grep -zHsaF -e ') ' -e ${RUN_MARK}= $files </dev/null
  printf '=%s\\0\\0' $?
done`;

/** Ends an answer. */
const END = "\0\0";

/** Longest time for one answer: on a machine out of memory or processes it must not stop the worker. */
const ANSWER_MS = 5_000;

/**
 * More processes than any kernel creates in a second: each needs the one lock of the process list. So long as a process has
 * not lived for `pid_max` of them, no pid given out since its start can be below its own without `last` showing it.
 */
const MOST_FORKS_PER_MS = 500;

/**
 * A shell that reads /proc for this process. Deno opens nothing below /proc without `--allow-all`, however wide
 * `--allow-read` is; the worker may run programs. One that stays costs a tenth of a millisecond for an answer that names
 * nobody; starting one for each would cost more than most scripts do.
 */
export class ProcessReader {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  readonly #encoder = new TextEncoder();
  /** Longest age in milliseconds of a process for which "created since" can be told; 0: never. */
  readonly longestAgeMs: number;
  /** Which pids these are: a number of the kernel's, the same for all processes that see the same ones; 0: unknown. */
  readonly namespace: number;

  /** Starts one; null where there is no /proc or no shell. */
  static async start(): Promise<ProcessReader | null> {
    if (Deno.build.os !== "linux") return null;
    let child: Deno.ChildProcess | null = null;
    try {
      // Detached: Ctrl-C at the worker's terminal is not meant for it. It ends when its input does.
      child = new Deno.Command("sh", {
        args: ["-c", SCRIPT],
        // It belongs to no run, not even when a script has started this worker.
        env: { LC_ALL: "C", [RUN_MARK]: "" },
        detached: true,
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
    } catch {
      return null;
    }
    const [input, output] = [child.stdin.getWriter(), child.stdout.getReader()];
    const greeting = await answer(output, child);
    if (greeting !== null) return new ProcessReader(child, input, output, greeting);
    await end(child, input, output);
    return null;
  }

  private constructor(
    child: Deno.ChildProcess,
    input: WritableStreamDefaultWriter<Uint8Array>,
    output: ReadableStreamDefaultReader<Uint8Array>,
    greeting: string,
  ) {
    const [, ours, pidMax, namespace = 0] = /^([01]) (\d+) (?:pid:\[(\d+)\])?$/.exec(greeting) ?? [];
    this.#child = child;
    this.#input = input;
    this.#output = output;
    this.longestAgeMs = ours === "1" ? Number(pidMax) / MOST_FORKS_PER_MS : 0;
    this.namespace = Number(namespace);
  }

  /**
   * What /proc says of the processes created since `since`, without `others`; null: of all. One question after the other.
   * Answers null when it cannot tell any more: then it is to be closed.
   */
  async ask(since: number | null, others: readonly number[]): Promise<readonly string[] | null> {
    try {
      await this.#input.write(this.#encoder.encode(`${[since ?? 0, ...others].join(" ")}\n`));
    } catch {
      return null;
    }
    const records = (await answer(this.#output, this.#child))?.split("\0");
    const status = Number(records?.pop()?.slice(1));
    // 2: of some files there was nothing to read; they are others', or gone. Above: there is no grep, or it was killed.
    return records === undefined || !(status <= 2) ? null : records;
  }

  /** Ends it. */
  async close(): Promise<void> {
    await end(this.#child, this.#input, this.#output);
  }
}

/** The next answer, without its end; null when there is none. */
async function answer(
  output: ReadableStreamDefaultReader<Uint8Array>,
  child: Deno.ChildProcess,
): Promise<string | null> {
  const decoder = new TextDecoder();
  const timer = setTimeout(() => kill(child), ANSWER_MS);
  try {
    for (let text = ""; !text.endsWith(END);) {
      const { done, value } = await output.read();
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

async function end(
  child: Deno.ChildProcess,
  input: WritableStreamDefaultWriter<Uint8Array>,
  output: ReadableStreamDefaultReader<Uint8Array>,
): Promise<void> {
  kill(child);
  await Promise.allSettled([input.close(), output.cancel(), child.status]);
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
