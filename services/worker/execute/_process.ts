/** The environment entry that each process of a run carries, unless it was started with another environment. */
export const RUN_MARK = "JOBTRIGGER_RUN";

/** One process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** When it was started, in clock ticks since boot. A pid is used again; pid and start time together are not. */
  readonly startTicks: number;
  /** Value of {@linkcode RUN_MARK} in its environment; null: none, or not readable. */
  readonly mark: string | null;
  /** Path of its cgroup of version 2, from `/proc/PID/cgroup`; null: none, or unknown. */
  readonly cgroup: string | null;
}

/** Reads what `grep -zH` printed of `stat`, `environ` and `cgroup` files: the living processes, without zombies. */
export function parseProcesses(records: readonly string[]): readonly Process[] {
  const stats = new Map<number, string>();
  const marks = new Map<number, string>();
  const cgroups = new Map<number, string>();
  for (const record of records) {
    const [, pid, file, text = ""] = /^(\d+)\/(stat|environ|cgroup):([^]*)$/.exec(record) ?? [];
    if (file === "stat") stats.set(Number(pid), text);
    else if (file === "cgroup") cgroups.set(Number(pid), /^0::(.*)$/m.exec(text)?.[1] ?? "");
    else if (text.startsWith(`${RUN_MARK}=`)) marks.set(Number(pid), text.slice(RUN_MARK.length + 1));
  }
  return [...stats].flatMap(([pid, text]) => {
    // The name, in parentheses, may hold anything; the rest are numbers (proc_pid_stat(5), from field 3 on).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, parent, group, session] = fields;
    // A zombie with more than one thread lives on in its other threads.
    if (state === "X" || (state === "Z" && Number(fields[17]) <= 1)) return [];
    return [{
      pid,
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      startTicks: Number(fields[19]),
      mark: marks.get(pid) ?? null,
      cgroup: cgroups.get(pid) || null,
    }];
  });
}
