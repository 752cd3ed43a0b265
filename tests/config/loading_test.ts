import assert from "node:assert/strict";

/** What `deno info --json` says of a module, as far as it matters here. */
interface Info {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly isDynamic?: boolean;
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

/** The modules and packages that are loaded before the first line of `entry` runs. */
async function loadedAtStart(entry: string): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry] }).output();
  const info: Info = JSON.parse(new TextDecoder().decode(stdout));
  const modules = new Map(info.modules.map((module) => [module.specifier, module]));
  const reached = new Set(info.roots);
  for (const specifier of reached) {
    for (const { isDynamic, code } of modules.get(specifier)?.dependencies ?? []) {
      if (isDynamic !== true && code?.specifier !== undefined) reached.add(code.specifier);
    }
  }
  return [...reached];
}

/** What loads only when it is needed; first the driver of PostgreSQL with its store, and the lists that people see with Kysely. */
const cases: readonly (readonly [entry: string, others: RegExp])[] = [
  ...[
    "services/scheduler.ts",
    "services/worker.ts",
    "services/migrate.ts",
    "cli/jobctl.ts",
    "shared/store/sqlite/mod.ts",
  ]
    .map((entry) => [entry, /\/node_modules\/(pg|kysely)\/|npm:\/?(pg|kysely)@/] as const),
  // The client of a portal with the schemas of its answers, and what of Node only that needs or a checksum would.
  ["cli/jobctl.ts", /\/shared\/api\/schemas\/|\/cli\/client\/(portal|connection)|node:(zlib|https?)$/],
  ["services/scheduler.ts", /\/store\/reflex\/(read|source)|node:(zlib|https?)$/],
  ["shared/store/postgres/mod.ts", /\/node_modules\/kysely\/|npm:\/?kysely@/],
];
for (const [entry, others] of cases) {
  Deno.test(`${entry} loads nothing of ${others.source} before it needs it`, async () => {
    const loaded = await loadedAtStart(entry);
    assert.ok(loaded.some((specifier) => specifier.includes("zod")), "the packages are not seen");
    assert.deepEqual(loaded.filter((specifier) => others.test(specifier)), []);
  });
}
