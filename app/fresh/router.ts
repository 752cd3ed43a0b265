/**
 * Finds the route of a path. Patterns: `/jobs/:id`, `/files/:path*` (the rest of the path, or nothing) and `*` or `/files/*`
 * (the rest, as parameter `0`). A pattern without parameters wins; among those with parameters, the one added first.
 *
 * @module
 */
import { HttpError } from "./errors.ts";
import type { Method } from "./handlers.ts";

interface Entry<Target> {
  readonly pattern: string;
  readonly parts: readonly string[];
  /** Name of the parameter for the rest of the path; null: none. */
  readonly rest: string | null;
  /** Whether `/files` matches `/files/:path*`. */
  readonly restOptional: boolean;
  readonly targets: Map<Method, Target>;
}

/** The route of a path. */
export interface Match<Target> {
  readonly pattern: string;
  readonly params: Record<string, string>;
  /** Null: the pattern does not answer the method. */
  readonly target: Target | null;
}

/** Routes by pattern and method. */
export class Router<Target> {
  #entries = new Map<string, Entry<Target>>();
  #dynamic: Entry<Target>[] = [];

  /** Adds `target`; `merge` joins it with the target that the pattern and method already have. */
  add(method: Method, pattern: string, target: Target, merge: (old: Target, added: Target) => Target): void {
    let entry = this.#entries.get(pattern);
    if (entry === undefined) {
      entry = compile(pattern);
      this.#entries.set(pattern, entry);
      if (isDynamic(entry)) this.#dynamic.push(entry);
    }
    const old = entry.targets.get(method);
    entry.targets.set(method, old === undefined ? target : merge(old, target));
  }

  /**
   * The route for `method` on `path`, null when no pattern matches.
   *
   * @throws {HttpError} 400 when a parameter is not valid percent-encoding.
   */
  match(method: Method, path: string): Match<Target> | null {
    const exact = this.#entries.get(path);
    if (exact !== undefined && !isDynamic(exact)) return found(exact, method, {});
    const segments = path.slice(1).split("/");
    for (const entry of this.#dynamic) {
      const params = paramsOf(entry, segments);
      if (params !== null) return found(entry, method, params);
    }
    return null;
  }
}

function found<Target>(entry: Entry<Target>, method: Method, params: Record<string, string>): Match<Target> {
  const target = entry.targets.get(method) ?? (method === "HEAD" ? entry.targets.get("GET") : undefined) ?? null;
  return { pattern: entry.pattern, params, target };
}

function compile<Target>(pattern: string): Entry<Target> {
  const parts = pattern.replace(/^\//, "").split("/");
  const last = parts.at(-1) ?? "";
  const rest = last === "*" ? "0" : /^:(\w+)\*$/.exec(last)?.[1] ?? null;
  if (rest !== null) parts.pop();
  const unknown = parts.find((part) => !/^(:\w+|[^:*{}()+?]*)$/.test(part));
  if (unknown !== undefined) {
    throw new SyntaxError(`Cannot use the route ${pattern}: "${unknown}" is neither plain text nor one :parameter`);
  }
  return { pattern, parts, rest, restOptional: last !== "*", targets: new Map() };
}

function isDynamic(entry: Entry<unknown>): boolean {
  return entry.rest !== null || entry.parts.some((part) => part.startsWith(":"));
}

function paramsOf(entry: Entry<unknown>, segments: readonly string[]): Record<string, string> | null {
  const { parts, rest, restOptional } = entry;
  const least = rest !== null && !restOptional ? parts.length + 1 : parts.length;
  if (rest === null ? segments.length !== least : segments.length < least) return null;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? "";
    const segment = segments[i] ?? "";
    if (part.startsWith(":") ? segment === "" : part !== segment) return null;
  }
  const params: Record<string, string> = {};
  parts.forEach((part, i) => {
    if (part.startsWith(":")) params[part.slice(1)] = decode(segments[i] ?? "");
  });
  if (rest !== null) params[rest] = decode(segments.slice(parts.length).join("/"));
  return params;
}

/** Decodes as upstream does: `%2F` and the other reserved characters stay encoded. */
function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURI(text);
  } catch (cause) {
    throw new HttpError(400, `Cannot decode "${text}" in the path`, { cause });
  }
}
