/**
 * Checks who imports what: the dependency direction of `docs/architecture.md`, file by file. Prints each breach and exits 1.
 *
 * @module
 */
import { dirname, join, normalize } from "node:path/posix";

/** One rule: files under `of` may not do what `forbids` finds. */
interface Rule {
  readonly of: RegExp;
  readonly except?: RegExp;
  readonly because: string;
  /** Of a file's import, resolved to a path of the project or a bare specifier. */
  readonly imports?: (target: string, file: string) => boolean;
  /** Of a file's text, comments left out. */
  readonly text?: RegExp;
}

const PURE = /^shared\/(domain|schedule|policy)\//;
const TEST_LIBRARIES = /^(fast-check|playwright-core|@sparticuz\/chromium|axe-core|npm:(croner|cron-parser))/;

const rules: readonly Rule[] = [
  {
    of: PURE,
    because: "the domain, the schedule engine and the policies are pure: they import one another and nothing else",
    imports: (target) => !PURE.test(target),
  },
  {
    of: PURE,
    because: "the domain, the schedule engine and the policies are pure: no Deno API, clock or randomness",
    text: /\bDeno\.|\bDate\.now\(|\bnew Date\(\)|Math\.random\(|\bTemporal\.Now\b|\bfetch\(|\bcrypto\.|setTimeout\(/,
  },
  {
    of: /^shared\//,
    because: "shared/ stands alone",
    imports: (target) => /^(app|cli|services|migrations|tests|tools)(\/|$)/.test(target),
  },
  {
    of: /^services\//,
    because: "services use shared/ and each other's parts never",
    imports: (target) => /^(app|cli|tests)\//.test(target) || /^shared\//.test(target),
  },
  {
    of: /^services\/scheduler\//,
    because: "the scheduler and the worker know nothing of each other",
    imports: (target) => target.startsWith("services/worker"),
  },
  {
    of: /^services\/worker\//,
    because: "the scheduler and the worker know nothing of each other",
    imports: (target) => target.startsWith("services/scheduler"),
  },
  {
    of: /^cli\//,
    because: "the command line uses shared/ alone",
    imports: (target) => /^(app|services|tests)\//.test(target) || /^shared\//.test(target),
  },
  {
    of: /^app\//,
    because: "the portal uses shared/ alone",
    imports: (target) => /^(cli|services|tests)\//.test(target) || /^shared\//.test(target),
  },
  {
    of: /^app\//,
    except: /^app\/fresh\//,
    because:
      "the portal imports fresh, fresh/runtime and fresh/dev by name, so that upstream Fresh can take their place",
    imports: (target) => target.startsWith("app/fresh/"),
  },
  {
    of: /^app\/fresh\//,
    because: "the stand-in for Fresh knows nothing of the portal",
    imports: (target) =>
      target.startsWith("app/") && !target.startsWith("app/fresh/") || target.startsWith("@jobtrigger/"),
  },
  {
    of: /^app\/islands\//,
    because: "islands import components, formatting and types only",
    imports: (target) =>
      !/^app\/(islands|components|format|client)\//.test(target) &&
      !/^(preact|@preact\/signals|fresh\/runtime)/.test(target),
  },
  {
    of: /^(app|cli|services|shared)\//,
    except: /^(services\/(service|migrate)\.ts|cli\/session\.ts|app\/(main|serve)\.ts|shared\/store\/)/,
    because: "only entry points open a store",
    text: /\bopenStore\(/,
  },
  {
    of: /^(?!tests\/|bench\/)/,
    because: "only tests and benchmarks import test libraries",
    imports: (target) => TEST_LIBRARIES.test(target) || target.startsWith("tests/"),
  },
  {
    of: /^(?!tests\/)/,
    because: "a file that begins with _ belongs to its folder",
    imports: (target, file) =>
      /(^|\/)_[^/]*$/.test(target) && dirname(target) !== dirname(file) && !target.includes("_fresh"),
  },
];

/** What follows `from`, `import` or `import(` in quotes; type imports leave no trace at run time and are free. */
const IMPORTS =
  /^\s*(?:import|export)\s(?!type\b)[^;"']*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

/** The breaches in one file. */
export function breaches(file: string, source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const targets = [...code.matchAll(IMPORTS)].map((match) => match[1] ?? match[2] ?? match[3] ?? "")
    .map((specifier) => specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : specifier);
  return rules.filter((rule) => rule.of.test(file) && !rule.except?.test(file)).flatMap((rule) => {
    const found = targets.filter((target) => rule.imports?.(target, file)).map((target) => `imports ${target}`);
    const written = rule.text?.exec(code)?.[0];
    return [...found, ...(written === undefined ? [] : [`uses ${written}`])]
      .map((what) => `${file} ${what}: ${rule.because}`);
  });
}

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (isDirectory && !/^(\.|_fresh|dist|node_modules)/.test(name)) yield* sources(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}

if (import.meta.main) {
  const found: string[] = [];
  for await (const file of sources(".")) found.push(...breaches(file, await Deno.readTextFile(file)));
  for (const breach of found.toSorted()) console.error(breach);
  if (found.length > 0) Deno.exit(1);
}
