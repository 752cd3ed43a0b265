/**
 * Functions for pages and islands, on the server and in the browser.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { scope } from "./scope.ts";

/** Whether this code runs in a browser. */
export const IS_BROWSER: boolean = typeof document !== "undefined";

/** The address of a file in `static/` for this build, which browsers may cache for ever. Other addresses stay as they are. */
export function asset(path: string): string {
  if (!path.startsWith("/") || path.startsWith("//") || scope.buildId === "") return path;
  const [, file = "", query = "", hash = ""] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(path) ?? [];
  return `${file}${query === "" ? "?" : `${query}&`}v=${scope.buildId}${hash}`;
}

/** Moves its children into the document's `<head>`; a `<title>` replaces the former one. Server only. */
export function Head(props: { children?: ComponentChildren }): null {
  scope.page?.addHead(props.children);
  return null;
}
