import type { EpochMs } from "./brand.ts";

/** How bad a finding is. `critical`: jobs do not run, or soon will not. */
export const FINDING_LEVELS = ["fine", "warning", "critical"] as const;

/** One line of what `doctor` found. */
export interface Diagnosis {
  /** What was looked at, in a word or two. */
  readonly check: string;
  /** How bad it is. */
  readonly level: typeof FINDING_LEVELS[number];
  /** What was found. */
  readonly found: string;
  /** What to do; null: nothing. */
  readonly advice: string | null;
}

/** What holds the oldest snapshot of the database: nothing that was deleted since can be cleared away. */
export interface Snapshot {
  /** Who, in words: `process 123 of user backup (pg_dump) from 192.0.2.7, idle in transaction`. */
  readonly holder: string;
  /** The statement that ends it. */
  readonly ending: string;
  /** Since when; null: unknown. */
  readonly since: EpochMs | null;
}

/** A consumer of the outbox, and how far behind it is. */
export interface ConsumerLag {
  /** The consumer. */
  readonly name: string;
  /** When the oldest event happened that it has not dealt with; null: there is none. */
  readonly since: EpochMs | null;
}

/** A database, as it describes itself. Nothing here takes longer with a longer history. */
export interface DatabaseFacts {
  /** Which kind it is, with its version: `PostgreSQL 16.4`. */
  readonly product: string;
  /** The last step of the schema that it has. */
  readonly schema: string;
  /** How large it is. */
  readonly bytes: number;
  /** The disk of its file; null: unknown, as that of a server is. */
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | null;
  /** Bytes that only the `-wal` beside the file has; null: it is no file. */
  readonly walBytes: number | null;
  /** Its files that others than their owner and group may read or write, with their modes. */
  readonly openFiles: readonly { readonly path: string; readonly mode: string }[];
  /** What holds the oldest snapshot; null: nothing does, or it cannot be known. */
  readonly oldestSnapshot: Snapshot | null;
  /** Who reads the outbox. */
  readonly consumers: readonly ConsumerLag[];
}

/** A table or an index, and how much room it takes. */
export interface RelationSize {
  /** Its name. */
  readonly name: string;
  /** Whether it is an index. */
  readonly isIndex: boolean;
  /** Its size. */
  readonly bytes: number;
}

/** A directory that scripts may be in. */
export interface DirectoryFacts {
  /** The directory, as the settings name it. */
  readonly path: string;
  /** Why scripts in it cannot be run, in a sentence's end; null: they can. */
  readonly problem: string | null;
}
