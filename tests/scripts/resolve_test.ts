import assert from "node:assert/strict";
import { resolveScript } from "@jobtrigger/shared/scripts";
import { type ScriptDirectory, scriptDirectory } from "./_directory.ts";

async function reason(directories: readonly string[], path: string): Promise<string> {
  const script = await resolveScript(directories, path);
  return script.ok ? `it may be run: ${script.file}` : script.message;
}

/** The first bytes of each program of this system. */
const PROGRAM = new Uint8Array(Deno.build.os === "darwin" ? [0xcf, 0xfa, 0xed, 0xfe] : [0x7f, 0x45, 0x4c, 0x46]);

const kinds:
  readonly (readonly [name: string, mode: number, text: string | typeof PROGRAM, command: readonly string[]])[] = [
    ["backup.py", 0o644, "", ["python3", "-u"]],
    ["backup.sh", 0o644, "", ["bash"]],
    ["BACKUP.SH", 0o644, "", ["bash"]],
    ["backup.sh", 0o755, "", ["bash"]],
    ["backup.sh", 0o755, "echo", ["bash"]],
    ["backup.sh", 0o644, "#!/bin/bash -e\n", ["bash"]],
    ["backup.py", 0o644, "#!/opt/venv/bin/python\r\n", ["python3", "-u"]],
    ["backup", 0o755, PROGRAM, []],
    ["backup.pl", 0o711, PROGRAM, []],
    ["backup.sh", 0o755, "#!/bin/bash -e\nfalse\n", ["/bin/bash", "-e"]],
    ["backup.sh", 0o755, "#!/bin/sh -eu\n", ["/bin/sh", "-eu"]],
    ["backup.sh", 0o755, "#!/usr/bin/perl\nprint 1;\n", ["/usr/bin/perl"]],
    ["backup.py", 0o755, "#!/usr/bin/env -S python3 -W error\n", ["/usr/bin/env", "-S python3 -W error"]],
    ["backup.py", 0o700, "#!/opt/venv/bin/python", ["/opt/venv/bin/python"]],
    ["backup.ts", 0o755, "#! \t/usr/bin/env  -S\tdeno run \n", ["/usr/bin/env", "-S\tdeno run"]],
    ["backup", 0o755, "#!/bin/sh", ["/bin/sh"]],
    ["backup", 0o755, `#!/opt/${"long/".repeat(200)}python\n`, [`/opt/${"long/".repeat(200)}python`]],
  ];
for (const [name, mode, text, command] of kinds) {
  const line = typeof text === "string" ? JSON.stringify(text.split("\n", 1)[0]?.slice(0, 40)) : "a program's bytes";
  Deno.test(`resolveScript() says how ${name} of mode ${mode.toString(8)} is started that begins with ${line}`, async () => {
    await using directory = await scriptDirectory();
    await directory.write(name, { mode, text });
    const script = await resolveScript([directory.path], name);
    assert.ok(script.ok);
    assert.deepEqual([script.command, ...script.args], [...command, `${directory.path}/${name}`]);
  });
}

for (const name of ["backup.ts", "backup.js", "backup.mjs"]) {
  Deno.test(`resolveScript() starts ${name} in Deno without a permission, a configuration or a question`, async () => {
    await using directory = await scriptDirectory();
    await directory.write(name);
    const script = await resolveScript([directory.path], name);
    assert.ok(script.ok);
    assert.equal(script.command, Deno.execPath());
    assert.deepEqual([script.args[0], script.args.at(-1)], ["run", `${directory.path}/${name}`]);
    assert.deepEqual(script.args.filter((arg) => /^-A$|^--allow|^-[NREWS]/.test(arg)), []);
    for (const flag of ["--no-prompt", "--no-config", "--no-lock"]) assert.ok(script.args.includes(flag), flag);
  });
}

