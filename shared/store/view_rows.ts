/**
 * Rows of `saved_views`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { Conflict, MAX_VIEWS, type SavedView } from "../domain/mod.ts";
import { instant, type Row } from "./rows.ts";

const viewRow = z.object({ id: z.number(), name: z.string(), query: z.string(), created_at: instant });

/** A row of `saved_views`. */
export function toSavedView(row: Row): SavedView {
  const { id, name, query, created_at: createdAt } = viewRow.parse(row);
  return { id, name, query, createdAt };
}

/** Nobody keeps more views. */
export function tooManyViews(): Conflict {
  return new Conflict(`Cannot save another view: there are ${MAX_VIEWS}. Remove one first`);
}
