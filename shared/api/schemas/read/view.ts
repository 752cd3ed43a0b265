import { z } from "zod";
import type { SavedView } from "../../../domain/mod.ts";
import { instant } from "./_values.ts";

/** Reads what `viewForm()` made. */
export const readView: z.ZodType<SavedView> = z.object({
  id: z.int(),
  name: z.string(),
  query: z.string(),
  created_at: instant,
}).transform(({ created_at: createdAt, ...view }) => ({ ...view, createdAt }));

/** Reads all of them. */
export const readViews: z.ZodType<readonly SavedView[]> = z.object({ items: z.array(readView) })
  .transform(({ items }) => items);
