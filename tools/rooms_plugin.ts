/**
 * A lint plugin that checks every file against the table of `rooms.ts`: which rooms and packages it imports, whether it opens a store
 * or changes one, and what the pure rooms must not use. Imports of types count too: for a reader they are dependencies.
 *
 * @module
 */
import { dirname, join, normalize } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { ENTRY_POINTS, mayImport, mayUse, OPENERS, roomOf } from "./rooms.ts";

/** Names of the workspace and the files behind them; `fresh` is used as if it were a package. */
const NAMES: readonly (readonly [name: RegExp, file: string])[] = [
  [/^@jobtrigger\/shared$/, "shared/mod.ts"],
  [/^@jobtrigger\/shared\/(.+)$/, "shared/$1/mod.ts"],
];

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** An import or re-export, in any of its forms. */
interface Import {
  readonly node: Deno.lint.Node;
  readonly specifier: string;
  readonly isOfTypes: boolean;
  /** The names that it imports; null: all of them. */
  readonly names: readonly string[] | null;
}

const plugin: Deno.lint.Plugin = {
  name: "rooms",
  rules: {
    arrows: onImports(whyNotImport),
    open: onImports(whyNotOpen),
    pure: { create: pureVisitor },
    door: { create: doorVisitor },
  },
};
export default plugin;

/** A rule that reports each import for which `why` has an answer. */
function onImports(why: (found: Import, file: string) => string | null): Deno.lint.Rule {
  return {
    create: (context): Deno.lint.LintVisitor => {
      const file = pathOf(context);
      const check = (found: Import): void => {
        const message = why(found, file);
        if (message !== null) context.report({ node: found.node, message });
      };
      return {
        ImportDeclaration: (node) =>
          check({
            node,
            specifier: node.source.value,
            isOfTypes: node.importKind === "type",
            names: node.specifiers.some(({ type }) => type === "ImportNamespaceSpecifier")
              ? null
              : node.specifiers.flatMap((one) => one.type === "ImportSpecifier" ? [nameOf(one.imported)] : []),
          }),
        ExportNamedDeclaration: (node) => {
          if (node.source === null) return;
          const names = node.specifiers.map(({ local }) => nameOf(local));
          check({ node, specifier: node.source.value, isOfTypes: node.exportKind === "type", names });
        },
        ExportAllDeclaration: (node) =>
          check({ node, specifier: node.source.value, isOfTypes: node.exportKind === "type", names: null }),
        ImportExpression: (node) => {
          const specifier = textOf(node.source);
          if (specifier !== "") check({ node, specifier, isOfTypes: false, names: null });
        },
        TSImportType: (node) => {
          const specifier = textOf(node.argument);
          if (specifier !== "") check({ node, specifier, isOfTypes: true, names: [] });
        },
      };
    },
  };
}

/** Why a file may not import what it does, or null. */
function whyNotImport({ specifier, isOfTypes }: Import, file: string): string | null {
  const room = roomOf(file);
  if (room === null) return `${file} belongs to no room: name its folder in tools/rooms.ts`;
  if (/^(jsr|https?):/.test(specifier)) {
    return `${specifier}: JSR and web addresses cannot be reached everywhere; use a package of npm`;
  }
  const target = targetOf(specifier, file);
  if (target === null) {
    if (mayUse(room, specifier) || isOfTypes && room.mayImportTypes) return null;
    return `${room.name} may not import the package ${specifier}${instead(room.packages)}`;
  }
  if (target.startsWith("_fresh/")) return null;
  if (/(^|\/)_[^/]*$/.test(target) && dirname(target) !== dirname(file) && !file.startsWith("tests/")) {
    return `${target} belongs to its folder: a file that begins with _ is imported only from there`;
  }
  const isOutsideShared = /^(app|cli|services)\//.test(file);
  if (isOutsideShared && specifier.startsWith(".") && target.startsWith("shared/")) {
    return `${target} is imported by its path: use shared/ by its name, @jobtrigger/shared, which has only what is public`;
  }
  if (file.startsWith("shared/") && specifier.startsWith("@jobtrigger/")) {
    return `${specifier}: shared/ imports its own files by their paths`;
  }
  if (room.imports.includes("*")) return null;
  const other = roomOf(target);
  if (other === null) return `${target} belongs to no room: name its folder in tools/rooms.ts`;
  if (mayImport(room, other) || isOfTypes && room.mayImportTypes) return null;
  return `${room.name} may not import ${other.name} (${target})${instead(room.imports)}`;
}

function instead(allowed: readonly string[]): string {
  return `; tools/rooms.ts allows ${allowed.join(", ") || "nothing"}`;
}

