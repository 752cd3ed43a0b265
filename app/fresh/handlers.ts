/**
 * The parts of a route: handlers, middlewares and components.
 *
 * @module
 */
import type { AnyComponent, FunctionComponent, JSX } from "preact";
import type { Context } from "./context.ts";

/** The methods a route can answer. */
export type Method = "HEAD" | "GET" | "POST" | "PATCH" | "PUT" | "DELETE" | "OPTIONS";

/** All of {@linkcode Method}. */
export const METHODS: readonly Method[] = ["HEAD", "GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"];

/** A step before a route: answers the request, or calls `ctx.next()` and may change its response. */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;

/** Data for the page component, with the status and headers of the answer. */
export interface PageResponse<Data> {
  data: Data;
  headers?: HeadersInit | undefined;
  status?: number | undefined;
}

/** Answers a request with a response, or with data for the page component. */
export type HandlerFn<Data, State> = (
  ctx: Context<State>,
) => Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;

/** One handler for each method. GET answers HEAD too; with a component, a missing GET renders it. */
export type HandlerByMethod<Data, State> = { [M in Method]?: HandlerFn<Data, State> };

/** One handler for all methods, or one for each. */
export type RouteHandler<Data, State> = HandlerFn<Data, State> | HandlerByMethod<Data, State>;

/** The properties of every page, layout and app wrapper. */
export type PageProps<Data = unknown, State = unknown> =
  & Pick<Context<State>, "config" | "url" | "req" | "params" | "info" | "state" | "isPartial" | "error">
  & {
    /** The handler's data. */
    data: Data;
    /** The page inside a layout, or the layouts inside the app wrapper. */
    Component: FunctionComponent;
  };

/** A page, layout or app wrapper that waits for something before it renders. */
export type AsyncComponent<Props> = (
  ...args: Parameters<FunctionComponent<Props>>
) => Promise<JSX.Element | Response | null>;

/** A page, layout or app wrapper. */
export type RouteComponent<State> =
  | AnyComponent<PageProps<unknown, State>>
  | AsyncComponent<PageProps<unknown, State>>;

/** A page: its handler, its component, or both. */
export interface Route<State> {
  component?: RouteComponent<State>;
  handler?: RouteHandler<unknown, State>;
}

/** Renders the page component with `data`; `options` are the status and headers of the answer. */
export function page<Data>(data: Data, options?: { headers?: HeadersInit; status?: number }): PageResponse<Data>;
export function page(): PageResponse<undefined>;
export function page(data?: unknown, options?: { headers?: HeadersInit; status?: number }): PageResponse<unknown> {
  return { data, headers: options?.headers, status: options?.status };
}
