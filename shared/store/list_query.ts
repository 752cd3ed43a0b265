/**
 * What the lists have in common: a query, its limit, and its compiling.
 *
 * @module
 */
import { type CompiledQuery, type Expression, sql, type SqlBool } from "kysely";
import { z } from "zod";
import { MOST_IDS } from "./store.ts";

/** Most rows of one page. */
const MAX_LIMIT = 200;

const values = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** A query to run, which answers one row more than a page holds when another page follows. */
export interface ListQuery {
  readonly sql: string;
  readonly parameters: readonly (string | number | boolean | null)[];
}

/** The limit of a query, and one row more. @throws {RangeError} when it is not 1…200. */
export function limitOf({ limit }: { readonly limit: number }): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit + 1;
  throw new RangeError(`Cannot list ${limit} rows: a page has 1…${MAX_LIMIT}`);
}

/** Whether a column has one of some values; none, where there are none. @throws {RangeError} for too many. */
export function oneOf(column: string, values: readonly number[]): Expression<SqlBool> {
  if (values.length === 0) return sql<SqlBool>`false`;
  if (values.length > MOST_IDS) throw new RangeError(`Cannot list ${values.length} ids: a query takes ${MOST_IDS}`);
  return sql<SqlBool>`${sql.ref(column)} in (${sql.join(values)})`;
}

/** A query with its parameters, as stores run it. */
export function compiled({ sql, parameters }: CompiledQuery): ListQuery {
  return { sql, parameters: values.parse(parameters) };
}