const unstartable: readonly (readonly [name: string, text: string | Uint8Array<ArrayBuffer>, because: RegExp])[] = [
  ["backup.sh", "\ufeff#!/bin/sh\n", /a byte order mark comes before its first line #!/],
  ["backup", "\ufeff#!/bin/sh\n", /a byte order mark comes before its first line #!/],
  ["backup", utf16("#!/bin/sh\n"), /it is UTF-16 text/],
  ["backup.sh", "#!/bin/bash\r\necho\r\n", /its first line, "#!\/bin\/bash", ends in CRLF as on Windows/],
  ["backup.py", "#!/usr/bin/env python3\r\n", /ends in CRLF as on Windows/],
  ["backup.sh", "#!/bin/sh\r", /ends in CRLF as on Windows/],
  ["backup", "#!\n", /names no interpreter/],
  ["backup", "#!bash\n", /"bash", which is not an absolute path: write #!\/usr\/bin\/env bash$/],
  ["backup", "#!/bin/s\0h\n", /has a NUL in it/],
  ["backup", new Uint8Array([0x23, 0x21, 0x2f, 0xff, 0x0a]), /is not UTF-8/],
  ["backup", `#!/${"x".repeat(5000)}\n`, /longer than 4,096 bytes/],
  ["backup", "", /it is empty$/],
  ["backup.txt", "echo hello\n", /it is executable text without a first line #!/],
  ["backup", new Uint8Array(100).map((_, n) => n * 37 + 200), /neither a program of this system nor a script/],
];
for (const [name, text, because] of unstartable) {
  Deno.test(`resolveScript() refuses an executable ${name}: ${because.source}`, async () => {
    await using directory = await scriptDirectory();
    await directory.write(name, { mode: 0o755, text });
    assert.match(await reason([directory.path], name), because);
  });
}

function utf16(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0xff, 0xfe, ...[...text].flatMap((letter) => [letter.charCodeAt(0), 0])]);
}

Deno.test("resolveScript() refuses a script that no user may read, also for root", async () => {
  await using directory = await scriptDirectory();
  for (const name of ["backup.sh", "backup"]) {
    await directory.write(name, { mode: 0o000, text: "#!/bin/sh\n" });
    assert.match(await reason([directory.path], name), /this user may not read it: its mode is 0000$/);
  }
});

Deno.test("resolveScript() takes the first directory that has the script", async () => {
  await using first = await scriptDirectory();
  await using second = await scriptDirectory();
  await first.write("one.sh");
  await second.write("one.sh");
  await second.write("nightly/two.sh");
  const found = async (path: string) => {
    const script = await resolveScript([first.path, second.path], path);
    return script.ok && [script.file, script.directory];
  };
  assert.deepEqual(await found("one.sh"), [`${first.path}/one.sh`, first.path]);
  assert.deepEqual(await found("nightly/two.sh"), [`${second.path}/nightly/two.sh`, second.path]);
});

Deno.test("resolveScript() follows links that stay inside the script directories", async () => {
  await using first = await scriptDirectory();
  await using second = await scriptDirectory();
  await first.write("v2/backup.sh");
  await first.link("v2", "current");
  await second.write("shared.sh");
  await first.link(`${second.path}/shared.sh`, "linked.sh");
  const file = async (path: string) => {
    const script = await resolveScript([first.path, second.path], path);
    return script.ok && script.file;
  };
  assert.equal(await file("current/backup.sh"), `${first.path}/v2/backup.sh`);
  assert.equal(await file("linked.sh"), `${second.path}/shared.sh`);
});

Deno.test("resolveScript() works with a script directory that is a link itself", async () => {
  await using real = await scriptDirectory();
  await using other = await scriptDirectory();
  await real.write("backup.sh");
  await other.link(real.path, "scripts");
  const script = await resolveScript([`${other.path}/scripts`], "backup.sh");
  assert.ok(script.ok);
  assert.equal(script.file, `${real.path}/backup.sh`);
});

const outside: readonly (readonly [
  name: string,
  lay: (inside: ScriptDirectory, outside: ScriptDirectory) => Promise<void>,
  path: string,
])[] = [
  ["a link to a file outside", (inside, { path }) => inside.link(`${path}/secret.sh`, "link.sh"), "link.sh"],
  ["a linked folder outside", (inside, { path }) => inside.link(path, "folder"), "folder/secret.sh"],
  [
    "a relative link that climbs out",
    (inside, { path }) => inside.link(`..${path.slice(path.lastIndexOf("/"))}/secret.sh`, "up.sh"),
    "up.sh",
  ],
  ["a chain of links", async (inside, { path }) => {
    await inside.link(`${path}/secret.sh`, "one.sh");
    await inside.link("one.sh", "two.sh");
  }, "two.sh"],
];
for (const [name, lay, path] of outside) {
  Deno.test(`resolveScript() refuses ${name}`, async () => {
    await using inside = await scriptDirectory();
    await using beyond = await scriptDirectory();
    await beyond.write("secret.sh", { mode: 0o755 });
    await lay(inside, beyond);
    assert.match(
      await reason([inside.path], path),
      /^Cannot run script ".*": it is a link to a file outside the script/,
    );
  });
}

Deno.test("resolveScript() refuses a sibling directory with the same prefix in its name", async () => {
  await using inside = await scriptDirectory();
  const neighbour = `${inside.path}-old`;
  await Deno.mkdir(neighbour);
  try {
    await Deno.writeTextFile(`${neighbour}/secret.sh`, "");
    await inside.link(`${neighbour}/secret.sh`, "link.sh");
    assert.match(await reason([inside.path], "link.sh"), /outside the script directories/);
  } finally {
    await Deno.remove(neighbour, { recursive: true });
  }
});

Deno.test("resolveScript() refuses a path that climbs out, although the file is there", async () => {
  await using directory = await scriptDirectory();
  await directory.write("secret.sh");
  await directory.write("scripts/one.sh");
  assert.match(await reason([`${directory.path}/scripts`], "../secret.sh"), /a script path must not contain "\.\."/);
});

Deno.test("resolveScript() refuses all but regular files", async () => {
  await using directory = await scriptDirectory();
  await directory.write("folder.sh/inside.sh");
  await new Deno.Command("mkfifo", { args: [`${directory.path}/pipe.sh`] }).output();
  await directory.link("nowhere.sh", "dangling.sh");
  await directory.link("loop.sh", "loop.sh");
  await directory.write("plain.txt");
  const reasons: readonly (readonly [path: string, because: RegExp])[] = [
    ["folder.sh", /it is a directory: name a file in it$/],
    ["pipe.sh", /it is not a regular file$/],
    ["dangling.sh", /it is a link that leads nowhere/],
    ["loop.sh", /it is a link that leads nowhere/],
    ["plain.txt", /it is neither executable \(chmod \+x\) nor named \.sh, \.py, \.ts, \.js or \.mjs$/],
    ["plain.txt/inside.sh", /there is no such file/],
    [`${"x".repeat(300)}.sh`, /there is no such file/],
  ];
  for (const [path, because] of reasons) assert.match(await reason([directory.path], path), because);
});

const missing: readonly (readonly [typed: string, meant: string | null])[] = [
  ["backpu.sh", "backup.sh"],
  ["BACKUP.sh", "backup.sh"],
  ["report.py", "nightly/report.py"],
  ["nightly/reports.py", "nightly/report.py"],
  ["something-else-entirely.sh", null],
];
for (const [typed, meant] of missing) {
  Deno.test(`resolveScript() ${meant === null ? "suggests nothing" : `suggests ${meant}`} for ${typed}`, async () => {
    await using directory = await scriptDirectory();
    await directory.write("backup.sh");
    await directory.write("nightly/report.py");
    const suggestion = meant === null ? "" : `; did you mean "${meant}"?`;
    assert.equal(
      await reason([directory.path], typed),
      `Cannot run script "${typed}": there is no such file in "${directory.path}"${suggestion}`,
    );
  });
}

Deno.test("resolveScript() says when there is no script directory at all", async () => {
  assert.match(
    await reason(["/no/such/place"], "a.sh"),
    /there is no script directory: looked for "\/no\/such\/place"$/,
  );
  assert.match(await reason([], "a.sh"), /there is no script directory: looked for none$/);
});
