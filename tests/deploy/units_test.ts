import assert from "node:assert/strict";

for (const name of ["scheduler", "web", "worker"]) {
  Deno.test(`the unit of ${name} writes files for its user alone, in a directory of its own`, async () => {
    const lines = (await Deno.readTextFile(`deploy/jtp-${name}.service`)).split("\n");
    for (const line of ["UMask=0077", "StateDirectory=job-trigger-portal", "StateDirectoryMode=0700"]) {
      assert.ok(lines.includes(line), line);
    }
  });
}
