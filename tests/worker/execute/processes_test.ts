import assert from "node:assert/strict";
import { parseProcesses, type Process, RUN_MARK } from "../../../services/worker/execute/_process.ts";
import { ProcessTable } from "../../../services/worker/execute/mod.ts";
import { runProcesses } from "../../../services/worker/execute/processes.ts";
import { bash, made, type RunOptions } from "./support.ts";

// `run()` of the support asserts after each that no process with the run's mark is left.

/** Cancels when the script has printed `ready`. */
const cancelled: RunOptions = {
  graceMs: 200,
  onOutput: ({ data }, { stop }) => {
    if (data.includes("ready")) stop.stop("cancel");
  },
};

const escapes: readonly (readonly [name: string, script: string])[] = [
  ["a child", "sleep 600 & echo ready; wait"],
  ["a child that ignores SIGTERM", "(trap '' TERM; while :; do sleep 600; done) & echo ready; wait"],
  ["a child in a session of its own", "setsid sleep 600 & echo ready; wait"],
  ["a daemon, forked twice", "(setsid sleep 600 &) & echo ready; sleep 600"],
  ["a child without the run's environment", "env -i PATH=$PATH sleep 600 & echo ready; wait"],
  [
    "a child in a session of its own without the run's environment",
    "setsid env -i PATH=$PATH sleep 600 & echo ready; wait",
  ],
  ["a child that is stopped", "sleep 600 & kill -STOP $!; echo ready; wait"],
];
for (const [name, script] of escapes) {
  Deno.test(`a cancelled script leaves nothing behind: ${name}`, async () => {
    const { result } = await bash(script, cancelled);
    assert.deepEqual([result.kind, result.survivors], ["stopped", 0]);
  });
}

Deno.test("a script that ended by itself leaves no process behind and keeps its result", async () => {
  const { result } = await bash("setsid sleep 600 & sleep 600 & exit 4");
  assert.deepEqual([result.kind, result.kind === "exited" && result.exitCode, result.survivors], ["exited", 4, 0]);
});

Deno.test("a process that a script left behind may finish writing", async () => {
  const { stdout } = await bash("exec > >(sleep 0.1; cat); echo last words");
  assert.equal(stdout, "last words\n");
});

Deno.test("a process that holds the script's output open does not hold up its end", async () => {
  const { result, stdout } = await bash("echo hello; (trap '' TERM; sleep 600) & exit 0");
  assert.deepEqual([result.kind, stdout], ["exited", "hello\n"]);
});

Deno.test("a process table holds this process, and reads the mark in an environment", async () => {
  await using table = new ProcessTable();
  const mark = crypto.randomUUID();
  const child = new Deno.Command("sleep", { args: ["600"], env: { [RUN_MARK]: mark, OTHER: "1" } }).spawn();
  try {
    const processes = await table.read() ?? [];
    assert.ok(processes.some((process) => process.pid === Deno.pid && process.mark !== mark));
    const marked = processes.filter((process) => process.mark === mark);
    assert.deepEqual(marked.map(({ pid, parent }) => [pid, parent]), [[child.pid, Deno.pid]]);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

/** A line of /proc/PID/stat. */
const stat = (pid: number, name: string, state = "S", threads = 1): string =>
  `${pid}/stat:${pid} (${name}) ${state} 1 7 8 0 -1 0 0 0 0 0 0 0 0 0 20 0 ${threads} 0 4711 0 0\n`;

const records: readonly (readonly [
  name: string,
  records: readonly string[],
  found: readonly (readonly [pid: number, mark: string | null])[],
])[] = [
  ["reads a process", [stat(10, "bash")], [[10, null]]],
  ["reads a name with parentheses", [stat(10, "a) R 1 (b")], [[10, null]]],
  ["reads a name that looks like another record", [stat(10, "x)\n99/stat:99 (y) S 1")], [[10, null]]],
  ["leaves out zombies", [stat(10, "gone", "Z"), stat(11, "here")], [[11, null]]],
  ["reads a process that has lost its first thread", [stat(10, "going on", "Z", 2)], [[10, null]]],
  ["reads a mark", [stat(10, "bash"), `10/environ:${RUN_MARK}=a:1`], [[10, "a:1"]]],
  ["takes no mark from the middle of an entry", [stat(10, "b"), `10/environ:X${RUN_MARK}=a`], [[10, null]]],
];
for (const [name, text, found] of records) {
  Deno.test(`parseProcesses() ${name}`, () => {
    assert.deepEqual(parseProcesses(text).map(({ pid, mark }) => [pid, mark]), found);
  });
}

Deno.test("parseProcesses() reads parent, group, session and start", () => {
  const [process] = parseProcesses([stat(10, "bash")]);
  assert.deepEqual(process, { pid: 10, parent: 1, group: 7, session: 8, startTicks: 4711, mark: null, cgroup: null });
});

Deno.test("parseProcesses() reads the cgroup of version 2, among those of version 1", () => {
  const cgroups = "9:name=systemd:/one\n4:memory:/two\n0::/a b/3\n";
  const processes = parseProcesses([
    stat(10, "in one"),
    `10/cgroup:${cgroups}`,
    stat(11, "in none"),
    "11/cgroup:4:cpu:/x",
  ]);
  assert.deepEqual(processes.map(({ cgroup }) => cgroup), ["/a b/3", null]);
});

interface Belonging {
  readonly name: string;
  readonly table: readonly Process[];
  readonly leaderEnded?: boolean;
  readonly groupProves?: boolean;
  readonly known?: readonly number[];
  readonly pids: readonly number[];
}
const LEADER = 100;
const belongings: readonly Belonging[] = [
  { name: "the script itself", table: [made(LEADER), made(5)], pids: [LEADER] },
  {
    name: "its group and its session",
    table: [made(101, { group: LEADER }), made(102, { session: LEADER })],
    pids: [101, 102],
  },
  { name: "who carries the mark", table: [made(200, { mark: "ours" }), made(201, { mark: "theirs" })], pids: [200] },
  {
    name: "the processes in its cgroup",
    table: [made(200, { cgroup: "/ours" }), made(201, { cgroup: "/theirs" })],
    pids: [200],
  },
  {
    name: "their descendants",
    table: [made(200, { mark: "ours" }), made(201, { parent: 200 }), made(202, { parent: 201 })],
    pids: [200, 201, 202],
  },
  { name: "who was seen before", table: [made(300), made(301)], known: [300], pids: [300] },
  {
    name: "no process of a group whose number may be in use again",
    table: [made(101, { group: LEADER })],
    leaderEnded: true,
    groupProves: false,
    pids: [],
  },
  {
    name: "no process of a group whose number is in use again",
    table: [made(LEADER), made(101, { group: LEADER })],
    leaderEnded: true,
    pids: [],
  },
  { name: "not the worker itself", table: [made(Deno.pid, { mark: "ours" }), made(5, { parent: Deno.pid })], pids: [] },
];
for (const { name, table, leaderEnded = false, groupProves = true, known = [], pids } of belongings) {
  Deno.test(`a run's processes are ${name}`, () => {
    const found = runProcesses(table, {
      leader: LEADER,
      leaderEnded,
      mark: "ours",
      cgroup: { has: (path) => path === "/ours" },
      groupProves,
      isKnown: ({ pid }) => known.includes(pid),
    });
    assert.deepEqual(found.map(({ pid }) => pid), pids);
  });
}
