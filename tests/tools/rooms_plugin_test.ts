import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import plugin from "../../tools/rooms_plugin.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the plugin reports in a file, each with its line. */
function breaches(file: string, code: string): readonly string[] {
  return Deno.lint.runPlugin(plugin, `${ROOT}${file}`, code).map(({ range: [start], message }) =>
    `${code.slice(0, start).split("\n").length} ${message}`
  );
}

/** What a rule forbids: the file that says so, the line, and what of the message matters. */
const forbidden: readonly (readonly [what: string, file: string, code: string, message: RegExp])[] = [
  [
    "a node: module in the domain",
    "shared/domain/a.ts",
    'import { join } from "node:path";',
    /shared\/domain may not import the package node:path/,
  ],
  [
    "a package in the schedule engine",
    "shared/schedule/a.ts",
    'import { z } from "zod";',
    /shared\/schedule may not import the package zod/,
  ],
  [
    "the store in a policy",
    "shared/policy/a.ts",
    'import type { Store } from "../store/mod.ts";',
    /shared\/policy may not import shared\/store \(shared\/store\/mod\.ts\)/,
  ],
  ["a Deno API in the domain", "shared/domain/a.ts", "const a = Deno.cwd();", /Deno: .*is pure: no Deno API/],
  ["a hidden Deno API in the domain", "shared/domain/a.ts", "const a = globalThis.Deno?.pid;", /Deno: .*is pure/],
  [
    "a clock in the schedule engine",
    "shared/schedule/cron/a.ts",
    "const a = Date.now();",
    /Date\.now: .*no clock/,
  ],
  [
    "another clock in the schedule engine",
    "shared/schedule/a.ts",
    "const a = new Date();",
    /Date\(\): .*no clock/,
  ],
  [
    "a third clock in the schedule engine",
    "shared/schedule/a.ts",
    "Temporal.Now.instant();",
    /Temporal\.Now: .*no clock/,
  ],
  ["a clock in a template", "shared/policy/a.ts", "const a = `${Date.now()}`;", /Date\.now: /],
  ["randomness in a policy", "shared/policy/a.ts", "const a = Math.random();", /Math\.random: .*no randomness/],
  ["a timer in a policy", "shared/policy/a.ts", "setTimeout(() => {}, 1);", /setTimeout\(\): .*no clock/],
  [
    "the portal in shared/",
    "shared/api/a.ts",
    'import { a } from "../../app/utils.ts";',
    /shared\/api may not import app\/state \(app\/utils\.ts\)/,
  ],
  [
    "migrations in shared/",
    "shared/store/a.ts",
    'import { migrations } from "../migrations/mod.ts";',
    /shared\/store\/contract may not import shared\/migrations /,
  ],
  [
    "a file of shared/ in a service",
    "services/loop.ts",
    'import { a } from "../shared/domain/mod.ts";',
    /shared\/domain\/mod\.ts is imported by its path: .*by its name/,
  ],
  [
    "the portal in a service",
    "services/loop.ts",
    'import { a } from "../app/utils.ts";',
    /services\/loop may not import app\/state/,
  ],
  [
    "the command line in a service",
    "services/worker/a.ts",
    'import { a } from "../../cli/io.ts";',
    /services\/worker may not import cli \(cli\/io\.ts\)/,
  ],
  [
    "a service in the command line",
    "cli/a.ts",
    'import { a } from "../services/loop.ts";',
    /cli may not import services\/loop/,
  ],
  [
    "a type of the portal in the command line",
    "cli/a.ts",
    'import type { A } from "../app/utils.ts";',
    /cli may not import app\/state/,
  ],
  [
    "a service in the portal",
    "app/server/a.ts",
    'import { a } from "../../services/loop.ts";',
    /app\/server may not import services\/loop/,
  ],
  [
    "the command line in the portal",
    "app/server/a.ts",
    'import { a } from "../../cli/forms.ts";',
    /app\/server may not import cli /,
  ],
  [
    "the worker in the scheduler",
    "services/scheduler/a.ts",
    'import { a } from "../worker/worker.ts";',
    /services\/scheduler may not import services\/worker /,
  ],
  [
    "the scheduler in the worker",
    "services/worker/a.ts",
    'import { a } from "../scheduler/scheduler.ts";',
    /services\/worker may not import services\/scheduler /,
  ],
  [
    "a file of Fresh's stand-in in a page",
    "app/routes/a.tsx",
    'import { App } from "../fresh/app.ts";',
    /app\/routes may not import app\/fresh /,
  ],
  [
    "an unknown part of Fresh in a page",
    "app/routes/a.tsx",
    'import { a } from "fresh/internal";',
    /app\/routes may not import the package fresh\/internal/,
  ],
  [
    "a page in Fresh's stand-in",
    "app/fresh/a.ts",
    'import { a } from "../utils.ts";',
    /app\/fresh may not import app\/state/,
  ],
  [
    "the domain in Fresh's stand-in",
    "app/fresh/a.ts",
    'import { a } from "@jobtrigger/shared/domain";',
    /app\/fresh may not import shared\/domain/,
  ],
  [
    "the server in an island",
    "app/islands/a.tsx",
    'import { a } from "../server/feed.ts";',
    /app\/islands may not import app\/server/,
  ],
  [
    "shared/ in an island",
    "app/islands/a.tsx",
    'import { a } from "@jobtrigger/shared/time";',
    /app\/islands may not import shared\/time/,
  ],
  [
    "a package of the server in an island",
    "app/islands/a.tsx",
    'import { z } from "zod";',
    /app\/islands may not import the package zod/,
  ],
  [
    "the server's Fresh in an island",
    "app/islands/a.tsx",
    'import { page } from "fresh";',
    /app\/islands may not import the package fresh;/,
  ],
  [
    "SQLite outside the store",
    "shared/api/a.ts",
    'import { a } from "../store/sqlite/mod.ts";',
    /shared\/api may not import shared\/store\/sqlite/,
  ],
  [
    "a driver outside the store",
    "services/worker/a.ts",
    'import { DatabaseSync } from "node:sqlite";',
    /services\/worker may not import the package node:sqlite/,
  ],
  [
    "a store opened outside an entry point",
    "app/server/a.ts",
    'import { openStore as open } from "@jobtrigger/shared/store";',
    /imports openStore: only entry points/,
  ],
  [
    "a change past operations in a page",
    "app/routes/a.ts",
    "await store.jobs.remove(id, now);",
    /jobs\.remove: .*through shared\/operations alone/,
  ],
  [
    "a change past operations in the command line",
    "cli/a.ts",
    "await session.store.runs.cancel(id, now);",
    /runs\.cancel: .*through shared\/operations alone/,
  ],
  ...["users.update", "sessions.revoke", "tokens.create", "guesses.change"].map((change) =>
    [
      `${change} past operations`,
      "app/server/a.ts",
      `await portal.store.${change}(id, now);`,
      new RegExp(`${change}: .*through shared/operations alone`),
    ] as const
  ),
  [
    "a look at the hash of a password in a page",
    "app/routes/a.ts",
    "await store.users.credentials(name);",
    /users\.credentials: .*through shared\/operations alone/,
  ],
  [
    "a store opened patiently outside an entry point",
    "services/worker/a.ts",
    'import { openStorePatiently } from "@jobtrigger/shared/store";',
    /imports openStorePatiently: only entry points/,
  ],
  [
    "all of the store by one name",
    "cli/commands/a.ts",
    'import * as stores from "@jobtrigger/shared/store";',
    /imports all of the store: only entry points/,
  ],
  ["a change by a quoted name", "cli/a.ts", 'store.jobs?.["update"](id);', /jobs\.update: .*alone/],
  ["a Deno API by a quoted name", "shared/policy/a.ts", 'globalThis["Deno"].pid;', /Deno: .*no Deno API/],
  ["a clock taken apart", "shared/policy/a.ts", "const { now } = Date;", /Date\.now: .*no clock/],
  ["a clock of the global object", "shared/policy/a.ts", "globalThis.performance.now();", /performance\.now: /],
  [
    "a room above in the store",
    "shared/store/a.ts",
    'import { a } from "../operations/mod.ts";',
    /contract may not import shared\/operations/,
  ],
  ["a file of no room", "extra/a.ts", 'import "./b.ts";', /extra\/a\.ts belongs to no room/],
  [
    "test support outside tests",
    "services/loop.ts",
    'import { a } from "../tests/support/store.ts";',
    /services\/loop may not import tests /,
  ],
  [
    "a test library outside tests",
    "app/server/a.ts",
    'import { chromium } from "playwright-core";',
    /app\/server may not import the package playwright-core/,
  ],
  [
    "a private file of another folder",
    "shared/api/a.ts",
    'import { isInside } from "../scripts/_inside.ts";',
    /shared\/scripts\/_inside\.ts belongs to its folder/,
  ],
  [
    "a type of another folder's private file",
    "services/worker.ts",
    'import type { A } from "./worker/execute/_spool.ts";',
    /services\/worker\/execute\/_spool\.ts belongs to its folder/,
  ],
  ["JSR", "tests/a.ts", 'import { assert } from "jsr:@std/assert";', /jsr:@std\/assert: .*cannot be reached/],
  [
    "an address on the web",
    "bench/a.ts",
    'import { assert } from "https://deno.land/std/assert.ts";',
    /https:\/\/.*cannot be reached/,
  ],
];
for (const [what, file, code, message] of forbidden) {
  Deno.test(`the table of rooms forbids ${what}, and say where and why`, () => {
    const found = breaches(file, `/** A file. */\n\n${code}\n`);
    assert.equal(found.length, 1, found.join("\n"));
    assert.ok(found[0]?.startsWith("3 "), found[0]);
    assert.match(found[0] ?? "", message);
  });
}

