import { RUN_MARK } from "./_process.ts";
import { Shell } from "./_shell.ts";

/**
 * Answers questions, a line each, from /proc. `since PID`: which pids created since that one are in use; `read PID…`: `stat`,
 * `environ` and `cgroup` of those, or of all processes when none is named.
 *
 * `loadavg` ends with the pid given out last (proc_loadavg(5)), so those created since are the few in between. Where it
 * tells of another pid namespace than ours, or they are many, the answer is `=many`. With `-z` a record ends at NUL and
 * begins with the file it comes from, so that a process which puts newlines and parentheses into its name cannot forge
 * another's line. `) ` is in each `stat`, `0::` before the path of a cgroup of version 2. The last record is how it
 * went. All but `grep` is built into the shell: another process takes longer than most of what there is to tell.
 */
const SCRIPT = `
[ -z "$1" ] || echo $$ >"$1/cgroup.procs"
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
    for pid in \${pids:-'[0-9]*'}; do files="$files $pid/stat $pid/environ $pid/cgroup"; done
    grep -zHsaF -e ') ' -e ${RUN_MARK}= -e 0:: $files </dev/null
    printf '=%s\\0\\0' $?
  fi
done`;

/**
 * More processes than any kernel creates in a second: each needs the one lock of the process list. So long as a process has
 * not lived for `pid_max` of them, no pid given out since its start can be below its own without `last` showing it.
 */
const MOST_FORKS_PER_MS = 500;

/** Reads /proc for this process, one question after the other. */
export class ProcessReader {
  readonly #shell: Shell;
  /** Longest age in milliseconds of a process for which "created since" can be answered; 0: never. */
  readonly longestAgeMs: number;
  /** Which pids these are: a number of the kernel's, the same for all processes that see the same ones; 0: unknown. */
  readonly namespace: number;

  /** Starts one, which moves into the cgroup of the directory `home` if there is one; null where there is no /proc or no shell. */
  static async start(home: string | null): Promise<ProcessReader | null> {
    if (Deno.build.os !== "linux") return null;
    const started = await Shell.start(SCRIPT, home === null ? [] : [home]);
    return started === null ? null : new ProcessReader(started.shell, started.greeting);
  }

  private constructor(shell: Shell, greeting: string) {
    const [, ours, pidMax, namespace = 0] = /^([01]) (\d+) (?:pid:\[(\d+)\])?$/.exec(greeting) ?? [];
    this.#shell = shell;
    this.longestAgeMs = ours === "1" ? Number(pidMax) / MOST_FORKS_PER_MS : 0;
    this.namespace = Number(namespace);
  }

  /**
   * The pids in use that were created since `pid`; "many" when they are too many or unknown, null when the reader has
   * failed.
   */
  async since(pid: number): Promise<readonly number[] | "many" | null> {
    const answered = await this.#shell.ask(`since ${pid}`);
    if (answered === null) return null;
    return answered.status === "=0" ? answered.records.map(Number) : "many";
  }

  /** `stat`, `environ` and `cgroup` of the processes with these pids, or of all; null when the reader has failed. */
  async read(pids: readonly number[] | "all"): Promise<readonly string[] | null> {
    const answered = await this.#shell.ask(`read ${pids === "all" ? "" : pids.join(" ")}`);
    // 1 and 2: some files could not be read, because they are another user's or gone. Above: no grep, or it was killed.
    return answered !== null && /^=[012]$/.test(answered.status) ? answered.records : null;
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#shell.close();
  }
}
