import type { DatabaseFacts, RelationSize } from "../domain/mod.ts";

/** What a database says of itself, for who looks after it. */
export interface DiagnosticsStore {
  /** Its facts. Takes no longer with a longer history. */
  facts(): Promise<DatabaseFacts>;
  /** Its tables and indexes, the largest first. Reads all of a SQLite file. */
  sizes(): Promise<readonly RelationSize[]>;
}
