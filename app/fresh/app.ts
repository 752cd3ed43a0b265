import { Context, type ResolvedFreshConfig } from "./context.ts";
import { HttpError, statusOf } from "./errors.ts";
import { type Method, METHODS, type Middleware, type Route, type RouteComponent } from "./handlers.ts";
import { snapshotOf } from "./snapshot.ts";
import { type Chain, Tree } from "./tree.ts";

/** Where to listen, and when to stop. */
export type ListenOptions = Partial<Deno.ServeTcpOptions>;

const nowhere: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 0 },
  completed: Promise.resolve(),
};

/** An application: middlewares, routes and pages, in the order in which they are registered. */
export class App<State> {
  /** The settings in use. */
  readonly config: ResolvedFreshConfig = { root: ".", basePath: "", mode: "production" };
  #commands: ((tree: Tree<State>) => void)[] = [];

  /** Calls the middlewares for all routes at and below `path`, everywhere without one. */
  use(...middlewares: Middleware<State>[]): this;
  use(path: string, ...middlewares: Middleware<State>[]): this;
  use(first: string | Middleware<State>, ...more: Middleware<State>[]): this {
    return typeof first === "string"
      ? this.#add((tree) => tree.use(first, more))
      : this.#add((tree) => tree.use("*", [first, ...more]));
  }

  /** Answers GET (and HEAD) at `path`. */
  get(path: string, ...steps: Middleware<State>[]): this {
    return this.#handle(["GET"], path, steps);
  }
  /** Answers POST at `path`. */
  post(path: string, ...steps: Middleware<State>[]): this {
    return this.#handle(["POST"], path, steps);
  }
  /** Answers PUT at `path`. */
  put(path: string, ...steps: Middleware<State>[]): this {
    return this.#handle(["PUT"], path, steps);
  }
  /** Answers PATCH at `path`. */
  patch(path: string, ...steps: Middleware<State>[]): this {
    return this.#handle(["PATCH"], path, steps);
  }
  /** Answers DELETE at `path`. */
  delete(path: string, ...steps: Middleware<State>[]): this {
    return this.#handle(["DELETE"], path, steps);
  }
  /** Answers every method at `path`. */
  all(path: string, ...steps: Middleware<State>[]): this {
    return this.#handle(METHODS, path, steps);
  }

  /** Answers with a page at `path`. */
  route(path: string, route: Route<State>): this {
    return this.#add((tree) => tree.route(path, route));
  }
  /** Adds the files of `routes/`. */
  fsRoutes(): this {
    return this.#add((tree) => tree.files(snapshotOf(this).routes));
  }
  /** Answers for paths that have no route, and for errors of status 404. */
  notFound(page: Route<State> | Middleware<State>): this {
    return this.#add((tree) => tree.notFound(typeof page === "function" ? { handler: page } : page));
  }
  /** Answers for errors at and below `path`. Routes registered earlier are not covered. */
  onError(path: string, page: Route<State> | Middleware<State>): this {
    return this.#add((tree) => tree.error(path, typeof page === "function" ? { handler: page } : page));
  }
  /** Renders the document around all pages. */
  appWrapper(component: RouteComponent<State>): this {
    return this.#add((tree) => tree.app(component));
  }
  /** Renders `component` around the pages at and below `path`, inside the layouts of the paths above it. */
  layout(path: string, component: RouteComponent<State>): this {
    return this.#add((tree) => tree.layout(path, component));
  }

  /** Compiles the routes and middlewares into the function that answers requests. */
  handler(): (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
    const tree = new Tree<State>();
    for (const command of this.#commands) command(tree);
    const snapshot = snapshotOf(this);
    const missing = tree.chain("*");
    const notAllowed: Chain<State> = [...missing, refuse];

    return async (req, info = nowhere) => {
      try {
        const url = new URL(req.url);
        if (url.pathname.includes("//")) url.pathname = url.pathname.replace(/\/+/g, "/");
        const method = METHODS.find((name) => name === req.method);
        const match = method === undefined ? null : tree.router.match(method, url.pathname);
        const chain = match === null ? missing : match.target ?? notAllowed;
        const ctx = new Context<State>(
          { req, url, info, route: match?.pattern ?? null, params: match?.params ?? {}, config: this.config },
          { snapshot, chain, at: 0, ui: { app: null, layouts: [] } },
        );
        const response = await ctx.next();
        if (!(response instanceof Response)) {
          throw new TypeError(`Cannot answer ${req.url}: a step returned no Response`);
        }
        return method === "HEAD" ? await withoutBody(response) : response;
      } catch (error) {
        return plainError(error);
      }
    };
  }

  /** Listens, on port 8000 by default, until `options.signal` aborts. */
  listen(options: ListenOptions = {}): Promise<void> {
    Deno.serve({ port: 8000, ...options }, this.handler());
    return Promise.resolve();
  }

  #handle(methods: readonly Method[], path: string, steps: Middleware<State>[]): this {
    return this.#add((tree) => tree.add(methods, path, steps));
  }

  #add(command: (tree: Tree<State>) => void): this {
    this.#commands.push(command);
    return this;
  }
}

function refuse(): never {
  throw new HttpError(405);
}

async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
}

/** The answer where there is no error page, or the error page failed. */
function plainError(error: unknown): Response {
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  const message = error instanceof HttpError ? error.message || `Error ${status}` : "Internal server error";
  return new Response(message, { status });
}
