/**
 * Puts test files together in groups, each of which one isolate of Deno runs. `deno test` makes an isolate for every file that it
 * is given, which takes 0.45 s of processor time, and then loads all that the file imports once more: that was a fourth of a run.
 *
 * @module
 */
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";

/** How many files share an isolate: few enough that groups end at about the same time. */
const SIZE = 20;

/** All test files below a directory, in the order of their paths. */
export async function testFiles(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) found.push(...await testFiles(path));
    else if (/_test\.tsx?$/.test(name)) found.push(path);
  }
  return found.toSorted();
}

/** Groups of `files` that follow each other. Those that `alone` names get a group each and come first, in its order. */
export function groupsOf(files: readonly string[], alone: readonly string[]): readonly (readonly string[])[] {
  for (const file of alone) if (!files.includes(file)) throw new RangeError(`${file} is no test file`);
  const others = files.filter((file) => !alone.includes(file));
  const groups = Array.from(
    { length: Math.ceil(others.length / SIZE) },
    (_, at) => others.slice(at * SIZE, (at + 1) * SIZE),
  );
  return [...alone.map((file) => [file]), ...groups];
}

/** Writes a module for each group into `directory`, which imports the group's files; answers their paths. */
export async function writeGroups(
  groups: readonly (readonly string[])[],
  directory: string,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [at, files] of groups.entries()) {
    const path = join(directory, `${String(at + 1).padStart(2, "0")}_test.ts`);
    const imports = files.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};`);
    await Deno.writeTextFile(
      path,
      [`// ${files.map((file) => relative(".", file)).join(", ")}`, ...imports, ""].join("\n"),
    );
    paths.push(path);
  }
  return paths;
}