/** Why a file may not import what opens a store, or null. */
function whyNotOpen({ specifier, names, isOfTypes }: Import, file: string): string | null {
  if (!/^(app|cli|services|shared)\//.test(file) || file.startsWith("shared/store/")) return null;
  if (isOfTypes || ENTRY_POINTS.includes(file)) return null;
  if (!targetOf(specifier, file)?.startsWith("shared/store/")) return null;
  const opens = names === null ? "all of the store" : names.find((name) => OPENERS.has(name));
  return opens === undefined
    ? null
    : `${file} imports ${opens}: only entry points open a store (${
      ENTRY_POINTS.join(", ")
    }); all others are handed one`;
}

const CHANGES: ReadonlySet<string> = new Set([
  ...["create", "update", "pause", "resume", "remove"].map((name) => `jobs.${name}`),
  ...["runNow", "backfill", "cancel"].map((name) => `runs.${name}`),
  ...["create", "update", "rehash", "credentials"].map((name) => `users.${name}`),
  ...["begin", "touch", "revoke", "revokeAll", "prune"].map((name) => `sessions.${name}`),
  ...["create", "touch", "revoke", "prune"].map((name) => `tokens.${name}`),
  ...["create", "find", "update", "remove", "touch"].map((name) => `webhooks.${name}`),
  ...["create", "settle"].map((name) => `bulk.${name}`),
  ...["save", "remove"].map((name) => `views.${name}`),
  ...["change", "prune"].map((name) => `guesses.${name}`),
  "history.takeOver",
]);

/** In app/ and cli/: no change of a job, a run or an account but through operations, and no look at the hash of a password. */
function doorVisitor(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (!/^(app|cli)\//.test(pathOf(context))) return {};
  return {
    MemberExpression: (node) => {
      const said = `${nameOf(node.object)}.${nameOf(node.property)}`;
      if (!CHANGES.has(said)) return;
      context.report({
        node,
        message: `${said}: app/ and cli/ change jobs, runs and accounts through shared/operations alone`,
      });
    },
  };
}

const IMPURE_OBJECTS: ReadonlySet<string> = new Set(["process", "performance", "crypto", "console"]);
const IMPURE_MEMBERS: ReadonlySet<string> = new Set(["Date.now", "Math.random", "Temporal.Now"]);
const IMPURE_CALLS: ReadonlySet<string> = new Set(["fetch", "setTimeout", "setInterval", "queueMicrotask"]);

/** In the pure rooms: no Deno API, no clock, no randomness, no I/O. */
function pureVisitor(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const room = roomOf(pathOf(context));
  if (!room?.isPure) return {};
  const report = (node: Deno.lint.Node, said: string): void =>
    context.report({ node, message: `${said}: ${room.name} is pure: no Deno API, no clock, no randomness, no I/O` });
  const member = (node: Deno.lint.Node, object: string, property: string): void => {
    const said = `${object}.${property}`;
    if (IMPURE_OBJECTS.has(object) || IMPURE_MEMBERS.has(said)) report(node, said);
  };
  const call = (node: Deno.lint.CallExpression | Deno.lint.NewExpression): void => {
    const callee = nameOf(node.callee);
    if (IMPURE_CALLS.has(callee) || callee === "Date" && node.arguments.length === 0) report(node, `${callee}()`);
  };
  return {
    Identifier: (node) => {
      if (node.name === "Deno") report(node, "Deno");
    },
    MemberExpression: (node) => {
      if (textOf(node.property) === "Deno") report(node, "Deno");
      member(node, nameOf(node.object), nameOf(node.property));
    },
    VariableDeclarator: (node) => {
      if (node.id.type !== "ObjectPattern" || node.init === null) return;
      const object = nameOf(node.init);
      for (const one of node.id.properties) if (one.type === "Property") member(one, object, nameOf(one.key));
    },
    CallExpression: call,
    NewExpression: call,
  };
}

/** The name an expression ends with: `now` of `a.now`, `a?.["now"]` and `now`; "" where there is none. */
function nameOf(node: Deno.lint.Node): string {
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "Literal":
      return textOf(node);
    case "MemberExpression":
      return nameOf(node.property);
    case "ChainExpression":
      return nameOf(node.expression);
    case "TSNonNullExpression":
      return nameOf(node.expression);
    default:
      return "";
  }
}

/** The text of a string or of a template without expressions; "" for all else. */
function textOf(node: Deno.lint.Node): string {
  if (node.type === "TSLiteralType") return textOf(node.literal);
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : "";
  return node.type === "TemplateLiteral" && node.expressions.length === 0 ? node.quasis[0]?.cooked ?? "" : "";
}

/** The file of the project that a specifier names; null: it names a package. */
function targetOf(specifier: string, file: string): string | null {
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  for (const [name, path] of NAMES) if (name.test(specifier)) return specifier.replace(name, path);
  return null;
}

function pathOf({ filename }: Deno.lint.RuleContext): string {
  const path = filename.replaceAll("\\", "/");
  return path.startsWith(ROOT) ? path.slice(ROOT.length) : path;
}
