/**
 * The portal's islands and static files, built once for all tests of an isolate.
 *
 * @module
 */
import type { App } from "fresh";
import { portalBuilder } from "../../app/builder.ts";
import type { State } from "../../app/utils.ts";

let built: Promise<(app: App<State>) => void> | undefined;

/** Builds in memory; the answer gives the build to an application. */
export function builtPortal(): Promise<(app: App<State>) => void> {
  return built ??= portalBuilder().build<State>({ snapshot: "memory" });
}
