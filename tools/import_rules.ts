/**
 * Checks who imports what: the dependency direction of `docs/architecture.md`, file by file. Prints each breach with its place
 * and the rule's reason, and exits 1 if there is one. Imports of types count too: they are dependencies for a reader.
 *
 * @module
 */
import { dirname, join, normalize } from "node:path/posix";

/** One rule for the files whose path matches `of`. */
interface Rule {
  readonly of: RegExp;
  readonly except?: RegExp;
  readonly because: string;
  /** Whether an import is forbidden. */
  readonly imports?: (found: Import, file: string) => boolean;
  /** What the code may not say; comments and plain strings are not looked at. */
  readonly says?: RegExp;
}

/** One import or re-export. */
interface Import {
  /** A path of the project, or a bare specifier. */
  readonly target: string;
  /** What stands before `from`. */
  readonly clause: string;
  /** Where it is in the file's text. */
  readonly at: number;
}

const PURE = /^shared\/(domain|schedule|policy)\//;
const SHARED = /^(shared\/|@jobtrigger\/shared)/;

const to = (pattern: RegExp) => ({ target }: Import): boolean => pattern.test(target);
const beside = (pattern: RegExp) => ({ target }: Import): boolean => !pattern.test(target);

const rules: readonly Rule[] = [
  {
    of: PURE,
    because: "the domain, the schedule engine and the policies are pure: they import one another and nothing else",
    imports: beside(PURE),
  },
  {
    of: PURE,
    because: "the domain, the schedule engine and the policies are pure: no Deno API, no clock, no chance, no I/O",
    says:
      /\bDeno\b|\b(process|performance|crypto|console)\.|\bDate\.now\b|\bDate\(\s*\)|\bMath\.random\b|\bTemporal\.Now\b|\b(fetch|setTimeout|setInterval|queueMicrotask)\(/,
  },
  {
    of: /^shared\//,
    because: "shared/ stands alone",
    imports: to(/^((app|bench|cli|migrations|services|tests|tools)(\/|$)|fresh(\/|$)|@jobtrigger\/)/),
  },
  {
    of: /^(app|cli|services)\//,
    because: "shared/ is used by its name, @jobtrigger/shared, which has only what is public",
    imports: to(/^shared\//),
  },
  { of: /^services\//, because: "the services use shared/ alone", imports: to(/^(app|cli|fresh)(\/|$)/) },
  { of: /^cli\//, because: "the command line uses shared/ alone", imports: to(/^(app|services|fresh)(\/|$)/) },
  { of: /^app\//, because: "the portal uses shared/ alone", imports: to(/^(cli|services)(\/|$)/) },
  {
    of: /^services\/scheduler\//,
    because: "the scheduler and the worker know nothing of each other",
    imports: to(/^services\/worker/),
  },
  {
    of: /^services\/worker\//,
    because: "the scheduler and the worker know nothing of each other",
    imports: to(/^services\/scheduler/),
  },
  {
    of: /^app\//,
    except: /^app\/fresh\//,
    because: "the portal knows only fresh, fresh/runtime and fresh/dev, so that upstream Fresh can take their place",
    imports: to(/^(app\/fresh\/|@fresh\/|fresh\/(?!(runtime|dev)$))/),
  },
  {
    of: /^app\/fresh\//,
    because: "the stand-in for Fresh knows nothing of the portal",
    imports: ({ target }) => SHARED.test(target) || /^app\/(?!fresh\/)/.test(target),
  },
  {
    of: /^app\/islands\//,
    because: "islands run in browsers: they import components, formatting and types only",
    imports: (found) =>
      !/^import\s+type\b|^export\s+type\b/.test(found.clause) &&
      beside(/^(app\/(islands|components|format|client)\/|preact(\/|$)|@preact\/signals$|fresh\/runtime$)/)(found),
  },
  {
    of: /^(app|cli|services|shared)\//,
    except: /^shared\/store\//,
    because: "only the store's own folder knows which databases there are",
    imports: to(/^(shared\/store\/(sqlite|postgres)\/|@jobtrigger\/shared\/store\/.|node:sqlite$|pg$|npm:pg\b)/),
  },
  {
    of: /^(app|cli|services|shared)\//,
    except: /^(services\/(service|migrate)\.ts|cli\/session\.ts|app\/main\.ts|shared\/store\/)/,
    because: "only entry points open a store; all others are handed one",
    imports: ({ clause, target }) => SHARED.test(target) && /\bopenStore\b/.test(clause),
  },
  {
    of: /^(app|cli)\//,
    because: "the portal and the command line change jobs and runs through operations alone",
    says: /\bjobs\.(create|update|pause|resume|remove)\b|\bruns\.(runNow|backfill|cancel)\b/,
  },
  {
    of: /^(?!tests\/|bench\/)/,
    because: "only tests and benchmarks import tests and what they are made with",
    imports: to(/^(tests\/|(npm:)?(fast-check|playwright-core|@sparticuz\/chromium|axe-core|croner|cron-parser)\b)/),
  },
  {
    of: /^(?!tests\/)/,
    because: "a file that begins with _ belongs to its folder",
    imports: ({ target }, file) =>
      /(^|\/)_[^/]*$/.test(target) && dirname(target) !== dirname(file) && !target.startsWith("_fresh"),
  },
  { of: /^/, because: "JSR and web addresses cannot be reached everywhere", imports: to(/^(jsr|https?):/) },
];

/** `import … from "x"`, `export … from "x"`, `import "x"` and `import("x")`. */
const IMPORT = /\b(?:((?:import|export)\s[^;"'`()]*?)\bfrom\s*|import\s*\(?\s*)["']([^"'\n]+)["']/g;

/** Strings, so that what looks like a comment in them is none, and comments. */
const STRING_OR_COMMENT =
  /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*/g;

/**
 * The breaches in one file, each as `file:line what it does: the rule's reason`.
 *
 * @param file its path from the project's root, with `/`
 */
export function breaches(file: string, source: string): string[] {
  const applying = rules.filter((rule) => rule.of.test(file) && !rule.except?.test(file));
  const code = source.replace(STRING_OR_COMMENT, (text) => text.startsWith("/") ? blank(text) : text);
  const bare = code.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, blank);
  const imports = [...code.matchAll(IMPORT)].filter(({ index }) => bare[index] !== " ").map((match): Import => {
    const [, clause = "", specifier = ""] = match;
    const target = specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : specifier;
    return { target, clause, at: match.index };
  });
  const place = (at: number) => `${file}:${source.slice(0, at).split("\n").length}`;
  return applying.flatMap((rule) => [
    ...imports.filter((found) => rule.imports?.(found, file)).map(({ target, at }) =>
      `${place(at)} imports ${target}: ${rule.because}`
    ),
    ...(rule.says === undefined ? [] : [...bare.matchAll(new RegExp(rule.says, "g"))]).map(({ 0: text, index }) =>
      `${place(index)} says ${text}: ${rule.because}`
    ),
  ]);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (isDirectory && !/^(\.|_fresh|dist|node_modules)/.test(name)) yield* sources(path);
    else if (/\.[cm]?[jt]sx?$/.test(name)) yield path;
  }
}

if (import.meta.main) {
  const found: string[] = [];
  for await (const file of sources(".")) found.push(...breaches(file, await Deno.readTextFile(file)));
  for (const breach of found.toSorted()) console.error(breach);
  if (found.length > 0) Deno.exit(1);
}
