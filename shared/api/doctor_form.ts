import type { Diagnosis } from "../domain/mod.ts";
import type { JsonObject } from "./output.ts";

/** What `doctor` found, with whether all of it is fine. */
export function doctorForm(items: readonly Diagnosis[]): JsonObject {
  return { is_fine: items.every(({ level }) => level === "fine"), items: items.map((item) => ({ ...item })) };
}
