import assert from "node:assert/strict";
import { type ExecutionEnd, StopControl } from "../../../services/worker/execute/mod.ts";
import { systemClock } from "../../../shared/time/mod.ts";
import { bash, HandClock, run, type RunOptions } from "./support.ts";

const ends: [name: string, script: string, end: ExecutionEnd][] = [
  ["answers exit code 0", "exit 0", { kind: "exited", exitCode: 0 }],
  ["answers exit code 3", "exit 3", { kind: "exited", exitCode: 3 }],
  ["answers exit code 255", "exit 255", { kind: "exited", exitCode: 255 }],
  ["answers a code above 128 that no signal caused", "exit 143", { kind: "exited", exitCode: 143 }],
  ["answers the signal a script was ended by", "kill -KILL $$", { kind: "signalled", signal: "SIGKILL" }],
  ["does not take another's SIGTERM for its own", "kill -TERM $$", { kind: "signalled", signal: "SIGTERM" }],
];
for (const [name, script, end] of ends) {
  Deno.test(`execute() ${name}`, async () => {
    const { result } = await bash(script);
    const { startedAt, endedAt, durationMs, ...rest } = result;
    assert.deepEqual(rest, { ...end, logBytes: 0, truncated: false, survivors: 0 });
    assert.equal(durationMs, endedAt - startedAt);
    assert.ok(durationMs >= 0);
  });
}

Deno.test("execute() reports the start of the script", async () => {
  const starts: { readonly pid: number; readonly at: number }[] = [];
  const { result, stdout } = await bash("echo $$", { onStart: (start) => starts.push(start) });
  assert.deepEqual(starts, [{ pid: Number(stdout), at: result.startedAt }]);
});

Deno.test("execute() kills the script and rejects with the error of a hook", async (t) => {
  const failing: [name: string, hooks: RunOptions][] = [
    ["onStart", { onStart: () => fail() }],
    ["onOutput", { onOutput: () => fail() }],
    ["onOutput, later", { onOutput: () => Promise.reject(new Error("full")) }],
  ];
  for (const [name, hooks] of failing) {
    await t.step(name, () => assert.rejects(bash("echo hello; sleep 60", hooks), new Error("full")));
  }
  function fail(): never {
    throw new Error("full");
  }
});

const impossible: [name: string, command: string, options: RunOptions, message: RegExp][] = [
  [
    "a program that is not there",
    "no-such-program",
    {},
    /^Cannot start no-such-program: there is no such program on the script's PATH, \//,
  ],
  [
    "a file that is not there",
    "/no/such/file",
    {},
    /^Cannot start \/no\/such\/file: the file is not there, or the interpreter/,
  ],
  [
    "a file that is not executable",
    "/etc/passwd",
    {},
    /^Cannot start \/etc\/passwd: the worker's user may not execute it$/,
  ],
  [
    "a directory that is not there",
    "true",
    { cwd: "/no/such/dir" },
    /^Cannot start true: the directory .* \/no\/such\/dir, is not there$/,
  ],
  ["an argument with NUL", "true", { args: ["a\0b"] }, /^Cannot start true: .*nul/i],
  [
    "more arguments than the kernel takes",
    "true",
    { args: ["x".repeat(200_000)] },
    /^Cannot start true: Argument list too long/,
  ],
];
for (const [name, command, options, message] of impossible) {
  Deno.test(`execute() says that it cannot start ${name}`, async () => {
    const { result } = await run({ command, args: [] }, options);
    assert.equal(result.kind, "error");
    assert.match(result.message, message);
    assert.equal(result.durationMs, 0);
  });
}

Deno.test("execute() passes arguments as they are", async () => {
  const args = [
    "--help",
    "-rf",
    "",
    " ",
    "a b",
    `"'\\`,
    "$HOME `id` $(id)",
    "*",
    "one\ntwo\n",
    "über 時間 🕐",
    "--",
    "-",
  ];
  const { stdout } = await bash(`printf '%s\\0' "$@"`, { args });
  assert.equal(stdout, args.map((arg) => `${arg}\uFFFD`).join(""));
});

Deno.test("execute() gives the script the environment of the request and nothing else", async () => {
  const env = { CORRELATION_ID: "c", DISPATCH_ID: "7", PATH: "/usr/bin:/bin", EMPTY: "", "TEXT": "zwei\nZeilen =" };
  const { stdout } = await run({ command: "env", args: ["-0"] }, { env });
  assert.deepEqual(stdout.split("\uFFFD").sort(), ["", ...Object.entries(env).map((entry) => entry.join("="))].sort());
});

Deno.test("execute() starts the script in its directory, a session of its own, without input", async () => {
  const { stdout } = await bash("pwd; cut -d' ' -f5,6 /proc/$$/stat; echo $$; cat", { cwd: "/usr" });
  const [directory, ids, pid] = stdout.split("\n");
  assert.deepEqual([directory, ids], ["/usr", `${pid} ${pid}`]);
});

/** Prints `ready`, then waits. */
const untilReady = (text: string): string => `${text}\necho ready\nwhile :; do sleep 60 & wait; done`;

