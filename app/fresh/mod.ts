/**
 * The part of Fresh 2.3 that the portal uses, under the same names. See `README.md`.
 *
 * @module
 */
export { App, type ListenOptions } from "./app.ts";
export type { Context, ResolvedFreshConfig } from "./context.ts";
export { createDefine, type Define } from "./define.ts";
export { HttpError } from "./errors.ts";
export {
  type HandlerByMethod,
  type HandlerFn,
  type Method,
  type Middleware,
  page,
  type PageProps,
  type PageResponse,
  type RouteHandler,
} from "./handlers.ts";
export { csp, type CSPOptions, csrf, type CsrfOptions, staticFiles, trailingSlashes } from "./middlewares.ts";
