import assert from "node:assert/strict";
import { breaches } from "../../tools/import_rules.ts";

/** What a rule forbids: the file that says so, the line, and what of the message matters. */
const forbidden: readonly (readonly [what: string, file: string, code: string, message: RegExp])[] = [
  [
    "a node: module in the domain",
    "shared/domain/a.ts",
    'import { join } from "node:path";',
    /imports node:path: .*are pure/,
  ],
  ["a package in the schedule engine", "shared/schedule/a.ts", 'import { z } from "zod";', /imports zod: .*are pure/],
  [
    "the store in a policy",
    "shared/policy/a.ts",
    'import type { Store } from "../store/mod.ts";',
    /imports shared\/store\/mod\.ts: .*are pure/,
  ],
  ["a Deno API in the domain", "shared/domain/a.ts", "const a = Deno.cwd();", /says Deno: .*no Deno API/],
  ["a hidden Deno API in the domain", "shared/domain/a.ts", "const a = globalThis.Deno?.pid;", /says Deno: /],
  [
    "a clock in the schedule engine",
    "shared/schedule/cron/a.ts",
    "const a = Date.now();",
    /says Date\.now: .*no clock/,
  ],
  [
    "another clock in the schedule engine",
    "shared/schedule/a.ts",
    "const a = new Date();",
    /says Date\(\): .*no clock/,
  ],
  [
    "a third clock in the schedule engine",
    "shared/schedule/a.ts",
    "Temporal.Now.instant();",
    /says Temporal\.Now: .*no clock/,
  ],
  ["a clock in a template", "shared/policy/a.ts", "const a = `${Date.now()}`;", /says Date\.now: /],
  ["chance in a policy", "shared/policy/a.ts", "const a = Math.random();", /says Math\.random: .*no chance/],
  ["a timer in a policy", "shared/policy/a.ts", "setTimeout(() => {}, 1);", /says setTimeout\(: .*no clock/],
  [
    "the portal in shared/",
    "shared/api/a.ts",
    'import { a } from "../../app/utils.ts";',
    /imports app\/utils\.ts: shared\/ stands alone/,
  ],
  [
    "migrations in shared/",
    "shared/store/a.ts",
    'import { migrations } from "migrations";',
    /imports migrations: shared\/ stands alone/,
  ],
  [
    "a file of shared/ in a service",
    "services/a.ts",
    'import { a } from "../shared/domain/mod.ts";',
    /imports shared\/domain\/mod\.ts: .*by its name/,
  ],
  [
    "the portal in a service",
    "services/a.ts",
    'import { a } from "../app/utils.ts";',
    /imports app\/utils\.ts: the services use shared\/ alone/,
  ],
  [
    "the command line in a service",
    "services/worker/a.ts",
    'import { a } from "../../cli/io.ts";',
    /imports cli\/io\.ts: the services/,
  ],
  [
    "a service in the command line",
    "cli/a.ts",
    'import { a } from "../services/loop.ts";',
    /imports services\/loop\.ts: the command line/,
  ],
  [
    "a type of the portal in the command line",
    "cli/a.ts",
    'import type { A } from "../app/utils.ts";',
    /imports app\/utils\.ts: the command line/,
  ],
  [
    "a service in the portal",
    "app/server/a.ts",
    'import { a } from "../../services/loop.ts";',
    /imports services\/loop\.ts: the portal/,
  ],
  [
    "the command line in the portal",
    "app/server/a.ts",
    'import { a } from "../../cli/forms.ts";',
    /imports cli\/forms\.ts: the portal/,
  ],
  [
    "the worker in the scheduler",
    "services/scheduler/a.ts",
    'import { a } from "../worker/worker.ts";',
    /imports services\/worker\/worker\.ts: .*nothing of each other/,
  ],
  [
    "the scheduler in the worker",
    "services/worker/a.ts",
    'import { a } from "../scheduler/scheduler.ts";',
    /imports services\/scheduler\/.*nothing of each other/,
  ],
  [
    "a file of Fresh's stand-in in a page",
    "app/routes/a.tsx",
    'import { App } from "../fresh/app.ts";',
    /imports app\/fresh\/app\.ts: .*upstream Fresh/,
  ],
  [
    "an unknown part of Fresh in a page",
    "app/routes/a.tsx",
    'import { a } from "fresh/internal";',
    /imports fresh\/internal: .*upstream Fresh/,
  ],
  [
    "a page in Fresh's stand-in",
    "app/fresh/a.ts",
    'import { a } from "../utils.ts";',
    /imports app\/utils\.ts: the stand-in/,
  ],
  [
    "the domain in Fresh's stand-in",
    "app/fresh/a.ts",
    'import { a } from "@jobtrigger/shared/domain";',
    /imports @jobtrigger\/shared\/domain: the stand-in/,
  ],
  [
    "the server in an island",
    "app/islands/a.tsx",
    'import { a } from "../server/feed.ts";',
    /imports app\/server\/feed\.ts: islands/,
  ],
  [
    "shared/ in an island",
    "app/islands/a.tsx",
    'import { a } from "@jobtrigger/shared/time";',
    /imports @jobtrigger\/shared\/time: islands/,
  ],
  ["a package of the server in an island", "app/islands/a.tsx", 'import { z } from "zod";', /imports zod: islands/],
  ["the server's Fresh in an island", "app/islands/a.tsx", 'import { page } from "fresh";', /imports fresh: islands/],
  [
    "SQLite outside the store",
    "shared/api/a.ts",
    'import { a } from "../store/sqlite/mod.ts";',
    /imports shared\/store\/sqlite\/mod\.ts: only the store's own folder/,
  ],
  [
    "a driver outside the store",
    "services/a.ts",
    'import { DatabaseSync } from "node:sqlite";',
    /imports node:sqlite: only the store's own folder/,
  ],
  [
    "a store opened outside an entry point",
    "app/server/a.ts",
    'import { openStore as open } from "@jobtrigger/shared/store";',
    /imports @jobtrigger\/shared\/store: only entry points/,
  ],
  [
    "a change past operations in a page",
    "app/routes/a.ts",
    "await store.jobs.remove(id, now);",
    /says jobs\.remove: .*through operations alone/,
  ],
  [
    "a change past operations in the command line",
    "cli/a.ts",
    "await session.store.runs.cancel(id, now);",
    /says runs\.cancel: .*through operations alone/,
  ],
  [
    "test support outside tests",
    "services/a.ts",
    'import { a } from "../tests/support/store.ts";',
    /imports tests\/support\/store\.ts: only tests and benchmarks/,
  ],
  [
    "a test library outside tests",
    "app/server/a.ts",
    'import { chromium } from "playwright-core";',
    /imports playwright-core: only tests and benchmarks/,
  ],
  [
    "a private file of another folder",
    "shared/api/a.ts",
    'import { isInside } from "../scripts/_inside.ts";',
    /imports shared\/scripts\/_inside\.ts: .*belongs to its folder/,
  ],
  [
    "a type of another folder's private file",
    "services/a.ts",
    'import type { A } from "./worker/execute/_spool.ts";',
    /imports services\/worker\/execute\/_spool\.ts: .*belongs/,
  ],
  ["JSR", "tests/a.ts", 'import { assert } from "jsr:@std/assert";', /imports jsr:@std\/assert: .*cannot be reached/],
  [
    "an address on the web",
    "bench/a.ts",
    'import { assert } from "https://deno.land/std/assert.ts";',
    /imports https:\/\/.*cannot be reached/,
  ],
];
for (const [what, file, code, message] of forbidden) {
  Deno.test(`the import rules forbid ${what}, and say where and why`, () => {
    const found = breaches(file, `/** A file. */\n\n${code}\n`);
    assert.equal(found.length, 1, found.join("\n"));
    assert.ok(found[0]?.startsWith(`${file}:3 `), found[0]);
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
  ["an import after a string that looks like a comment", 'const a = "src/**";\nimport "zod"; // */'],
];
for (const [what, code] of forms) {
  Deno.test(`the import rules see ${what}`, () => {
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
  ["shared/ by its name in a service", "services/a.ts", 'import { Invalid } from "@jobtrigger/shared/domain";'],
  [
    "Fresh by its names in the portal",
    "app/dev.ts",
    'import { Builder } from "fresh/dev";\nimport { App } from "fresh";',
  ],
  [
    "components, formatting and types in an island",
    "app/islands/a.tsx",
    [
      'import type { Page } from "@jobtrigger/shared/store";',
      'import { useSignal } from "@preact/signals";',
      'import { IS_BROWSER } from "fresh/runtime";',
      'import { Time } from "../components/Time.tsx";',
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
  Deno.test(`the import rules allow ${what}`, () => {
    assert.deepEqual(breaches(file, code), []);
  });
}

Deno.test("the import rules name each breach of a file at its own line", () => {
  const code = 'import "zod";\nimport "luxon";\n\nconst a = Date.now();\n';
  assert.deepEqual(breaches("shared/policy/a.ts", code).map((breach) => breach.split(":").slice(0, 2).join(":")), [
    "shared/policy/a.ts:1 imports zod",
    "shared/policy/a.ts:2 imports luxon",
    "shared/policy/a.ts:4 says Date.now",
  ]);
});

Deno.test("the project keeps its import rules", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read=.", "tools/import_rules.ts"],
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
});
