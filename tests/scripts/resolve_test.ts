import assert from "node:assert/strict";
import { resolveScript } from "@jobtrigger/shared/scripts";
import { type ScriptDirectory, scriptDirectory } from "./_directory.ts";

async function reason(directories: readonly string[], path: string): Promise<string> {
  const script = await resolveScript(directories, path);
  return script.ok ? `it may be run: ${script.file}` : script.message;
}

const kinds: readonly (readonly [name: string, mode: number, command: (file: string) => readonly string[]])[] = [
  ["backup.py", 0o644, (file) => ["python3", "-u", file]],
  ["backup.sh", 0o644, (file) => ["bash", file]],
  ["BACKUP.SH", 0o644, (file) => ["bash", file]],
  ["backup", 0o755, (file) => [file]],
  ["backup.pl", 0o755, (file) => [file]],
];
for (const [name, mode, command] of kinds) {
  Deno.test(`resolveScript() says how ${name} is started`, async () => {
    await using directory = await scriptDirectory();
    await directory.write(name, { mode });
    const script = await resolveScript([directory.path], name);
    assert.ok(script.ok);
    assert.deepEqual([script.command, ...script.args], command(`${directory.path}/${name}`));
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

Deno.test("resolveScript() refuses a neighbour whose name begins like the directory's", async () => {
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

Deno.test("resolveScript() refuses what is no regular file", async () => {
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
