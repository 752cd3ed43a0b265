/**
 * The processes of this machine, as Linux tells them in /proc.
 *
 * Deno opens nothing below /proc without `--allow-all`, however wide `--allow-read` is; the worker, which may run programs
 * anyway, has `grep` read it, in about 6 ms. One `grep` answers both questions: who descends from whom (`stat`, each of
 * which has a `) `), and who carries the mark (`environ`). With `-z` a record ends at NUL and begins with the file it comes
 * from, so that a process which puts newlines and parentheses into its name cannot forge another's line.
 *
 * @module
 */

/** One process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** When it was started, in clock ticks since boot. A pid can come back; pid and start together cannot. */
  readonly startTicks: number;
  /** Whether its environment holds every part of the mark that was asked for. */
  readonly marked: boolean;
}

/** Longest time for one reading: on a machine out of memory or processes it must not stop the worker. */
const READ_MS = 5_000;

/**
 * All living processes; zombies are not among them. `mark` holds environment entries, `NAME=value`; empty: no process is
 * marked. Null where there is no /proc, or none that can be read.
 */
export async function readProcesses(mark: readonly string[]): Promise<readonly Process[] | null> {
  if (Deno.build.os !== "linux") return null;
  const patterns = [") ", ...mark].flatMap((pattern) => ["-e", pattern]);
  try {
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", 'cd /proc && exec grep -zHsaF "$@" [0-9]*/stat [0-9]*/environ', "sh", ...patterns],
      env: { LC_ALL: "C" },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(READ_MS),
    }).output();
    const processes = parseProcesses(new TextDecoder().decode(stdout), mark);
    return processes.length === 0 ? null : processes;
  } catch {
    return null;
  }
}

/** What `grep -zH` wrote about `stat` and `environ` files. */
export function parseProcesses(records: string, mark: readonly string[]): readonly Process[] {
  const stats = new Map<number, string>();
  const marks = new Map<number, Set<string>>();
  for (const record of records.split("\0")) {
    const [, pid, file, text = ""] = /^(\d+)\/(stat|environ):([^]*)$/.exec(record) ?? [];
    if (file === "stat") stats.set(Number(pid), text);
    else if (mark.includes(text)) marks.set(Number(pid), (marks.get(Number(pid)) ?? new Set()).add(text));
  }
  return [...stats].flatMap(([pid, text]) => {
    // The name, in parentheses, may hold anything; the rest are numbers (proc_pid_stat(5), from field 3 on).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, parent, group, session] = fields;
    if (state === "Z" || state === "X") return [];
    return [{
      pid,
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      startTicks: Number(fields[19]),
      marked: mark.length > 0 && marks.get(pid)?.size === mark.length,
    }];
  });
}
