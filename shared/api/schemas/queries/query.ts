/**
 * Parameters of addresses: what all of them have in common. The values arrive as texts; {@linkcode queryOf} gathers those of a list.
 *
 * @module
 */
import { z } from "zod";
import { FILTER_MAX } from "../../filter.ts";

/** Parameters by name; each has a schema of its own. */
export type Parameters<Value> = z.ZodType<Value> & { readonly shape: Readonly<Record<string, z.ZodType>> };

/** Most rows of a page. */
export const PAGE_MAX = 200;

/** A whole number as text, with its bounds. */
export function whole(
  min: number,
  max: number,
  description: string,
): z.ZodType<number | undefined, string | undefined> {
  return z.string().regex(/^\d{1,15}$/, { error: "expected a whole number" }).transform(Number)
    .pipe(z.int().min(min).max(max)).optional().meta({ description });
}

/** Most rows of a page, as a parameter. */
export const limit: z.ZodType<number | undefined, string | undefined> = whole(
  1,
  PAGE_MAX,
  "most rows of the page; absent: 50",
);

/** Where a page begins. */
export const cursor: z.ZodType<string | undefined> = z.string().max(2000).optional().meta({
  description: "the member next of the page before",
});

/** An instant with its offset. */
export const instant: z.ZodType<string | undefined> = z.iso.datetime({ offset: true }).optional();

/** A time zone. */
export const zone: z.ZodType<string | undefined> = z.string().max(100).optional().meta({
  description: "IANA zone of times without an offset",
});

/** No parameters. */
export const noQuery: Parameters<Readonly<Record<string, never>>> = z.strictObject({});

/** The page of a list. */
export interface PageQuery {
  /** Most rows. */
  readonly limit?: number | undefined;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
}

/** The page of a list. */
export const pageQuery: Parameters<PageQuery> = z.strictObject({ limit, cursor });

/** A list that has one page. */
export const limitQuery: Parameters<Pick<PageQuery, "limit">> = z.strictObject({ limit });

/** A filter of docs/filters.md. */
export const filter = (example: string): z.ZodType<string | undefined> =>
  z.string().max(FILTER_MAX).optional().meta({ description: `such as ${example}; see docs/filters.md` });

/** The parameters of an address by name; the values of a list are gathered, words of an enumeration also with commas between them. */
export function queryOf(params: URLSearchParams, query: Parameters<unknown>): Readonly<Record<string, unknown>> {
  const names = [...new Set(params.keys())];
  return Object.fromEntries(names.map((name) => {
    const values = params.getAll(name);
    const schema = Object.hasOwn(query.shape, name) ? query.shape[name] : undefined;
    const list = schema === undefined ? null : listOf(schema);
    if (list !== null) {
      return [
        name,
        list.element instanceof z.ZodEnum ? values.flatMap((value) => value.split(",")) : values,
      ];
    }
    return [name, values.length === 1 ? values[0] : values];
  }));
}

function listOf(schema: z.ZodType): z.ZodArray | null {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return inner instanceof z.ZodArray ? inner : null;
}
