/**
 * Writes the examples of docstrings as one module of tests. `deno test --doc` makes an isolate for each, which takes half a second of
 * processor time. `deno check --doc` checks their types where they stand.
 *
 * @module
 */
import { join } from "node:path";

/** Writes a module with a test for each example below `source` to `path`. */
export async function writeExamples(source: string, path: string): Promise<void> {
  const files = (await modulesBelow(source)).toSorted();
  const tests = await Promise.all(files.map(async (file) => examplesIn(await Deno.readTextFile(file), file)));
  await Deno.writeTextFile(path, tests.flat().join("\n"));
}

/** A test for each block of TypeScript in the docstrings of `text`, which stands in `file`. */
function examplesIn(text: string, file: string): readonly string[] {
  return Array.from(text.matchAll(/^ *\* ```ts\n(?<lines>.*?)^ *\* ```$/gms), ({ index, groups }) => {
    const lines = (groups?.["lines"] ?? "").split("\n").map((line) => line.replace(/^ *\* ?/, ""));
    const name = `the example in ${file}, line ${text.slice(0, index).split("\n").length}`;
    const body = lines.map((line) =>
      line.replace(
        /^import (\{.*\}|\w+) from (".*");$/,
        (_, names: string, from: string) =>
          names.startsWith("{")
            ? `const ${names.replaceAll(" as ", ": ")} = await import(${from});`
            : `const { default: ${names} } = await import(${from});`,
      )
    );
    return [`Deno.test(${JSON.stringify(name)}, async () => {`, ...body, "});"].join("\n");
  });
}

async function modulesBelow(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) found.push(...await modulesBelow(path));
    else if (name.endsWith(".ts")) found.push(path);
  }
  return found;
}
