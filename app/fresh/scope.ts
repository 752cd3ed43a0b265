import type { ComponentChildren } from "preact";

/** The state of `fresh/runtime`, on the server and in the browser. */
export interface Scope {
  /** Names the build in the addresses of static files; empty before a build is loaded. */
  buildId: string;
  /** The page being rendered: one at most, because rendering never waits. Null in the browser. */
  page: { addHead(children: ComponentChildren): void } | null;
}

/** The one {@linkcode Scope} of this process or browser tab. */
export const scope: Scope = { buildId: "", page: null };
