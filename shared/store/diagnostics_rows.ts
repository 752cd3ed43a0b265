/**
 * Rows of questions about the database itself, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { type ConsumerLag, type RelationSize, type Snapshot, TRIGGERS } from "../domain/mod.ts";
import type { Dispatched } from "./diagnostics_store.ts";
import { instant, type Row } from "./rows.ts";

const consumerRow = z.object({ name: z.string(), at: instant.nullable() });
const sizeRow = z.object({ name: z.string(), is_index: z.coerce.boolean(), bytes: z.coerce.number() });
const snapshotRow = z.object({ holder: z.string(), ending: z.string(), at: instant.nullable() });
const versionRow = z.object({ version: z.string(), schema: z.string(), bytes: z.coerce.number() });

const dispatchedRow = z.object({ trigger: z.enum(TRIGGERS), n: z.coerce.number(), last: z.coerce.number() });

/** The dispatches of each trigger. */
export function toDispatched(rows: readonly Row[]): Dispatched {
  const parsed = rows.map((row) => dispatchedRow.parse(row));
  return {
    last: parsed.length === 0 ? null : Math.max(...parsed.map(({ last }) => last)),
    counts: parsed.map(({ trigger, n }) => [trigger, n]),
  };
}

/** A consumer of the outbox, with the instant of its next event. */
export function toConsumerLag(row: Row): ConsumerLag {
  const { name, at } = consumerRow.parse(row);
  return { name, since: at };
}

/** A table or an index. */
export function toRelationSize(row: Row): RelationSize {
  const { name, is_index: isIndex, bytes } = sizeRow.parse(row);
  return { name, isIndex, bytes };
}

/** Who holds a snapshot. */
export function toSnapshot(row: Row): Snapshot {
  const { holder, ending, at } = snapshotRow.parse(row);
  return { holder, ending, since: at };
}

/** The version, the last step of the schema, and the size. */
export function toVersion(
  row: Row,
): { readonly version: string; readonly schema: string; readonly bytes: number } {
  return versionRow.parse(row);
}
