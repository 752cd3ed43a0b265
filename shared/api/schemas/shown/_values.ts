import { z } from "zod";

/** An instant in UTC. */
export const instant: z.ZodISODateTime = z.iso.datetime({ offset: false });
/** A list of texts. */
export const texts: z.ZodArray<z.ZodString> = z.array(z.string());
/** An id. */
export const id: z.ZodInt = z.int().min(1);
/** A number of things. */
export const count: z.ZodInt = z.int().min(0);

/** A page of a list; `next` is the cursor of the following one, null at the end. */
export function pageOf(item: z.ZodType): z.ZodType {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}