/** Calls `then` when the script has printed `ready`. */
const whenReady = (then: (stop: StopControl) => void): RunOptions => ({
  onOutput: ({ data }, { stop }) => {
    if (data.startsWith("ready")) then(stop);
  },
});

Deno.test("execute() ends a script that is over its limit with SIGTERM", async () => {
  const clock = new HandClock();
  const script = untilReady("trap 'echo tidied; exit 9' TERM");
  const { result, stdout } = await bash(script, { clock, timeoutMs: 5_000, ...whenReady(() => clock.pass(5_000)) });
  assert.equal(stdout, "ready\ntidied\n");
  assert.deepEqual([result.kind, result.kind === "timeout" && result.signal], ["timeout", "SIGTERM"]);
  assert.equal(result.durationMs, 5_000);
});

Deno.test("execute() leaves a script alone until its limit", async () => {
  const clock = new HandClock();
  const { result } = await bash("echo ready; sleep 0.1; exit 4", {
    clock,
    timeoutMs: 5_000,
    ...whenReady(() => clock.pass(4_999)),
  });
  assert.deepEqual([result.kind, result.durationMs], ["exited", 4_999]);
});

Deno.test("execute() kills a script that goes on after SIGTERM when the grace is over", async () => {
  const clock = new HandClock();
  const { result, stdout } = await bash(untilReady("trap 'echo ignored' TERM"), {
    clock,
    timeoutMs: 5_000,
    graceMs: 3_000,
    onOutput: ({ data }) => {
      if (data === "ready\n") clock.pass(5_000);
      else clock.pass(2_999), clock.pass(1);
    },
  });
  assert.equal(stdout, "ready\nignored\n");
  assert.deepEqual([result.kind, result.kind === "timeout" && result.signal], ["timeout", "SIGKILL"]);
  assert.equal(result.durationMs, 8_000);
});

Deno.test("execute() gives a script the whole grace to tidy up", async () => {
  const clock = new HandClock();
  const { result, stdout } = await bash(untilReady("trap 'echo tidying; sleep 0.1; echo tidied; exit 0' TERM"), {
    clock,
    graceMs: 3_000,
    onOutput: ({ data }, { stop }) => {
      if (data === "ready\n") stop.stop("cancel");
      else if (data === "tidying\n") clock.pass(2_999);
    },
  });
  assert.equal(stdout, "ready\ntidying\ntidied\n");
  assert.deepEqual([result.kind, result.kind === "stopped" && result.signal], ["stopped", "SIGTERM"]);
});

const stops: [name: string, ask: (stop: StopControl) => void, reason: string, signal: string][] = [
  ["a cancel", (stop) => stop.stop("cancel"), "cancel", "SIGTERM"],
  ["a drain", (stop) => stop.stop("drain"), "drain", "SIGTERM"],
  ["a drain without grace", (stop) => stop.stop("drain", { graceMs: 0 }), "drain", "SIGKILL"],
  ["a lost lease, at once", (stop) => stop.stop("lost"), "lost", "SIGKILL"],
  ["two requests, for the first reason", (stop) => (stop.stop("cancel"), stop.stop("drain")), "cancel", "SIGTERM"],
  ["a request made stronger", (stop) => (stop.stop("drain"), stop.stop("drain", { graceMs: 0 })), "drain", "SIGKILL"],
];
for (const [name, ask, reason, signal] of stops) {
  Deno.test(`execute() ends a script on ${name}`, async () => {
    const { result } = await bash(untilReady(signal === "SIGKILL" ? "trap '' TERM" : ""), whenReady(ask));
    const { kind } = result;
    assert.equal(kind, "stopped");
    assert.deepEqual({ reason: result.reason, signal: result.signal }, { reason, signal });
  });
}

Deno.test("execute() starts nothing when it was stopped before", async () => {
  const stop = new StopControl();
  stop.stop("drain");
  const { result, stdout } = await bash("echo started", { stop });
  assert.deepEqual([result.kind, result.kind === "stopped" && result.signal, stdout], ["stopped", null, ""]);
});

Deno.test("execute() answers the script's own end when a stop came too late", async () => {
  const { result, stop } = await bash("exit 5");
  stop.stop("cancel");
  assert.deepEqual([result.kind, result.kind === "exited" && result.exitCode], ["exited", 5]);
});

Deno.test("execute() leaves nothing waiting on the caller's clock", async () => {
  const clock = new HandClock();
  await bash(untilReady(""), { clock, ...whenReady((stop) => stop.stop("cancel")) });
  assert.equal(clock.sleepers, 0);
});

Deno.test("execute() runs many scripts at once without mixing them up", async () => {
  const runs = await Promise.all(
    Array.from({ length: 12 }, (_, n) => bash(`echo ${n}; exit ${n}`, { clock: systemClock })),
  );
  assert.deepEqual(
    runs.map(({ result, stdout }) => [result.kind === "exited" && result.exitCode, stdout]),
    runs.map((_, n) => [n, `${n}\n`]),
  );
});
