import type { ComponentChildren } from "preact";

/** What `fresh/runtime` must know of its surroundings, on the server and in the browser. */
export interface Scope {
  /** Names the build in the addresses of static files; empty before a build is loaded. */
  buildId: string;
  /** The page being rendered. Rendering never waits, so there is one at most. Null in the browser. */
  page: { addHead(children: ComponentChildren): void } | null;
}

/** The one {@linkcode Scope} of this process or browser tab. */
export const scope: Scope = { buildId: "", page: null };
