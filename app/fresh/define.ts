import type { AnyComponent } from "preact";
import type { HandlerByMethod, HandlerFn, Middleware, PageProps, RouteHandler } from "./handlers.ts";

/** Functions that return their argument and type it for `State`. */
export interface Define<State> {
  /** A route's handler or handlers. `Data` is the type of their data, by default inferred. */
  handlers<Data, Handlers extends RouteHandler<Data, State> = RouteHandler<Data, State>>(
    handlers: Handlers,
  ): typeof handlers;

  /** A page, whose `data` comes from `Handler` (`typeof handler`). */
  page<
    Handler extends RouteHandler<unknown, State> = never,
    Data = Handler extends HandlerFn<infer D, State> ? D : Handler extends HandlerByMethod<infer D, State> ? D : never,
  >(render: AnyComponent<PageProps<Data, State>>): typeof render;

  /** A layout, which renders `props.Component` somewhere. */
  layout(render: AnyComponent<PageProps<unknown, State>>): typeof render;

  /** One middleware or several, called in order. */
  middleware<M extends Middleware<State> | Middleware<State>[]>(middleware: M): typeof middleware;
}

/** Makes the {@linkcode Define} of an application whose `ctx.state` is a `State`. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (render) => render,
    layout: (render) => render,
    middleware: (middleware) => middleware,
  };
}
