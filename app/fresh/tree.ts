/**
 * The tree of an application's paths, with the middlewares, layout and error page of each. Adding a route joins those on its
 * way down into one chain, so a request needs no lookup; what is registered later does not change the chain.
 *
 * At each path the order is: catch errors, middlewares, the next path, the route. So an error page is rendered outside the
 * middlewares of its own path.
 *
 * @module
 */
import { type Context, element, internalsOf, propsOf, type Ui } from "./context.ts";
import { statusOf } from "./errors.ts";
import { parseRouteFiles } from "./files.ts";
import { type HandlerFn, type Method, METHODS, type Middleware, type Route, type RouteComponent } from "./handlers.ts";
import { Router } from "./router.ts";

interface Place<State> {
  readonly parent: Place<State> | null;
  readonly children: Map<string, Place<State>>;
  readonly middlewares: Middleware<State>[];
  layout: RouteComponent<State> | null;
  error: Route<State> | null;
}

/** The steps from the outermost middleware to the route. */
export type Chain<State> = readonly Middleware<State>[];

/** Collects what an application registers, in order, and compiles it. */
export class Tree<State> {
  readonly router: Router<Chain<State>> = new Router();
  #root: Place<State> = newPlace(null);
  #app: RouteComponent<State> | null = null;
  #notFound: Route<State> | null = null;

  use(path: string, middlewares: readonly Middleware<State>[]): void {
    this.#place(path).middlewares.push(...middlewares);
  }

  app(component: RouteComponent<State>): void {
    this.#app = component;
  }

  layout(path: string, component: RouteComponent<State>): void {
    this.#place(path).layout = component;
  }

  error(path: string, route: Route<State>): void {
    this.#place(path).error = route;
  }

  notFound(route: Route<State>): void {
    this.#notFound = route;
  }

  /** Adds a route that answers `methods`, with the middlewares and layouts of `place`. */
  add(methods: readonly Method[], pattern: string, steps: Chain<State>, place: string = pattern): void {
    const chain = [...this.chain(place), ...steps];
    for (const method of methods) this.router.add(method, pattern, chain, (old, added) => [...old, ...added]);
  }

  route(pattern: string, route: Route<State>): void {
    const { handler = {}, component } = route;
    const methods = typeof handler === "function" || (component && Object.keys(handler).length === 0)
      ? METHODS
      : METHODS.filter((method) => handler[method] !== undefined || (method === "GET" && component !== undefined));
    this.add(methods, pattern, [(ctx) => answer(ctx, route)]);
  }

  /** Adds the files of `routes/`. A method that a file lacks is answered with 404, as upstream does, not 405. */
  files(modules: readonly (readonly [path: string, module: unknown])[]): void {
    for (const file of parseRouteFiles<State>(modules)) {
      const { kind, route, place } = file;
      if (kind === "middleware") this.use(place, file.middlewares);
      else if (kind === "error") this.error(place, route);
      else if (kind === "notFound") this.notFound(route);
      else if (kind === "route") this.add(METHODS, file.pattern, [(ctx) => answer(ctx, route)], place);
      else if (kind === "app" && route.component !== undefined) this.app(route.component);
      else if (route.component !== undefined) this.layout(place, route.component);
    }
  }

  /** The middlewares for `path`, outermost first. */
  chain(path: string): Chain<State> {
    const line: Place<State>[] = [];
    for (let place: Place<State> | null = this.#place(path); place !== null; place = place.parent) line.unshift(place);
    let ui: Ui<State> = { app: this.#app, layouts: [] };
    const chain: Middleware<State>[] = [];
    for (const { layout, error, middlewares } of line) {
      if (layout !== null) ui = { app: ui.app, layouts: [...ui.layouts, layout] };
      chain.push(this.#guard(ui, error), ...middlewares);
    }
    return chain;
  }

  /** Sets the components around pages of this path, and answers errors from below with its error page. */
  #guard(ui: Ui<State>, errorPage: Route<State> | null): Middleware<State> {
    return async (ctx) => {
      const own = internalsOf(ctx);
      const outer = own.ui;
      own.ui = ui;
      try {
        return await ctx.next();
      } catch (error) {
        own.ui = ui;
        const status = statusOf(error);
        if (status === 404 && this.#notFound !== null) return await answer(ctx, this.#notFound, status);
        if (errorPage === null) throw error;
        return await answer(ctx, errorPage, status);
      } finally {
        own.ui = outer;
      }
    };
  }

  #place(path: string): Place<State> {
    let place = this.#root;
    if (path === "*" || path === "/*") return place;
    for (const part of path.split("/")) {
      if (part === "") continue;
      const child: Place<State> = place.children.get(part) ?? newPlace(place);
      place.children.set(part, child);
      place = child;
    }
    return place;
  }
}

function newPlace<State>(parent: Place<State> | null): Place<State> {
  return { parent, children: new Map(), middlewares: [], layout: null, error: null };
}

/** Answers with `route`: its handler's response, or its component rendered with the handler's data. */
async function answer<State>(ctx: Context<State>, route: Route<State>, status = 200): Promise<Response> {
  const handler = handlerOf(route, ctx.req.method);
  if (handler === null) return ctx.next();
  const result = await handler(ctx);
  if (result instanceof Response) return result;
  const { component } = route;
  const made = component === undefined ? null : await element(component, propsOf(ctx, result.data, () => null));
  if (made instanceof Response) return made;
  return ctx.render(made, { status: result.status ?? status, headers: result.headers ?? {} });
}

/** The handler for `method`; GET answers HEAD; a component without handlers answers every method. */
function handlerOf<State>({ handler, component }: Route<State>, method: string): HandlerFn<unknown, State> | null {
  if (typeof handler === "function") return handler;
  const render = component === undefined ? null : () => ({ data: {} });
  if (handler === undefined) return render;
  const name = METHODS.find((known) => known === method);
  const own = name === undefined ? undefined : handler[name];
  return own ?? (name === "GET" || name === "HEAD" ? handler.GET ?? render : null);
}
