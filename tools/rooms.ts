/**
 * The rooms of the project and which of them each room may import. `tools/rooms_plugin.ts` checks every file against this table,
 * and the picture in `docs/architecture.md` is drawn from it.
 *
 * @module
 */

/** Some files that belong together. */
export interface Room {
  readonly name: string;
  /** Its files, and its folders with `/` at the end. A file belongs to the room that names the longest part of its path. */
  readonly files: readonly string[];
  /** The rooms it may import. */
  readonly imports: readonly string[];
  /** The packages it may import, with all of their parts; `node:` is every module of Node except `node:sqlite`. */
  readonly packages: readonly string[];
  /** Whether it must use no clock, no randomness, no I/O and no Deno API. */
  readonly isPure?: true;
  /** Whether browsers may load it. */
  readonly isForBrowsers?: true;
  /** Whether it may import types from every room. */
  readonly mayImportTypes?: true;
}

const PURE = ["shared/domain", "shared/schedule", "shared/policy"];
const SHARED = [
  ...PURE,
  "shared/importing",
  "shared/time",
  "shared/scripts",
  "shared/config",
  "shared/log",
  "shared/systemd",
  "shared/access",
  "shared/store",
  "shared/migrations",
  "shared/api",
  "shared/operations",
];

/** The rooms of shared/ that pages are made from. */
const SHOWN = [...PURE, "shared/time", "shared/store", "shared/api", "shared/operations"];

