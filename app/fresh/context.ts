import { type FunctionComponent, h, type JSX } from "preact";
import { HttpError } from "./errors.ts";
import type { AsyncComponent, Middleware, PageProps, RouteComponent } from "./handlers.ts";
import { Page } from "./render.ts";
import type { Snapshot } from "./snapshot.ts";
import { jsxTemplate } from "preact/jsx-runtime";

/** The components around a page: the app wrapper, then the layouts, outermost first. */
export interface Ui<State> {
  readonly app: RouteComponent<State> | null;
  readonly layouts: readonly RouteComponent<State>[];
}

/** The framework's own part of a context. */
export interface Internals<State> {
  readonly snapshot: Snapshot;
  /** The steps, and the index of the next one. */
  readonly chain: readonly Middleware<State>[];
  at: number;
  /** The components around a page at this step. */
  ui: Ui<State>;
}

/** The settings of an application. */
export interface ResolvedFreshConfig {
  /** Directory of the source, or of the build. */
  root: string;
  basePath: string;
  mode: "development" | "production";
}

const encoder = new TextEncoder();

/** The property of a rendered response that holds its nonce, by upstream's name. */
export const NONCE: unique symbol = Symbol.for("__freshNonce");

/** The framework's own part of `ctx`. */
export let internalsOf: <State>(ctx: Context<State>) => Internals<State>;

/** One request on its way through the middlewares. */
export class Context<State> {
  readonly #own: Internals<State>;
  readonly req: Request;
  /** The address; runs of slashes in its path are one slash. */
  readonly url: URL;
  readonly info: Deno.ServeHandlerInfo;
  /** Pattern of the matched route; null: none matched. */
  readonly route: string | null;
  readonly params: Record<string, string>;
  readonly config: ResolvedFreshConfig;
  /** Filled by middlewares, read by pages. */
  readonly state: State = Object.create(null);
  /** The error, while an error page is rendered. */
  error: unknown = null;
  /** False: only upstream renders parts of pages. */
  readonly isPartial: boolean = false;

  static {
    internalsOf = (ctx) => ctx.#own;
  }

  constructor(
    init: Pick<Context<State>, "req" | "url" | "info" | "route" | "params" | "config">,
    own: Internals<State>,
  ) {
    this.req = init.req;
    this.url = init.url;
    this.info = init.info;
    this.route = init.route;
    this.params = init.params;
    this.config = init.config;
    this.#own = own;
  }

  /** Calls the next middleware, or the route. @throws {HttpError} 404 when there is none. */
  async next(): Promise<Response> {
    const own = this.#own;
    const at = own.at;
    const step = own.chain[at];
    if (step === undefined) throw new HttpError(404);
    own.at = at + 1;
    try {
      return await step(this);
    } catch (error) {
      this.error = error;
      throw error;
    } finally {
      own.at = at;
    }
  }

  /** Sends the browser to `path`. Runs of slashes become one, so that a path never leads to another host. */
  redirect(path: string, status = 302): Response {
    const [, name = "", rest = ""] = /^([^?#]*)(.*)$/s.exec(path) ?? [];
    const location = path.startsWith("/") ? name.replace(/[/\\]{2,}/g, "/") + rest : path;
    return new Response(null, { status, headers: { location } });
  }

  /** Renders `vnode` inside the layouts and the app wrapper of this place. */
  async render(vnode: JSX.Element | null, init: ResponseInit = {}): Promise<Response> {
    const { snapshot, ui: { app, layouts } } = this.#own;
    let inner = vnode;
    for (const layout of layouts.toReversed()) {
      const child = inner;
      const made = await element(layout, propsOf(this, null, () => child));
      if (made instanceof Response) return made;
      inner = made;
    }
    const page = new Page(snapshot);
    let html = page.render(inner);
    if (app !== null) {
      // Render the page before the app wrapper: its <Head> goes into the document that the wrapper renders.
      const rendered = jsxTemplate([html]);
      const made = await element(app, propsOf(this, null, () => rendered));
      if (made instanceof Response) return made;
      html = page.render(made);
    }
    const headers = new Headers(init.headers);
    headers.set("content-type", "text/html; charset=utf-8");
    // As bytes: what holds a text for the network stays in memory until the next full collection of garbage.
    const body = encoder.encode(page.finish(html));
    headers.set("content-length", String(body.length));
    if (page.link !== "") headers.append("link", page.link);
    return Object.assign(new Response(body, { ...init, headers }), { [NONCE]: page.nonce });
  }
}

/** The properties of a page, layout or app wrapper. */
export function propsOf<State>(
  ctx: Context<State>,
  data: unknown,
  Component: FunctionComponent,
): PageProps<unknown, State> {
  const { config, url, req, params, info, state, isPartial, error } = ctx;
  return { config, url, req, params, info, state, isPartial, error, data, Component };
}

/** Makes the element of `component`. It awaits an async component, because rendering itself never waits. */
export async function element<State>(
  component: RouteComponent<State>,
  props: PageProps<unknown, State>,
): Promise<JSX.Element | Response | null> {
  return isAsync(component) ? await component(props) : h(component, props);
}

function isAsync<State>(component: RouteComponent<State>): component is AsyncComponent<PageProps<unknown, State>> {
  return component.constructor.name === "AsyncFunction";
}
