import assert from "node:assert/strict";
import fc from "fast-check";
import { FailedExec } from "../../../services/worker/execute/_failed_exec.ts";
import type { Process } from "../../../services/worker/execute/_process.ts";
import { start } from "../../../services/worker/execute/_start.ts";
import {
  type ExecutionRequest,
  formatMark,
  type Owner,
  ProcessTable,
  StopControl,
  type StopReason,
} from "../../../services/worker/execute/mod.ts";
import { cgroupName } from "../../../services/worker/execute/run_mark.ts";
import { orphans } from "../../../services/worker/execute/orphans.ts";
import { RunProcesses } from "../../../services/worker/execute/processes.ts";
import { bash, made, run } from "./support.ts";

/** A request as `run()` of the support makes it. */
const requestOf = (
  command: string,
  args: readonly string[],
  more: Partial<ExecutionRequest> = {},
): ExecutionRequest => ({
  script: { command, args },
  args: [],
  env: { PATH: "/usr/bin:/bin" },
  cwd: "/",
  timeoutMs: 60_000,
  logMaxBytes: 1_000_000,
  ...more,
});

const ways: readonly (readonly [name: string, setsid: string | null | undefined])[] = [
  ["through the machine's setsid", undefined],
  ["without setsid", null],
  ["when setsid was there and is gone", "/no/such/setsid"],
];
for (const [name, setsid] of ways) {
  Deno.test(`start() begins a session for a child of this process ${name}`, async () => {
    const started = start(requestOf("bash", ["-c", "cut -d' ' -f1,4,5,6 /proc/$$/stat"]), setsid);
    assert.ok(typeof started !== "string", String(started));
    const { child, exec } = started;
    assert.equal(exec !== null, setsid === undefined);
    const [stdout, stderr, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.status]);
    assert.deepEqual([stdout, stderr, status.code], [`${child.pid} ${Deno.pid} ${child.pid} ${child.pid}\n`, "", 0]);
  });
}