/** All rooms, from the ground up: each imports only rooms that stand before it. */
export const ROOMS: readonly Room[] = [
  { name: "shared/domain", files: ["shared/domain/"], imports: [], packages: ["fastest-levenshtein"], isPure: true },
  { name: "shared/time", files: ["shared/time/"], imports: ["shared/domain"], packages: ["luxon"] },
  { name: "shared/schedule", files: ["shared/schedule/"], imports: ["shared/domain"], packages: [], isPure: true },
  {
    name: "shared/policy",
    files: ["shared/policy/"],
    imports: ["shared/domain", "shared/schedule"],
    packages: [],
    isPure: true,
  },
  {
    name: "shared/importing",
    files: ["shared/importing/"],
    imports: ["shared/domain", "shared/schedule"],
    packages: [],
    isPure: true,
  },
  { name: "shared/access", files: ["shared/access/"], imports: ["shared/domain"], packages: ["node:"] },
  { name: "shared/scripts", files: ["shared/scripts/"], imports: ["shared/domain"], packages: ["node:"] },
  {
    name: "shared/config",
    files: ["shared/config/"],
    imports: ["shared/domain", "shared/schedule"],
    packages: ["zod"],
  },
  {
    name: "shared/log",
    files: ["shared/log/"],
    imports: ["shared/domain", "shared/config"],
    packages: ["@logtape/logtape"],
  },
  { name: "shared/systemd", files: ["shared/systemd/"], imports: [], packages: [] },
  {
    name: "shared/store/contract",
    files: ["shared/store/"],
    imports: [...PURE, "shared/time"],
    packages: ["node:", "zod", "kysely"],
  },
  {
    name: "shared/store/sqlite",
    files: ["shared/store/sqlite/"],
    imports: [...PURE, "shared/time", "shared/store/contract"],
    packages: ["node:", "node:sqlite", "zod", "kysely"],
  },
  {
    name: "shared/store/postgres",
    files: ["shared/store/postgres/"],
    imports: [...PURE, "shared/time", "shared/store/contract"],
    packages: ["node:", "pg", "zod", "kysely"],
  },
  {
    name: "shared/store/copy",
    files: ["shared/store/copy/"],
    imports: [
      "shared/domain",
      "shared/time",
      "shared/config",
      "shared/store/contract",
      "shared/store/sqlite",
      "shared/store/postgres",
    ],
    packages: ["node:", "node:sqlite", "zod"],
  },
  {
    name: "shared/store/reflex",
    files: ["shared/store/reflex/"],
    imports: [
      "shared/domain",
      "shared/importing",
      "shared/config",
      "shared/store/contract",
      "shared/store/sqlite",
      "shared/store/postgres",
    ],
    packages: ["node:sqlite", "zod"],
  },
  {
    name: "shared/store",
    files: [
      "shared/store/mod.ts",
      "shared/store/open.ts",
      "shared/store/backup.ts",
      "shared/store/restore.ts",
      "shared/store/whole_file.ts",
      "shared/store/check.ts",
      "shared/store/permissions.ts",
      "shared/store/presence.ts",
    ],
    imports: [
      "shared/domain",
      "shared/time",
      "shared/config",
      "shared/store/contract",
      "shared/store/sqlite",
      "shared/store/postgres",
      "shared/store/copy",
      "shared/store/reflex",
    ],
    packages: ["node:"],
  },
  { name: "shared/migrations", files: ["shared/migrations/"], imports: ["shared/store/contract"], packages: [] },
  {
    name: "shared/api",
    files: ["shared/api/"],
    imports: [...PURE, "shared/time", "shared/scripts"],
    packages: ["zod", "luxon"],
  },
  {
    name: "shared/operations",
    files: ["shared/operations/"],
    imports: [...PURE, "shared/time", "shared/access", "shared/store/contract", "shared/api"],
    packages: [],
  },
  { name: "shared", files: ["shared/mod.ts"], imports: PURE, packages: [] },

  {
    name: "services/loop",
    files: ["services/loop.ts", "services/pulse.ts"],
    imports: ["shared/domain", "shared/time", "shared/log", "shared/systemd", "shared/store"],
    packages: [],
  },
  {
    name: "services/tracing",
    files: ["services/tracing.ts"],
    imports: ["shared/domain", "shared/store"],
    packages: ["@opentelemetry/api"],
  },
  {
    name: "services/scheduler",
    files: ["services/scheduler/"],
    imports: [
      ...PURE,
      "shared/time",
      "shared/config",
      "shared/log",
      "shared/store",
      "services/loop",
      "services/tracing",
    ],
    packages: [],
  },
  {
    name: "services/worker",
    files: ["services/worker/"],
    imports: [
      ...PURE,
      "shared/time",
      "shared/scripts",
      "shared/config",
      "shared/log",
      "shared/store",
      "services/loop",
      "services/tracing",
    ],
    packages: ["node:"],
  },
  {
    name: "services/notifier",
    files: ["services/notifier/"],
    imports: [
      ...PURE,
      "shared/time",
      "shared/access",
      "shared/config",
      "shared/log",
      "shared/store",
      "services/loop",
      "services/tracing",
    ],
    packages: ["node:", "nodemailer"],
  },
  {
    name: "services",
    files: [
      "services/service.ts",
      "services/health_port.ts",
      "services/migrate.ts",
      "services/scheduler.ts",
      "services/worker.ts",
      "services/notifier.ts",
    ],
    imports: [...SHARED, "services/loop", "services/scheduler", "services/worker", "services/notifier"],
    packages: ["node:"],
  },

  { name: "cli/client", files: ["cli/client/"], imports: SHARED, packages: ["node:", "zod"] },
  { name: "cli", files: ["cli/"], imports: [...SHARED, "cli/client"], packages: ["node:", "yaml"] },
  {
    name: "cli/commands",
    files: ["cli/commands/"],
    imports: [...SHARED, "cli/client", "cli"],
    packages: ["node:", "commander", "zod"],
  },
  {
    name: "cli/jobctl",
    files: ["cli/jobctl.ts", "cli/program.ts"],
    imports: [...SHARED, "cli/client", "cli", "cli/commands"],
    packages: ["node:", "commander"],
  },

  {
    name: "app/fresh",
    files: ["app/fresh/"],
    imports: [],
    packages: ["node:", "preact", "@preact/signals-core", "preact-render-to-string", "esbuild"],
    isForBrowsers: true,
  },
  {
    name: "app/format",
    files: ["app/format/"],
    imports: ["shared/domain", "shared/api"],
    packages: [],
    isForBrowsers: true,
  },
  {
    name: "app/island_components",
    files: ["app/island_components/"],
    imports: ["app/format"],
    packages: ["fresh/runtime", "preact", "@preact/signals"],
    isForBrowsers: true,
  },
  {
    name: "app/components",
    files: ["app/components/"],
    imports: [...SHOWN, "app/format", "app/island_components"],
    packages: ["fresh/runtime", "preact"],
  },
  {
    name: "app/client",
    files: ["app/client/"],
    imports: ["app/format", "app/island_components"],
    packages: ["fresh/runtime", "preact", "@preact/signals"],
    isForBrowsers: true,
  },
  {
    name: "app/islands",
    files: ["app/islands/"],
    imports: ["app/format", "app/island_components", "app/client"],
    packages: ["fresh/runtime", "preact", "@preact/signals"],
    isForBrowsers: true,
    mayImportTypes: true,
  },
  {
    name: "app/server",
    files: ["app/server/"],
    imports: [...SHARED, "app/format", "app/components"],
    packages: ["node:", "fresh", "zod", "luxon", "openid-client"],
  },
  { name: "app/state", files: ["app/utils.ts"], imports: ["app/server"], packages: ["fresh"] },
  {
    name: "app/routes",
    files: ["app/routes/"],
    imports: [
      ...SHOWN,
      "app/format",
      "app/island_components",
      "app/components",
      "app/islands",
      "app/server",
      "app/state",
    ],
    packages: ["fresh", "fresh/runtime", "preact"],
  },
  {
    name: "app",
    files: ["app/main.ts", "app/app.ts", "app/serve.ts", "app/dev.ts", "app/builder.ts", "app/docs.ts"],
    imports: [...SHARED, "app/format", "app/server", "app/state"],
    packages: ["node:", "fresh", "fresh/dev", "marked"],
  },
  { name: "app/scripts", files: ["app/scripts/"], imports: [], packages: [] },

  { name: "tools", files: ["tools/"], imports: [], packages: ["node:"] },
  {
    name: "tools/scale",
    files: ["tools/scale.ts", "tools/history.ts"],
    imports: SHARED,
    packages: ["node:", "node:sqlite", "pg"],
  },
  {
    name: "tools/reference",
    files: ["tools/reference.ts", "tools/jobctl_reference.ts", "tools/api_reference.ts", "tools/reference_text.ts"],
    imports: ["shared/api", "cli", "cli/commands", "cli/jobctl", "app/server"],
    packages: ["commander"],
  },
  { name: "tests", files: ["tests/"], imports: ["*"], packages: ["*"] },
  { name: "bench", files: ["bench/"], imports: ["*"], packages: ["*"] },
];

