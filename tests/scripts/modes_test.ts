import assert from "node:assert/strict";
import { resolveScript } from "@jobtrigger/shared/scripts";
import { type ScriptDirectory, scriptDirectory } from "./_directory.ts";

async function reason(directory: string, path = "nightly/backup.sh", ownGroup: number | null = null): Promise<string> {
  const script = await resolveScript([directory], path, { ownGroup });
  return script.ok ? ["it may be run", ...script.warnings].join("; ") : script.message;
}

/** A script directory two levels below a temporary one, with `nightly/backup.sh` in it. */
async function laid(): Promise<ScriptDirectory & { readonly scripts: string }> {
  const directory = await scriptDirectory();
  await directory.write("above/scripts/nightly/backup.sh");
  return { ...directory, scripts: `${directory.path}/above/scripts` };
}

const modes: readonly (readonly [what: string, mode: number, isRefused: boolean])[] = [
  ["above/scripts/nightly/backup.sh", 0o646, true],
  ["above/scripts/nightly/backup.sh", 0o777, true],
  ["above/scripts/nightly/backup.sh", 0o664, false],
  ["above/scripts/nightly", 0o757, true],
  ["above/scripts/nightly", 0o1777, true],
  ["above/scripts", 0o777, true],
  ["above/scripts", 0o1777, true],
  ["above/scripts", 0o775, false],
  ["above", 0o777, true],
  ["above", 0o1777, false],
  ["above", 0o775, false],
];
for (const [what, mode, isRefused] of modes) {
  Deno.test(`resolveScript() ${isRefused ? "refuses" : "takes"} a script where ${what} has mode ${mode.toString(8)}`, async () => {
    await using directory = await laid();
    await Deno.chmod(`${directory.path}/${what}`, mode);
    const octal = mode.toString(8).padStart(4, "0");
    const path = `${directory.path}/${what}`;
    assert.equal(
      await reason(directory.scripts),
      isRefused
        ? `Cannot run script "nightly/backup.sh": anybody may write to ${path}, whose mode is ${octal}: chmod o-w ${path}`
        : "it may be run",
    );
  });
}

Deno.test("resolveScript() warns of another group that may write to a script or to a directory on its way", async () => {
  await using directory = await laid();
  const { gid } = await Deno.stat(directory.scripts);
  assert.ok(gid !== null);
  // Root may give files to any group; others see the group of their own files as another's here.
  const group = Deno.uid() === 0 ? 12_345 : gid;
  const own = group + 1;
  for (const what of ["above/scripts/nightly/backup.sh", "above/scripts"]) {
    const path = `${directory.path}/${what}`;
    if (Deno.uid() === 0) await Deno.chown(path, null, group);
    await Deno.chmod(path, 0o775);
    const warning = `it may be run; group ${group} may write to ${path}, whose mode is 0775`;
    assert.equal(await reason(directory.scripts, "nightly/backup.sh", own), warning);
    assert.equal(await reason(directory.scripts, "nightly/backup.sh", group), "it may be run");
    await Deno.chmod(path, 0o755);
  }
});

Deno.test("resolveScript() checks the directories of a link, and of its target", async () => {
  await using directory = await laid();
  await directory.write("above/scripts/v2/backup.sh");
  await directory.link("v2", "above/scripts/current");
  assert.equal(await reason(directory.scripts, "current/backup.sh"), "it may be run");
  await Deno.chmod(`${directory.scripts}/v2`, 0o777);
  assert.match(await reason(directory.scripts, "current/backup.sh"), /anybody may write to .*\/v2, whose mode is 0777/);
});

Deno.test("resolveScript() checks the directories above a script directory that is a link", async () => {
  await using directory = await laid();
  await directory.write("open/place");
  await directory.link(directory.scripts, "open/scripts");
  assert.equal(await reason(`${directory.path}/open/scripts`), "it may be run");
  await Deno.chmod(`${directory.path}/open`, 0o777);
  assert.match(await reason(`${directory.path}/open/scripts`), /anybody may write to .*\/open, whose mode is 0777/);
});

Deno.test("resolveScript() judges a hard link by the file itself, whatever other names it has", async () => {
  await using directory = await laid();
  await using beyond = await scriptDirectory();
  await beyond.write("tool.sh");
  await Deno.link(`${beyond.path}/tool.sh`, `${directory.scripts}/tool.sh`);
  assert.equal(await reason(directory.scripts, "tool.sh"), "it may be run");
  await Deno.chmod(`${beyond.path}/tool.sh`, 0o666);
  assert.match(
    await reason(directory.scripts, "tool.sh"),
    /anybody may write to .*\/scripts\/tool\.sh, whose mode is 0666/,
  );
});

Deno.test("resolveScript() never answers a file outside while a script is renamed to and fro under it", async () => {
  await using directory = await laid();
  await using beyond = await scriptDirectory();
  await beyond.write("secret.sh");
  const script = `${directory.scripts}/nightly/backup.sh`;
  await directory.link(`${beyond.path}/secret.sh`, "above/scripts/nightly/link.sh");
  await Deno.rename(script, `${script}.kept`);
  let isOver = false;
  const swapping = (async () => {
    while (!isOver) {
      for (
        const [from, to] of [[`${script}.kept`, script], [`${directory.scripts}/nightly/link.sh`, script]] as const
      ) {
        await Deno.rename(from, to);
        await Deno.rename(to, from);
      }
    }
  })();
  const files = new Set<string>();
  for (let n = 0; n < 300; n++) {
    const found = await resolveScript([directory.scripts], "nightly/backup.sh");
    if (found.ok) files.add(found.file);
  }
  isOver = true;
  await swapping;
  assert.deepEqual([...files].filter((file) => file !== script), []);
});