Deno.test("execute() says why a script cannot be started, as precisely as Deno, and passes no output on", async (t) => {
  const directory = await Deno.makeTempDir();
  try {
    const withoutInterpreter = `${directory}/its interpreter: is gone`;
    await Deno.writeTextFile(withoutInterpreter, "#!/no/such/interpreter\n", { mode: 0o755 });
    await Deno.symlink("loop", `${directory}/loop`);

    const impossible: [name: string, command: string, more?: Partial<ExecutionRequest>][] = [
      ["a program that is not there", "no-such-program"],
      ["a program that is not on the script's PATH", "bash", { env: { PATH: directory } }],
      ["a file that is not there", "/no/such/file"],
      ["a file without its interpreter", withoutInterpreter],
      ["a file that is not executable", "/etc/passwd"],
      ["a directory", directory],
      ["a link to itself", `${directory}/loop`],
      ["a directory that is not there", "true", { cwd: `${directory}/none` }],
      ["an argument with NUL", "true", { args: ["a\0b"] }],
      ["more arguments than the kernel takes", "true", { args: ["x".repeat(200_000)] }],
      ["a long name, by a small log", `/no/such/${"long/".repeat(200)}file`, { logMaxBytes: 1024 }],
    ];
    for (const [name, command, more] of impossible) {
      await t.step(name, async () => {
        const expected = start(requestOf(command, [], more), null);
        assert.equal(typeof expected, "string");
        const { result, chunks } = await run({ command, args: [] }, requestOf(command, [], more));
        assert.deepEqual([result.kind, result.kind === "error" && result.message], ["error", expected]);
        assert.deepEqual([chunks, result.logBytes, result.durationMs, result.survivors], [[], 0, 0, 0]);
      });
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** The line of setsid about a file. */
const word = (file: string): string => `setsid: failed to execute ${file}: No such file or directory\n`;

const own: readonly (readonly [name: string, script: string, exitCode: number, stderr: string])[] = [
  ["is 127 without a word", "exit 127", 127, ""],
  ["is a program's that was not found", "exec 2>&1; no-such-program >/dev/null", 127, ""],
  ["is setsid's own about another program", "setsid no-such-program; exit $?", 127, word("no-such-program")],
  ["is setsid's own about a longer name", "setsid bash-not; exit $?", 127, word("bash-not")],
  ["comes after output", "echo out; PATH=/; /usr/bin/setsid bash; exit $?", 127, word("bash")],
  ["comes after a line more", "echo hello >&2; PATH=/; /usr/bin/setsid bash; exit $?", 127, `hello\n${word("bash")}`],
  ["comes before a line more", "PATH=/; /usr/bin/setsid bash; echo hello >&2; exit 127", 127, `${word("bash")}hello\n`],
  ["is 0, with a word that looks like setsid's", "printf '%s' 'setsid: failed' >&2", 0, "setsid: failed"],
  ["is 1, with setsid's word", "PATH=/; /usr/bin/setsid bash; exit 1", 1, word("bash")],
];
for (const [name, script, exitCode, stderr] of own) {
  Deno.test(`execute() takes an end for the script's own that ${name}`, async () => {
    const finished = await bash(script);
    assert.deepEqual(
      [finished.result.kind, finished.result.kind === "exited" && finished.result.exitCode, finished.stderr],
      ["exited", exitCode, stderr],
    );
    assert.equal(finished.result.logBytes, finished.stdout.length + stderr.length);
  });
}

Deno.test("execute() holds back a line like setsid's only until a second line", async () => {
  const { result, stderr } = await bash("echo 'setsid: one' >&2; echo two >&2; sleep 600", {
    timeoutMs: 10_000,
    onOutput: ({ data }, { stop }) => {
      if (data.endsWith("two\n")) stop.stop("cancel");
    },
  });
  assert.deepEqual([result.kind, stderr], ["stopped", "setsid: one\ntwo\n"]);
});

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: readonly Uint8Array[]): string =>
  new TextDecoder().decode(new Uint8Array(bytes.flatMap((b) => [...b])));

Deno.test("FailedExec keeps all bytes in order, however stderr is cut into chunks", () => {
  const part = fc.oneof(
    fc.constantFrom("setsid: ", "failed", "\n", "s", "x".repeat(5_000)),
    fc.string({ minLength: 1 }),
  );
  fc.assert(fc.property(fc.array(part), (parts) => {
    const exec = new FailedExec("run");
    const passed = parts.map((part) => exec.filter(encode(part)));
    assert.equal(decode([...passed, exec.held]), parts.join(""));
    assert.ok(exec.held.length <= 8_192);
  }));
});

const words: readonly (readonly [name: string, code: number, line: string, kind: string | null])[] = [
  ["util-linux's, not found", 127, "setsid: failed to execute /s/a b: No such file or directory\n", "not found"],
  ["util-linux's, not permitted", 126, "setsid: failed to execute /s/a b: Permission denied\n", "permission denied"],
  ["util-linux's, another", 126, "setsid: failed to execute /s/a b: Text file busy\n", "other"],
  ["busybox's", 127, "setsid: can't execute '/s/a b': No such file or directory\n", "not found"],
  ["one in German", 126, "setsid: /s/a b konnte nicht ausgeführt werden: Keine Berechtigung\n", "other"],
  ["not one with another code", 1, "setsid: failed to execute /s/a b: Permission denied\n", null],
  ["not one about a longer name", 127, "setsid: failed to execute /s/a bc: No such file or directory\n", null],
  ["not one about a name that ends so", 127, "setsid: failed to execute x/s/a b: No such file or directory\n", null],
  ["not one that is another program's", 127, "env: /s/a b: No such file or directory\n", null],
  ["not one without its end", 127, "setsid: failed to execute /s/a b: No such file", null],
];
for (const [name, code, line, kind] of words) {
  Deno.test(`FailedExec recognises the word of setsid: ${name}`, () => {
    const exec = new FailedExec("/s/a b");
    exec.filter(encode(line));
    assert.equal(exec.error({ code })?.kind ?? null, kind);
  });
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`a script that leads no group yet is ended by ${signal}`, async () => {
    await using table = new ProcessTable();
    // As between the start and `setsid()`: in the group of this process.
    const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
    const processes = new RunProcesses(table, { pid: child.pid, startedAtMs: performance.now() }, {
      mark: null,
      cgroup: null,
    });
    const isSignalled = await processes.signal(signal);
    if (!isSignalled) child.kill("SIGKILL");
    const status = await child.status;
    processes.leaderEnded();
    assert.deepEqual([isSignalled, status.signal], [true, signal]);
  });
}

const stops: readonly (readonly [reason: StopReason, signal: string])[] = [["cancel", "SIGTERM"], ["lost", "SIGKILL"]];
for (const [reason, signal] of stops) {
  Deno.test(`a script that is stopped the moment it starts is ended by ${signal}: ${reason}`, async () => {
    const stop = new StopControl();
    const { result } = await run({ command: "sleep", args: ["600"] }, { stop, onStart: () => stop.stop(reason) });
    assert.deepEqual([result.kind, result.kind === "stopped" && result.signal], ["stopped", signal]);
  });
}

/** The dead worker, which was started at tick 50. */
const owner: Owner = { installation: "a", namespace: 1, pid: 50, startTicks: 50 };
const mark = formatMark(owner, { dispatchId: 1, epoch: 1 });
const sessions: readonly (readonly [name: string, table: readonly Process[], pids: readonly number[]])[] = [
  ["all of its session", [made(100, { mark }), made(101, { session: 100 })], [100, 101]],
  ["all of its session without its leader", [made(102, { mark, session: 100 }), made(101, { session: 100 })], [
    102,
    101,
  ]],
  [
    "itself alone while it is in its worker's session",
    [made(40, {}), made(45, { session: 40 }), made(60, { session: 40 }), made(100, { mark, session: 40 })],
    [100],
  ],
];
for (const [name, table, pids] of sessions) {
  Deno.test(`the orphans of a dead worker include ${name}`, () => {
    assert.deepEqual(orphans(table, { ...owner, pid: 70, startTicks: 70 }, new Set()).map(({ pid }) => pid), pids);
  });
}

Deno.test("processes in this worker's own cgroup are no orphans, even if a script of a dead worker started this worker", () => {
  const self: Owner = { ...owner, pid: 70, startTicks: 70 };
  const inside = `/${cgroupName(owner)}/3/${cgroupName(self)}`;
  const table = [
    made(100, { mark: formatMark(self, { dispatchId: 1, epoch: 1 }), cgroup: `${inside}/0` }),
    made(101, { cgroup: `${inside}/0` }),
    made(102, { cgroup: `/${cgroupName(owner)}/4` }),
  ];
  assert.deepEqual(orphans(table, self, new Set()).map(({ pid }) => pid), [102]);
});
