import assert from "node:assert/strict";
import { checkEnvName } from "@jobtrigger/shared/scripts";

for (const name of ["BACKUP_TARGET", "_x", "path", "PATH", "HOME", "LANG", "TZ", "X1", "A".repeat(128)]) {
  Deno.test(`checkEnvName() accepts ${name.slice(0, 20)}`, () => assert.equal(checkEnvName(name), null));
}

const refused: readonly (readonly [name: string, because: RegExp])[] = [
  ["", /needs a name/],
  ["1X", /no digit first/],
  ["A-B", /letters, digits and _ only/],
  ["A=B", /letters, digits and _ only/],
  ["A\0", /letters, digits and _ only/],
  ["Ä", /letters, digits and _ only/],
  ["A".repeat(129), /at most 128 characters, not 129/],
  ["LD_PRELOAD", /: the dynamic linker would act on it before/],
  ["ld_library_path", /: the dynamic linker would act on it before/],
  ["DYLD_INSERT_LIBRARIES", /: the dynamic linker would act on it before/],
  ["BASH_ENV", /: the shell would act on it before/],
  ["BASH_FUNC_ls", /: the shell would act on it before/],
  ["ENV", /: the shell would act on it before/],
  ["NODE_OPTIONS", /: Node and Deno would act on it before/],
  ["DENO_DIR", /: Deno would act on it before/],
  ["PYTHONSTARTUP", /: Python would act on it before/],
  ["PYTHONPATH", /: Python would act on it before/],
  ["PERL5OPT", /: Perl would act on it before/],
  ["RUBYOPT", /: Ruby would act on it before/],
  ["JAVA_TOOL_OPTIONS", /: Java would act on it before/],
  ["JOB_ID", /the worker sets it for each run/],
  ["Correlation_Id", /the worker sets it for each run/],
];
for (const [name, because] of refused) {
  Deno.test(`checkEnvName() refuses ${JSON.stringify(name.slice(0, 30))}`, () => {
    assert.match(checkEnvName(name) ?? "accepted", because);
  });
}
