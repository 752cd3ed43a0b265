import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { drawRooms, ENTRY_POINTS, mayUse, roomOf, ROOMS } from "../../tools/rooms.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("in the table of rooms no arrow points upward, and so none closes a circle", () => {
  for (const [place, { name, imports }] of ROOMS.entries()) {
    const below = ROOMS.slice(0, place).map((room) => room.name);
    for (const other of imports) if (other !== "*") assert.ok(below.includes(other), `${name} ─▶ ${other}`);
  }
});

Deno.test("no file imports itself by way of others, types included", async () => {
  const all = await Deno.makeTempFile({ prefix: "jobtrigger-files-", suffix: ".ts" });
  try {
    const files = (await Promise.all(["shared/", "services/", "cli/", "app/"].map((folder) =>
      Array.fromAsync(sources(folder))
    )))
      .flat();
    await Deno.writeTextFile(
      all,
      files.map((file) => `import "${new URL(`../../${file}`, import.meta.url).href}";`).join("\n"),
    );
    const { modules } = JSON.parse(await info(all)) as Graph;
    const left = new Map(
      modules.filter(({ specifier }) => specifier.startsWith("file:")).map(({ specifier, dependencies = [] }) => [
        specifier,
        dependencies.flatMap(({ code, type }) => code?.specifier ?? type?.specifier ?? []),
      ]),
    );
    assert.ok(left.size > 500);
    // In Fresh's API a context and the parts of a route name each other.
    const context = new URL("../../app/fresh/context.ts", import.meta.url).href;
    const handlers = new URL("../../app/fresh/handlers.ts", import.meta.url).href;
    left.set(handlers, (left.get(handlers) ?? []).filter((one) => one !== context));
    // Takes away the files that import none of those left, and those that none of them imports. Circles remain.
    for (let before = Infinity; left.size < before;) {
      before = left.size;
      for (const [file, imports] of left) if (!imports.some((one) => left.has(one))) left.delete(file);
      const imported = new Set([...left.values()].flat());
      for (const file of left.keys()) if (!imported.has(file)) left.delete(file);
    }
    assert.deepEqual([...left.keys()], []);
  } finally {
    await Deno.remove(all);
  }
});

Deno.test("islands load only modules for browsers, directly and through others", async () => {
  for await (const island of sources("app/islands/")) {
    const { modules } = JSON.parse(await info(island)) as Graph;
    const byAddress = new Map(modules.map((module) => [module.specifier, module]));
    const waiting = [new URL(`../../${island}`, import.meta.url).href];
    const seen = new Set(waiting);
    for (const address of waiting) {
      const file = fileURLToPath(address).slice(ROOT.length);
      assert.ok(roomOf(file)?.isForBrowsers, `${island} leads to ${file}, which is not for browsers`);
      for (const { specifier, code } of byAddress.get(address)?.dependencies ?? []) {
        if (code === undefined || /^(preact|@preact\/signals)(\/|$)/.test(specifier)) continue;
        const loaded = code.specifier ?? "";
        assert.ok(loaded.startsWith("file:"), `${island} leads by ${file} to ${specifier}`);
        if (!seen.has(loaded)) waiting.push(loaded);
        seen.add(loaded);
      }
    }
  }
});

Deno.test("the table of rooms names only files, folders and entry points that exist", async () => {
  for (const path of [...ROOMS.flatMap(({ files }) => files), ...ENTRY_POINTS]) {
    assert.equal((await Deno.stat(ROOT + path)).isDirectory, path.endsWith("/"), path);
  }
});

Deno.test("a part of a package may be used where the package may", () => {
  const room = roomOf("app/islands/a.tsx");
  assert.ok(room !== null && mayUse(room, "npm:preact@^10.29.8/hooks") && !mayUse(room, "preactor"));
});

Deno.test("the picture of the rooms in docs/architecture.md is the table", async () => {
  assert.ok(
    (await Deno.readTextFile(`${ROOT}docs/architecture.md`)).includes(`\`\`\`text rooms\n${drawRooms()}\n\`\`\``),
    `docs/architecture.md does not show this:\n${drawRooms()}`,
  );
});

/** The file that an import leads to. */
interface Target {
  readonly specifier?: string;
}

/** The imports of a module in `deno info --json`. */
interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly specifier: string; readonly code?: Target; readonly type?: Target }[];
  }[];
}

async function info(file: string): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", file], cwd: ROOT })
    .output();
  assert.ok(success);
  return new TextDecoder().decode(stdout);
}

/** The source files in a folder and below, or the file itself. */
async function* sources(path: string): AsyncGenerator<string> {
  if (!path.endsWith("/")) return yield path;
  for await (const { name, isDirectory } of Deno.readDir(ROOT + path)) {
    if (isDirectory) yield* sources(`${path}${name}/`);
    else if (/\.tsx?$/.test(name)) yield path + name;
  }
}
