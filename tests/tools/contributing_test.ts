import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The paths of files, and of folders with `/` at the end, that a page names. */
function pathsIn(page: string): readonly string[] {
  return [...page.matchAll(/`((?:app|cli|docs|services|shared|tests|tools)\/[^`]*(?:\.[a-z]+|\/))`/g)]
    .flatMap(([, path = ""]) => path.includes("NNNN") ? [] : [path]);
}

Deno.test("the files and folders in docs/architecture.md exist", async () => {
  const paths = pathsIn(await Deno.readTextFile(`${ROOT}docs/architecture.md`));
  assert.ok(paths.length > 20);
  for (const path of paths) assert.ok(await Deno.stat(ROOT + path), path);
});

Deno.test("the files, folders and names in CONTRIBUTING.md exist", async () => {
  const page = await Deno.readTextFile(`${ROOT}CONTRIBUTING.md`);
  const paths = pathsIn(page);
  assert.ok(paths.length > 20);
  for (const path of paths) assert.equal((await Deno.stat(ROOT + path)).isDirectory, path.endsWith("/"), path);
  const names: readonly (readonly [name: string, file: string])[] = [
    ["DEFAULT_POLICIES", "shared/domain/job.ts"],
    ["JobDefinition", "shared/domain/job.ts"],
    ["definitionOf", "shared/domain/job.ts"],
    ["columnsOf", "shared/store/sqlite/jobs.ts"],
    ["columnsOf", "shared/store/postgres/jobs.ts"],
    ["FieldValues", "shared/api/job_fields.ts"],
    ["JOB_FIELDS", "shared/api/job_fields.ts"],
    ["FIELD_GROUPS", "shared/api/job_fields.ts"],
    ["CHANGES", "tools/rooms_plugin.ts"],
    ["WHOLE", "shared/operations/context.ts"],
    ["operating", "app/server/operating.ts"],
  ];
  for (const [name, file] of names) {
    assert.ok(page.includes(name), name);
    assert.match(await Deno.readTextFile(ROOT + file), new RegExp(`\\b(const|function|interface) ${name}\\b`), file);
  }
});
