import { RUN_MARK } from "./_process.ts";
import { Shell } from "./_shell.ts";

/**
 * Answers two questions from /proc: `since PID` lists the living pids created since that one; `read PID…` prints `stat`,
 * `environ` and `cgroup` of those processes, or of all. The last record is the status.
 *
 * `loadavg` ends with the newest pid (proc_loadavg(5)). Where it counts the pids of another namespace, or the new pids are
 * many, the answer to `since` is `=many`. `grep -z` ends a record at NUL and begins it with the name of its file, so a process
 * with newlines and parentheses in its name cannot forge another's record. `) ` is in each `stat`, `0::` in each `cgroup`.
 * Only `grep` is a process of its own; the rest is built into the shell, for speed.
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
 * More processes than a kernel creates in a millisecond, because each needs the one lock of the process list. A process
 * younger than `pid_max` of them has seen no pid twice.
 */
const MOST_FORKS_PER_MS = 500;

/** Reads /proc for this process, one question after the other. */
export class ProcessReader {
  readonly #shell: Shell;
  /** Longest age in milliseconds of a process for which "created since" can be answered; 0: never. */
  readonly longestAgeMs: number;
  /** The kernel's number of this pid namespace; 0: unknown. */
  readonly namespace: number;

  /** Starts one, which moves into the cgroup at the directory `home` if given; null where there is no /proc or no shell. */
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

  /** The living pids created since `pid`; "many": too many, or unknown; null: the reader has failed. */
  async since(pid: number): Promise<readonly number[] | "many" | null> {
    const answered = await this.#shell.ask(`since ${pid}`);
    if (answered === null) return null;
    return answered.status === "=0" ? answered.records.map(Number) : "many";
  }

  /** `stat`, `environ` and `cgroup` of the processes with these pids, or of all; null when the reader has failed. */
  async read(pids: readonly number[] | "all"): Promise<readonly string[] | null> {
    const answered = await this.#shell.ask(`read ${pids === "all" ? "" : pids.join(" ")}`);
    // 1 and 2: some files belong to another user or are gone. Above: grep is missing or was killed.
    return answered !== null && /^=[012]$/.test(answered.status) ? answered.records : null;
  }

  /** Ends the reader. */
  async close(): Promise<void> {
    await this.#shell.close();
  }
}
