import type { DatabaseFacts, EpochMs, RelationSize, Trigger } from "../domain/mod.ts";

/** What a database says of itself, for who looks after it. */
export interface DiagnosticsStore {
  /** Its facts. Takes no longer with a longer history. */
  facts(): Promise<DatabaseFacts>;
  /** Its tables and indexes, the largest first. Reads all of a SQLite file. */
  sizes(): Promise<readonly RelationSize[]>;
  /** Counts the dispatches after one, in the order of their ids. With `after: null` it only says which is the last. */
  dispatched(query: DispatchedQuery): Promise<Dispatched>;
}

/** Which dispatches are counted. */
export interface DispatchedQuery {
  /** The last that was counted; null: none was. */
  readonly after: number | null;
  /** Those that were written at this instant or before. */
  readonly until: EpochMs;
  /** Most of them. */
  readonly limit: number;
}

/** How many dispatches there are after one. */
export interface Dispatched {
  /** The last that was counted; null: there is none. */
  readonly last: number | null;
  /** How many were caused by what. */
  readonly counts: readonly (readonly [trigger: Trigger, count: number])[];
}
