import { createDefine, type Define } from "fresh";
import type { State } from "./server/state.ts";

export type { State } from "./server/state.ts";

/** Fresh's helpers for this application's state. */
export const define: Define<State> = createDefine<State>();