/** The files that open a store; all others are handed one. */
export const ENTRY_POINTS: readonly string[] = [
  "app/main.ts",
  "cli/session.ts",
  "services/migrate.ts",
  "services/service.ts",
  "tools/scale.ts",
];

/** The functions that open a store. */
export const OPENERS: ReadonlySet<string> = new Set(["openStore", "openStorePatiently"]);

/** The room of a file, by its path from the project's root; null: no room has it. */
export function roomOf(file: string): Room | null {
  let found: Room | null = null;
  let longest = 0;
  for (const room of ROOMS) {
    for (const path of room.files) {
      const has = path.endsWith("/") ? file.startsWith(path) : file === path;
      if (has && path.length > longest) [found, longest] = [room, path.length];
    }
  }
  return found;
}

/** Whether a room may import another by the table. */
export function mayImport(from: Room, to: Room): boolean {
  return from === to || from.imports.includes(to.name);
}

/** Whether a room may import a package, or a part of one. */
export function mayUse(room: Room, specifier: string): boolean {
  const name = specifier.replace(/^npm:\/?/, "").replace(/(?<=.)@[^/]*/, "");
  return room.packages.some((allowed) =>
    allowed === "*" || name === allowed || allowed !== "fresh" && name.startsWith(`${allowed}/`) ||
    allowed === "node:" && name.startsWith("node:") && name !== "node:sqlite"
  );
}

/** The table as text: a line for each room, from the ground up, with the rooms that it may import. */
export function drawRooms(): string {
  const width = Math.max(...ROOMS.map(({ name }) => name.length));
  return ROOMS.map(({ name, imports, isPure }) =>
    `${name.padEnd(width)} ─▶ ${drawImports(imports)}${isPure ? "; pure" : ""}`
  ).join("\n");
}

function drawImports(imports: readonly string[]): string {
  if (imports.length === 0) return "nothing";
  if (imports.includes("*")) return "everything";
  const isShared = (name: string): boolean => name.startsWith("shared/");
  const inShared = SHARED.every((name) => imports.includes(name))
    ? ["*"]
    : imports.filter(isShared).map((name) => name.slice("shared/".length));
  return [
    ...(inShared.length === 0 ? [] : [`shared/{${inShared.join(" ")}}`.replace(/\{([^ ]*)\}/, "$1")]),
    ...imports.filter((name) => !isShared(name)),
  ].join(" ");
}
