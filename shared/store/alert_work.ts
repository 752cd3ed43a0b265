/**
 * Statements that both databases understand, written once. A piece of work yields each statement and is handed its rows, so that the
 * same work runs between BEGIN and COMMIT of SQLite, which knows no waiting, and of PostgreSQL, which does.
 *
 * Parameters have names (`:id`); instants are marked by {@linkcode at}; `{true}` is the truth as partial indexes of each database
 * write it. Alerts are no hot path, so one text for both is worth more than the last microsecond.
 *
 * @module
 */
import type { EpochMs } from "../domain/mod.ts";
import type { AuditedChange } from "./audit_store.ts";
import type { Row } from "./rows.ts";

/** An instant as a parameter, which each database writes in its own way. */
export interface InstantValue {
  /** The instant; null: none. */
  readonly instant: EpochMs | null;
}

/** A value that a parameter takes. */
export type StepValue = string | number | boolean | null | InstantValue;

/** Parameters by their names. */
export type StepValues = Readonly<Record<string, StepValue>>;

/** A statement, or the event of a change for the audit list. */
export type Step =
  | { readonly sql: string; readonly values: StepValues }
  | { readonly audit: AuditedChange };

/** Work in one transaction: it yields steps and is handed the rows of each. */
export type Work<Result> = Generator<Step, Result, readonly Row[]>;

/** Marks an instant among parameters. */
export function at(instant: EpochMs | null): InstantValue {
  return { instant };
}

/** The rows that a statement answers. */
export function* rowsOf(sql: string, values: StepValues = {}): Work<readonly Row[]> {
  return yield { sql, values };
}

/** Adds the event of a change to the audit list. */
export function* audited(change: AuditedChange | null): Work<void> {
  if (change !== null) yield { audit: change };
}

/** What `parse` makes of the only row. */
export function one<Value>(rows: readonly Row[], parse: (row: Row) => Value): Value {
  return parse(rows[0] ?? {});
}
