import { RUN_MARK } from "./_process.ts";

/**
 * Answers questions, a line each, from /proc. `since PID`: which pids created since that one are in use; `read PID…`: `stat`
 * and `environ` of those, or of all processes when none is named.
 *
 * `loadavg` ends with the pid given out last (proc_loadavg(5)), so those created since are the few in between. Where it
 * tells of another pid namespace than ours, or they are many, the answer is `=many`. With `-z` a record ends at NUL and
 * begins with the file it comes from, so that a process which puts newlines and parentheses into its name cannot forge
 * another's line. `) ` is in each `stat`. The last record is how it went; then comes an empty one. All but `grep` is built
 * into the shell: another process takes longer than most of what there is to tell.
 */
const SCRIPT = `
cd /proc || exit
: & own=$!
wait
read -r _ _ _ _ last <loadavg
ours=0
[ "\${last:-0}" -ge $own ] && [ $((last - own)) -le 400 ] && ours=1
printf '%s %s %s\\0\\0' "$ours" "$(cat sys/kernel/pid_max)" "$(readlink self/ns/pid)"
while read -r what pids; do
  if [ "$what" = since ]; then
    read -r _ _ _ _ last <loadavg
    if [ "\${last:-0}" -lt "$pids" ] || [ $((last - pids)) -gt 400 ]; then
      printf '=many\\0\\0'
      continue
    fi
    while [ "$pids" -lt "$last" ]; do
      pids=$((pids + 1))
      [ ! -d "$pids" ] || printf '%s\\0' "$pids"
    done
    printf '=0\\0\\0'
  else
    files=
    for pid in \${pids:-'[0-9]*'}; do files="$files $pid/stat $pid/environ"; done
    grep -zHsaF -e ') ' -e ${RUN_MARK}= $files </dev/null
    printf '=%s\\0\\0' $?
  fi
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
 * A shell that reads /proc for this process, one question after the other. Deno opens nothing below /proc without `--allow-all`, however wide
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

  /** The pids created since `pid` that are in use; "many" when these cannot be told, null when nothing can any more. */
  async since(pid: number): Promise<readonly number[] | "many" | null> {
    const answered = await this.#ask(`since ${pid}`);
    if (answered === null) return null;
    return answered.status === "=0" ? answered.records.map(Number) : "many";
  }

  /** `stat` and `environ` of the processes with these pids, or of all; null when nothing can be told any more. */
  async read(pids: readonly number[] | "all"): Promise<readonly string[] | null> {
    const answered = await this.#ask(`read ${pids === "all" ? "" : pids.join(" ")}`);
    // 1 and 2: of some files there was nothing to read; they are others', or gone. Above: no grep, or it was killed.
    return answered !== null && /^=[012]$/.test(answered.status) ? answered.records : null;
  }

  async #ask(question: string): Promise<{ readonly records: readonly string[]; readonly status: string } | null> {
    try {
      await this.#input.write(this.#encoder.encode(`${question}\n`));
    } catch {
      return null;
    }
    const records = (await answer(this.#output, this.#child))?.split("\0");
    return records === undefined ? null : { records: records.slice(0, -1), status: records.at(-1) ?? "" };
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
