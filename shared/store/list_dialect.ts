import type { Dialect, Expression } from "kysely";

/** The part of a database's dialect that lists need. */
export interface ListDialect extends Pick<Dialect, "createAdapter" | "createQueryCompiler" | "createIntrospector"> {
  /** An instant as a value to compare a column with. */
  instant(ms: number | string | null): Expression<unknown>;
  /** The value "true", as the conditions of partial indexes have it. */
  readonly yes: Expression<unknown>;
  /** Whether a part of a join may refer to the parts before it. */
  readonly hasLateral: boolean;
}
