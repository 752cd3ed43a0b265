/**
 * The tests of cgroups, which `cgroups_test.ts` runs in a process of their own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Cgroups, ProcessTable, type StopControl, type StopReason } from "../../../services/worker/execute/mod.ts";
import { kill } from "../../../services/worker/execute/processes.ts";
import { corpusOf, left } from "../hostile/_left.ts";
import { ESCAPE } from "../hostile/_scripts.ts";
import { openStage } from "../_executor.ts";
import { bash, HandClock, type RunOptions } from "./support.ts";

/** Calls `test` while this process has cgroups, or with null where it may make none. */
async function withCgroups(test: (cgroups: Cgroups | null) => Promise<void>): Promise<void> {
  await using table = new ProcessTable();
  const self = await table.self();
  assert.ok(self !== null, "this process can be looked up");
  await using cgroups = await Cgroups.open({ installation: "abcdef", ...self });
  await test(cgroups);
}

/** Runs `text` to its end, and asserts that the escaped process has ended, or still lives where there are no cgroups. */
async function escapes(text: string, options: RunOptions, kind: string): Promise<void> {
  const { sign } = corpusOf();
  await withCgroups(async (cgroups) => {
    const { result } = await bash(text.replaceAll("600", sign), { graceMs: 200, ...options, cgroups });
    assert.deepEqual([result.kind, result.survivors], [kind, 0]);
    const escaped = await left(sign);
    for (const line of escaped) Deno.kill(parseInt(line), "SIGKILL");
    assert.equal(escaped.length, cgroups === null ? 1 : 0);
  });
}

for (const [name, end] of [["succeeds", "exit 0"], ["fails", "exit 3"], ["is killed", "kill -KILL $$"]] as const) {
  Deno.test(`a process that left session, environment and parent of a script that ${name} is ended only through its cgroup`, async () => {
    await escapes(`${ESCAPE}; ${end}`, {}, name === "is killed" ? "signalled" : "exited");
  });
}

for (const reason of ["cancel", "drain", "lost"] satisfies StopReason[]) {
  Deno.test(`a process that left session, environment and parent of a script is ended only through its cgroup on ${reason}`, async () => {
    const onOutput: RunOptions["onOutput"] = (_, { stop }) => stop.stop(reason);
    await escapes(`${ESCAPE}; exec sleep 600`, { onOutput }, "stopped");
  });
}

Deno.test("a process that left session, environment and parent of a script is ended only through its cgroup at the time limit", async () => {
  const clock = new HandClock();
  const onOutput = () => clock.pass(5_000);
  await escapes(`${ESCAPE}; exec sleep 600`, { clock, timeoutMs: 5_000, onOutput }, "timeout");
});

Deno.test("runs at once have cgroups of their own", async () => {
  await withCgroups(async (cgroups) => {
    const stops: StopControl[] = [];
    const onOutput: RunOptions["onOutput"] = (_, { stop }) => {
      if (stops.push(stop) === 12) stops.forEach((stop) => stop.stop("cancel"));
    };
    const script = "cat /proc/self/cgroup; exec sleep 600";
    const runs = await Promise.all(Array.from({ length: 12 }, () => bash(script, { cgroups, onOutput })));
    const paths = new Set(runs.map(({ stdout }) => /^0::.*$/m.exec(stdout)?.[0]));
    assert.equal(paths.size, cgroups === null ? 1 : runs.length);
  });
});

Deno.test("the check of what another user may use has a cgroup of its own", async () => {
  const seen = await Deno.makeTempFile();
  try {
    await withCgroups(async (cgroups) => {
      await using stage = await openStage(undefined, {
        cgroups,
        user: {
          account: { name: "nobody", uid: 65534, gid: 65534, home: "/", shell: "/bin/sh" },
          become: ["sh", "-c", `cat /proc/self/cgroup >${seen}; exec "$@"`, "sh"],
          start: ["env"],
        },
      });
      await stage.write("job.sh", { text: "cat /proc/self/cgroup" });
      const cgroupIn = (text: string) => /^0::.*$/m.exec(text)?.[0];
      const ofScript = cgroupIn((await stage.run("job.sh")).output);
      const ofCheck = cgroupIn(await Deno.readTextFile(seen));
      assert.equal(ofCheck === ofScript, cgroups === null, `${ofCheck} and ${ofScript}`);
    });
  } finally {
    await Deno.remove(seen);
  }
});

Deno.test("the end of one run leaves the others of the same moment alone", async () => {
  await withCgroups(async (cgroups) => {
    const other = Promise.withResolvers<void>();
    const living = bash("echo ready; sleep 600 & wait $!; echo woken", {
      cgroups,
      onOutput: async (_, { stop }) => {
        await bash("sleep 600 & setsid sleep 600 & exit 0", { cgroups });
        other.resolve();
        stop.stop("cancel");
      },
    });
    await other.promise;
    const { result } = await living;
    assert.deepEqual([result.kind, result.survivors], ["stopped", 0]);
  });
});

Deno.test("all in a cgroup is killed in one step, but no cgroup that this process is in", async () => {
  await withCgroups(async (cgroups) => {
    // Asked before this process goes on to the next.
    await cgroups?.start((cgroup) => cgroup?.kill());
    const { child, cgroup } = await (cgroups?.start(spawn) ?? spawn(null));
    await cgroup?.kill();
    // Does nothing to what was killed; where nothing was, it ends the test.
    kill(child.pid, "SIGTERM");
    assert.equal((await child.status).signal, cgroups === null ? "SIGTERM" : "SIGKILL");
  });
  function spawn<Of>(cgroup: Of): { readonly child: Deno.ChildProcess; readonly cgroup: Of } {
    return { child: new Deno.Command("sleep", { args: ["600"] }).spawn(), cgroup };
  }
});

Deno.test("when the shell that moves this process is killed, the next begins outside of all runs and goes on", async () => {
  await withCgroups(async (cgroups) => {
    const shells = async () =>
      (await Deno.readTextFile(`${cgroups?.home}/cgroup.procs`)).match(/\d+/g)?.map(Number) ?? [];
    const before = cgroups === null ? [] : await shells();
    for (const shell of before) kill(shell, "SIGKILL");
    const results = await Promise.all(["exit 3", "setsid sleep 600 & exit 3"].map((text) => bash(text, { cgroups })));
    for (const { result } of results) assert.deepEqual([result.kind, result.survivors], ["exited", 0]);
    if (cgroups === null) return;
    for (const shell of await shells()) kill(shell, "SIGKILL");
    // Asked last, so that it has begun; all at once, of which one starts it.
    await Promise.all([cgroups.others(), cgroups.others(), cgroups.others()]);
    const after = await shells();
    assert.equal(after.length, 1);
    assert.notDeepEqual(after, before);
  });
});