const forms: readonly (readonly [what: string, code: string])[] = [
  ["an import of several lines", 'import {\n  a,\n  type B,\n} from "zod";'],
  ["an import of all", 'import * as a from "zod";'],
  ["an import of the default", "import a from 'zod';"],
  ["an import for its effect", 'import "zod";'],
  ["an import of a type", 'import type { A } from "zod";'],
  ["an export of some", 'export { a } from "zod";'],
  ["an export of all", 'export * from "zod";'],
  ["an import while running", 'const a = await import("zod");'],
  ["an import while running, from a template", "const a = await import(`zod`);"],
  ["an export of types", 'export type { A } from "zod";'],
  ["a type by its import", 'type A = import("zod").ZodType;'],
  ["an import after a string that looks like a comment", 'const a = "src/**";\nimport "zod"; // */'],
];
for (const [what, code] of forms) {
  Deno.test(`the table of rooms sees ${what}`, () => {
    assert.equal(breaches("shared/domain/a.ts", code).length, 1);
  });
}

const allowed: readonly (readonly [what: string, file: string, code: string])[] = [
  ["the domain in the schedule engine", "shared/schedule/a.ts", 'import type { EpochMs } from "../domain/mod.ts";'],
  ["a date made of a given instant", "shared/schedule/a.ts", "const a = new Date(at);"],
  [
    "a clock that is only spoken of",
    "shared/domain/a.ts",
    '// Date.now() is not used\n/* nor Deno.cwd() */ const a = "Math.random()";',
  ],
  [
    "an import that is only spoken of",
    "shared/domain/a.ts",
    '/** import { z } from "zod"; */\nconst a = "import \'zod\'";',
  ],
  ["shared/ by its name in a service", "services/loop.ts", 'import { Invalid } from "@jobtrigger/shared/domain";'],
  [
    "Fresh by its names in the portal",
    "app/dev.ts",
    'import { Builder } from "fresh/dev";\nimport { App } from "fresh";',
  ],
  [
    "island components, formatting and types in an island",
    "app/islands/a.tsx",
    [
      'import type { Page } from "@jobtrigger/shared/store";',
      'import { useSignal } from "@preact/signals";',
      'import { IS_BROWSER } from "fresh/runtime";',
      'import { Icon } from "../island_components/Icon.tsx";',
      'import { ansi } from "../format/ansi.ts";',
    ].join("\n"),
  ],
  ["a store opened by an entry point", "cli/session.ts", 'import { openStore } from "@jobtrigger/shared/store";'],
  ["a store handed to a page", "app/server/a.ts", 'import type { Store } from "@jobtrigger/shared/store";'],
  ["SQLite in the store", "shared/store/sqlite/a.ts", 'import { DatabaseSync } from "node:sqlite";'],
  ["a private file in its folder", "shared/scripts/a.ts", 'import { isInside } from "./_inside.ts";'],
  [
    "test support and private files in a test",
    "tests/a_test.ts",
    'import "./support/store.ts";\nimport "../cli/_a.ts";',
  ],
];
for (const [what, file, code] of allowed) {
  Deno.test(`the table of rooms allows ${what}`, () => {
    assert.deepEqual(breaches(file, code), []);
  });
}

Deno.test("the table of rooms names each breach of a file at its own line", () => {
  const code = 'import "zod";\nimport "luxon";\n\nconst a = Date.now();\n';
  assert.deepEqual(
    breaches("shared/policy/a.ts", code).map((breach) => breach.split(/[;:]/)[0]).toSorted(),
    [
      "1 shared/policy may not import the package zod",
      "2 shared/policy may not import the package luxon",
      "4 Date.now",
    ],
  );
});
