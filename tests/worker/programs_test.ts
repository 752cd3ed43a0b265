import assert from "node:assert/strict";
import { Programs } from "../../services/worker/programs.ts";
import { scriptDirectory } from "../scripts/_directory.ts";
import { endOf, openStage } from "./_executor.ts";

Deno.test("Programs looks in absolute directories of the PATH that only their owner may write to, and names the others", async () => {
  await using machine = await scriptDirectory();
  for (const place of ["good", "open", "sticky", "below/bin"]) await machine.write(`${place}/tool`, { mode: 0o755 });
  const at = (place: string) => `${machine.path}/${place}`;
  await machine.link("good", "linked");
  await machine.link("open", "linked-open");
  await Deno.chmod(at("open"), 0o777);
  await Deno.chmod(at("sticky"), 0o1777);
  await Deno.chmod(at("below"), 0o777);
  const bad = ["open", "sticky", "below/bin", "linked-open"].map(at);
  const programs = await Programs.of(["", ".", "bin", ...bad, at("later"), at("linked"), at("good")].join(":"));
  assert.equal(programs.path, [at("later"), at("linked"), at("good")].join(":"));
  assert.equal(await programs.find("tool"), at("linked/tool"));
  assert.deepEqual(programs.ignored.map((reason) => reason.replaceAll(machine.path, "DIR")), [
    '"" is not an absolute path',
    '"." is not an absolute path',
    '"bin" is not an absolute path',
    '"DIR/open" cannot be trusted: anybody may write to DIR/open, whose mode is 0777: chmod o-w DIR/open',
    '"DIR/sticky" cannot be trusted: anybody may write to DIR/sticky, whose mode is 1777: chmod o-w DIR/sticky',
    '"DIR/below/bin" cannot be trusted: anybody may write to DIR/below, whose mode is 0777: chmod o-w DIR/below',
    '"DIR/linked-open" cannot be trusted: anybody may write to DIR/linked-open, whose mode is 0777: ' +
    "chmod o-w DIR/linked-open",
  ]);
});

Deno.test("Programs finds no directory and nothing that is not executable", async () => {
  await using machine = await scriptDirectory();
  await machine.write("a/tool/inside");
  await machine.write("b/tool", { mode: 0o644 });
  await machine.write("c/tool", { mode: 0o755 });
  const programs = await Programs.of(["a", "b", "c"].map((place) => `${machine.path}/${place}`).join(":"));
  assert.equal(await programs.find("tool"), `${machine.path}/c/tool`);
  assert.equal(await programs.find("none"), null);
});

for (const path of [undefined, "", ":."]) {
  Deno.test(`Programs has a PATH where the worker's is ${JSON.stringify(path)}`, async () => {
    assert.match((await Programs.of(path)).path, /^\/usr\/local\/bin:\/usr\/bin:\/bin$/);
  });
}

Deno.test("a stored job that declares PATH or HOME does not run, and its error names the variable", async () => {
  await using evil = await scriptDirectory();
  await evil.write("bash", { text: "#!/bin/sh\necho evil\n", mode: 0o755 });
  await using stage = await openStage();
  await stage.write("job.sh", { text: "echo good\n" });
  const ran = await stage.run("job.sh", { env: { PATH: evil.path, HOME: "/tmp", FINE: "1" } });
  assert.equal(
    endOf(ran),
    `Cannot run script "job.sh": its job's environment is refused. PATH cannot be declared: the worker sets it for each ` +
      "run. HOME cannot be declared: the worker sets it for each run",
  );
  assert.equal(ran.output, "");
});

Deno.test("a script's PATH is the worker's, without directories that others may write to", async () => {
  await using evil = await scriptDirectory();
  await evil.write("bash", { text: "#!/bin/sh\necho evil\n", mode: 0o755 });
  await Deno.chmod(evil.path, 0o777);
  await using stage = await openStage(`.:${evil.path}:/usr/bin:/bin`);
  await stage.write("bash", { text: "#!/bin/sh\necho evil\n", mode: 0o755 });
  await stage.write("job.sh", { text: "echo $PATH\n" });
  await stage.write("by-line.sh", { text: "#!/usr/bin/env bash\necho $PATH\n", mode: 0o755 });
  for (const name of ["job.sh", "by-line.sh"]) assert.equal((await stage.run(name)).output, "/usr/bin:/bin\n");
});

Deno.test("a script that another group may write to is run, with one warning", async () => {
  await using stage = await openStage();
  await stage.write("job.sh", { text: "echo good\n" });
  await Deno.chmod(`${stage.path}/job.sh`, 0o664);
  const { gid } = await Deno.stat(`${stage.path}/job.sh`);
  const isAnothers = Deno.uid() === 0;
  if (isAnothers) await Deno.chown(`${stage.path}/job.sh`, null, 12_345);
  const { output, warnings } = await stage.run("job.sh");
  assert.equal(output, "good\n");
  const expected = `Script job.sh: group 12345 may write to ${stage.path}/job.sh, whose mode is 0664`;
  assert.deepEqual(warnings, isAnothers ? [expected] : [], `group ${gid}`);
});
