/**
 * Scripts that do what scripts must not, and what becomes of each when it is let go on to its end. Every one says `ready`
 * when it has done its worst; one with `end: null` then goes on without end.
 *
 * @module
 */
import type { ExecutionEnd } from "../../../services/worker/execute/mod.ts";

/** A script and its expected end. */
export interface Hostile {
  readonly name: string;
  /** Text of a bash script. */
  readonly text: string;
  /** How it ends by itself; null: it does not. */
  readonly end: ExecutionEnd | null;
  /** All it writes to stdout by then, where that is under the limit. */
  readonly stdout?: string;
  /** Whether it runs python3, which not every machine has. */
  readonly needsPython?: boolean;
}

const success: ExecutionEnd = { kind: "exited", exitCode: 0 };

/**
 * Leaves the session, the environment and its parent, and says `ready` when its own daemon has done all that: only a cgroup tells
 * then whose it is.
 */
export const ESCAPE: string = "pid=$( (env -i setsid /bin/sleep 600 >/dev/null 2>&1 </dev/null & echo $!) ); " +
  `until IFS= read -rd '' program </proc/$pid/cmdline && [ "$program" = /bin/sleep ]; do :; done; echo ready`;

/** Scripts that can be ended altogether where the worker may make cgroups, and nowhere else. */
export const ESCAPES: readonly Hostile[] = [
  { name: "starts a daemon with a clean environment and ends", text: ESCAPE, end: success, stdout: "ready\n" },
  {
    name: "starts a daemon with a clean environment and fails",
    text: `${ESCAPE}; exit 3`,
    end: { kind: "exited", exitCode: 3 },
    stdout: "ready\n",
  },
  { name: "starts a daemon with a clean environment and goes on", text: `${ESCAPE}; exec sleep 600`, end: null },
];

/** The corpus. */
export const HOSTILE: readonly Hostile[] = [
  { name: "forks twice", text: "(sleep 600 &) ; echo ready", end: success, stdout: "ready\n" },
  { name: "starts a daemon", text: "setsid sleep 600 >/dev/null 2>&1 </dev/null & echo ready", end: success },
  {
    name: "uses nohup",
    text: "nohup sleep 600 >/dev/null 2>&1 & echo ready; exit 3",
    end: { kind: "exited", exitCode: 3 },
  },
  { name: "ignores TERM", text: "trap '' TERM INT HUP; echo ready; while :; do sleep 600; done", end: null },
  {
    name: "has grandchildren that hold its pipes",
    text: "(trap '' TERM; (sleep 600) & wait) & echo ready",
    end: success,
  },
  { name: "storms", text: "for i in $(seq 60); do (setsid sleep 600 &) ; done; echo ready; wait", end: success },
  { name: "writes without end", text: "echo ready; yes", end: null },
  {
    name: "writes bytes that are not UTF-8",
    text: "printf 'ready\\xff\\xc3(\\n'",
    end: success,
    stdout: "ready\uFFFD\uFFFD(\n",
  },
  { name: "writes NUL", text: "printf 'ready\\0x\\n'", end: success, stdout: "ready\uFFFDx\n" },
  {
    name: "exits while children live",
    text: "sleep 600 & sleep 600 & echo ready; exit 5",
    end: { kind: "exited", exitCode: 5 },
  },
  {
    name: "sends itself TERM",
    text: "echo ready; kill -TERM $$; sleep 600",
    end: { kind: "signalled", signal: "SIGTERM" },
  },
  {
    name: "sends itself KILL",
    text: "echo ready; kill -KILL $$; sleep 600",
    end: { kind: "signalled", signal: "SIGKILL" },
  },
  { name: "stops itself", text: "echo ready; kill -STOP $$; exit 0", end: null },
  { name: "closes its output and goes on", text: "echo ready; exec >&- 2>&-; while :; do sleep 600; done", end: null },
  {
    name: "starts a daemon with a clean environment and stays",
    text: "env -i setsid /bin/sleep 600 & echo ready; while :; do sleep 600; done",
    end: null,
  },
  {
    name: "has a child that changes its process group",
    text: "set -m; sleep 600 & set +m; echo ready; exit 0",
    end: success,
  },
  {
    name: "traps TERM and starts itself again",
    text: 'trap "setsid bash $0 & exit 0" TERM; echo ready; while :; do sleep 600 & wait $!; done',
    end: null,
  },
  { name: "becomes another program", text: "echo ready; exec sleep 600", end: null },
  {
    name: "loses its first thread",
    text: "exec python3 -c '\n" +
      "import ctypes, sys, threading, time\n" +
      "threading.Thread(target=lambda: time.sleep(600)).start()\n" +
      'print("ready", flush=True)\n' +
      "ctypes.CDLL(None).syscall(60, 0)'",
    end: null,
    needsPython: true,
  },
];
