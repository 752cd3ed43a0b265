import type { JsonObject } from "@jobtrigger/shared/api";
import type { Page } from "@jobtrigger/shared/store";
import type { OutputFlags } from "./form.ts";
import type { Column } from "./table.ts";

/** What lists take. */
export interface ListFlags extends OutputFlags {
  readonly limit: number;
  readonly cursor?: string;
  readonly all?: boolean;
  readonly watch?: boolean;
}

/** A list of rows. */
export interface Listing<Row> {
  /** One page of it. */
  readonly read: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Row>>;
  readonly columns: readonly Column<Row>[];
  /** A row for programs. */
  readonly form: (row: Row) => JsonObject;
  /** What `-o name` prints of a row, by which commands take it. */
  readonly name: (row: Row) => string;
}
