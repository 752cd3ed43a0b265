import assert from "node:assert/strict";
import { pythonTest } from "../support/python.ts";
import { endOf, openStage } from "./_executor.ts";

/** A script's name, text and mode, and its end and output; DIR stands for its directory. */
const lines: readonly (readonly [name: string, text: string, mode: number, end: RegExp, output: RegExp])[] = [
  ["strict.sh", "#!/bin/bash -e\nfalse\necho no\n", 0o755, /^exit 1$/, /^$/],
  ["strict.sh", "#!/bin/bash -e\nfalse\necho by extension\n", 0o644, /^exit 0$/, /^by extension\n$/],
  ["unset.sh", '#!/bin/sh -eu\necho "$NOT_SET"\necho no\n', 0o755, /^exit (1|2|127)$/, /NOT_SET: .*\n$/],
  ["perl.sh", "#!/usr/bin/perl -l\nprint join ' ', 'perl', @ARGV;\n", 0o755, /^exit 0$/, /^perl a b\n$/],
  ["split.sh", "#!/usr/bin/env -S perl -w -l\nprint $^W;\n", 0o755, /^exit 0$/, /^1\n$/],
  ["one.sh", "#!/usr/bin/printf %s %s %s\\n \n", 0o755, /^exit 0$/, /^DIR\/one\.sh a b\n$/],
  ["plain.sh", "echo plain $1\n", 0o755, /^exit 0$/, /^plain a\n$/],
];
for (const [name, text, mode, end, output] of lines) {
  const line = JSON.stringify(text.split("\n", 1)[0]);
  Deno.test(`a script ${name} of mode ${mode.toString(8)} that begins with ${line} starts by that line`, async () => {
    await using stage = await openStage();
    await stage.write(name, { text, mode });
    const ran = await stage.run(name, { args: ["a", "b"] });
    assert.match(endOf(ran), end);
    assert.match(ran.output.replace(stage.path, "DIR"), output);
  });
}

Deno.test("a script starts by a virtual environment's interpreter, which is a script or a link itself", async () => {
  await using stage = await openStage();
  await stage.write("venv/bin/python", { text: "#!/bin/sh\necho venv $1\n", mode: 0o755 });
  await stage.write("job.py", { text: `#!${stage.path}/venv/bin/python\n`, mode: 0o755 });
  const ran = await stage.run("job.py");
  assert.deepEqual([endOf(ran), ran.output], ["exit 0", `venv ${stage.path}/job.py\n`]);
});

pythonTest("a Python script's output comes as it is printed, by its first line as by its extension", async () => {
  const path = (await new Deno.Command("sh", { args: ["-c", "dirname $(command -v python3)"] }).output()).stdout;
  await using stage = await openStage(`${new TextDecoder().decode(path).trim()}:/usr/bin:/bin`);
  const text = "#!/usr/bin/env python3\nimport sys\nprint(sys.stdout.write_through)\n";
  for (const mode of [0o755, 0o644]) {
    await stage.write("job.py", { text, mode });
    assert.equal((await stage.run("job.py")).output, "True\n");
  }
});
