import assert from "node:assert/strict";
import { endOf, openStage, type Stage } from "./_executor.ts";

/** Files that the kernel refuses and setsid would hand to /bin/sh: each with the content of `job`, and the expected message. */
const things: readonly (readonly [what: string, lay: (stage: Stage) => Promise<void>, because: RegExp])[] = [
  ["another machine's program", (stage) =>
    layProgram(stage, (bytes) => {
      // The header's machine: the other architecture of Deno.
      bytes[18] = Deno.build.arch === "x86_64" ? 183 : 62;
    }), /it is a program for (aarch64|x86_64), but this machine runs those for/],
  ["a program of 32 bits", (stage) =>
    layProgram(stage, (bytes) => {
      bytes[4] = 1;
    }), /it is a program for .*, but this machine runs those for/],
  ["a program that was cut short", async (stage) => {
    await layProgram(stage, () => {});
    await Deno.truncate(`${stage.path}/job`, 100);
  }, /it is a program that was cut short$/],
  ["a part of a program", (stage) =>
    layProgram(stage, (bytes) => {
      bytes[16] = 1;
    }), /it is no program that can be started, but a part of one/],
  ["a program without segments", (stage) =>
    layProgram(stage, (bytes) => {
      bytes[56] = bytes[57] = 0;
    }), /it is a damaged program$/],
  ["a program whose loader is not there", (stage) =>
    layProgram(stage, (bytes) => {
      const at = new TextDecoder("latin1").decode(bytes).indexOf("/ld-linux");
      bytes[at + 1] = 0x78;
    }), /it is a program that needs the loader \/.*\/xd-linux.*, which is not on this machine$/],
  ["random bytes", (stage) => {
    const text = new Uint8Array(100).map((_, n) => n * 37 + 200);
    return stage.write("job", { text, mode: 0o755 });
  }, /neither a program of this system nor a script with a first line/],
  ["a byte order mark before the first line", (stage) => {
    return stage.write("job", { text: "\ufeff#!/bin/sh\necho fed\n", mode: 0o755 });
  }, /a byte order mark comes before its first line/],
  [
    "text without a first line",
    (stage) => stage.write("job", { text: "echo fed\n", mode: 0o755 }),
    /it is executable text/,
  ],
  ["an empty file", (stage) => stage.write("job", { mode: 0o755 }), /it is empty$/],
  ["CRLF in the first line", (stage) => {
    return stage.write("job", { text: "#!/bin/sh\r\necho fed\r\n", mode: 0o755 });
  }, /ends in CRLF as on Windows/],
  ["mode 000", (stage) => stage.write("job", { text: "#!/bin/sh\necho fed\n", mode: 0 }), /its mode is 0000$/],
  ["no such interpreter", (stage) => {
    return stage.write("job", { text: "#!/no/such/interpreter\n", mode: 0o755 });
  }, /its interpreter \/no\/such\/interpreter is not there/],
  [
    "an interpreter that is not executable",
    (stage) => layInterpreted(stage, "echo fed\n", 0o644),
    /interpreter .*\/own is not executable$/,
  ],
  ["an interpreter that is a directory", (stage) => {
    return stage.write("job", { text: "#!/usr/bin\n", mode: 0o755 });
  }, /its interpreter \/usr\/bin is a directory$/],
  [
    "an interpreter that is text",
    (stage) => layInterpreted(stage, "echo fed\n", 0o755),
    /interpreter .*\/own cannot be executed: it is executable text/,
  ],
  [
    "an interpreter whose own is missing",
    (stage) => layInterpreted(stage, "#!/no/such\n", 0o755),
    /own is itself a script, whose interpreter \/no\/such is not there/,
  ],
  [
    "an interpreter that is its own",
    (stage) => layInterpreted(stage, `#!${stage.path}/own\n`, 0o755),
    /is one interpreter too many$/,
  ],
  [
    "env without a program",
    (stage) => stage.write("job", { text: "#!/usr/bin/env\n", mode: 0o755 }),
    /names no program after env/,
  ],
  ["a program of env's that is not there", (stage) => {
    return stage.write("job", { text: "#!/usr/bin/env no-such-program\n", mode: 0o755 });
  }, /its first line names the program "no-such-program", which is not on the worker's PATH, \/usr\/bin:\/bin$/],
  ["a program of env's with arguments, without -S", (stage) => {
    return stage.write("job", { text: "#!/usr/bin/env perl -w\n", mode: 0o755 });
  }, /names the program "perl -w", .*write #!\/usr\/bin\/env -S in front/],
  ["a program of env -S that is not there", (stage) => {
    return stage.write("job", { text: "#!/usr/bin/env -S A=1 no-such -x\n", mode: 0o755 });
  }, /names the program "no-such", which is not on/],
];
for (const [what, lay, because] of things) {
  Deno.test(`a file that the system cannot execute is an error, and no shell reads it: ${what}`, async () => {
    await using stage = await openStage();
    await lay(stage);
    const ran = await stage.run("job");
    assert.match(endOf(ran), because);
    assert.match(endOf(ran), /^Cannot run script "job": /);
    assert.deepEqual([ran.result.kind, ran.output], ["error", ""]);
  });
}

Deno.test("an interpreter by extension that is nowhere on the PATH is an error", async () => {
  await using stage = await openStage("/no/such/place");
  await stage.write("job.py");
  assert.equal(
    endOf(await stage.run("job.py")),
    `Cannot run script "job.py": its interpreter python3 is not on the worker's PATH, /no/such/place`,
  );
});

Deno.test("a program is checked again after another replaced it", async () => {
  await using stage = await openStage();
  await layProgram(stage, () => {});
  assert.equal(endOf(await stage.run("job")), "exit 0");
  await layProgram(stage, (bytes) => {
    bytes[18] = 8;
  });
  assert.match(endOf(await stage.run("job")), /it is a program for MIPS/);
});

/** Lays `/bin/true`, changed. */
async function layProgram(stage: Stage, change: (bytes: Uint8Array<ArrayBuffer>) => void): Promise<void> {
  const text = await Deno.readFile("/bin/true");
  change(text);
  await stage.write("job", { text, mode: 0o755 });
}

async function layInterpreted(stage: Stage, text: string, mode: number): Promise<void> {
  await stage.write("own", { text, mode });
  await stage.write("job", { text: `#!${stage.path}/own\n`, mode: 0o755 });
}
