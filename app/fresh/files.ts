/**
 * Reads the files of `routes/`: `jobs/[id].tsx` is the route `/jobs/:id`, `[...path]` takes the rest of a path, and `(group)`
 * shares layouts and middlewares without being part of the address. `_app`, `_layout`, `_middleware`, `_error` and `_404` are
 * no routes.
 *
 * @module
 */
import type { Middleware, Route } from "./handlers.ts";

/** A file of `routes/`. */
export interface RouteFile<State> {
  readonly kind: "app" | "middleware" | "layout" | "error" | "notFound" | "route";
  /** Its directory: `/(admin)/jobs`. */
  readonly place: string;
  /** Its pattern: `/jobs/:id`. */
  readonly pattern: string;
  readonly route: Route<State>;
  /** The middlewares of a `_middleware` file. */
  readonly middlewares: readonly Middleware<State>[];
}

const special: ReadonlyMap<string, RouteFile<unknown>["kind"]> = new Map([
  ["_app", "app"],
  ["_middleware", "middleware"],
  ["_layout", "layout"],
  ["_error", "error"],
  ["_404", "notFound"],
]);

/** Reads `modules` (paths below `routes/`, without extension) and sorts them into the order of registration. */
export function parseRouteFiles<State>(
  modules: readonly (readonly [path: string, module: unknown])[],
): readonly RouteFile<State>[] {
  const files = modules.map(([path, module]) => parse<State>(path, module));
  const routes = files.filter((file) => file.kind === "route").sort((a, b) => compare(a.pattern, b.pattern));
  return [...files.filter((file) => file.kind !== "route"), ...routes];
}

function parse<State>(path: string, module: unknown): RouteFile<State> {
  const names = path.split("/");
  const name = names.pop() ?? "";
  const place = `/${names.map(part).join("/")}`;
  const kind = special.get(name) ?? "route";
  if (name.startsWith("_") && kind === "route") {
    throw new SyntaxError(`Cannot use routes/${path}: unknown name ${name}`);
  }
  const own = [...names, ...(name === "index" ? [] : [name])].filter((text) => !/^\(.*\)$/.test(text));
  const pattern = `/${own.map(part).join("/")}`;
  const found = exportsOf<State>(path, module);
  const { component, handler } = found;
  const route: Route<State> = {};
  if (component !== undefined) route.component = component;
  if (handler !== undefined && !Array.isArray(handler)) route.handler = handler;
  return { kind, place, pattern, route, middlewares: found.middlewares };
}

function part(name: string): string {
  return name.replace(/^\[\.\.\.(\w+)\]$/, ":$1*").replace(/^\[(\w+)\]$/, ":$1");
}

/** Orders two patterns part by part: plain text, then a parameter, then the rest of a path. */
function compare(a: string, b: string): number {
  const rank = (text = "") => text.endsWith("*") ? 2 : text.startsWith(":") ? 1 : 0;
  const [left, right] = [a.split("/"), b.split("/")];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = rank(left[i]) - rank(right[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

interface Exports<State> extends Route<State> {
  readonly middlewares: readonly Middleware<State>[];
}

/** Types the exports of a route file. The compiler has checked them in the file itself. */
function exportsOf<State>(path: string, module: unknown): Exports<State> {
  if (typeof module !== "object" || module === null) throw new TypeError(`Cannot use routes/${path}: not a module`);
  const found = module as { default?: unknown; handler?: unknown };
  const { handler } = found;
  if (found.default === undefined && handler === undefined) {
    throw new TypeError(`Cannot use routes/${path}: it exports neither a handler nor a component as default`);
  }
  const middlewares = [handler ?? found.default].flat() as Middleware<State>[];
  return {
    middlewares,
    ...(found.default !== undefined && { component: found.default as NonNullable<Route<State>["component"]> }),
    ...(handler !== undefined && { handler: handler as NonNullable<Route<State>["handler"]> }),
  };
}
