/**
 * Opens a database of the Reflex system for reading.
 *
 * @module
 */
import type { ReflexSource } from "./source.ts";

export type { ReflexSource } from "./source.ts";

/**
 * Runs `work` on the old database as it is now, whatever the old system writes meanwhile. It is opened for reading only. Loads the
 * code for that, which one import needs and no service.
 * @throws {Invalid} of the field `from` when it is not a database of the Reflex system.
 */
export async function withReflex<Result>(
  url: string,
  work: (source: ReflexSource) => Promise<Result>,
): Promise<Result> {
  const { readReflex } = await import("./read.ts");
  return await readReflex(url, work);
}
