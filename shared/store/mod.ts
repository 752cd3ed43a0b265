/**
 * The store: its contract ({@linkcode Store}) and {@linkcode openStore}, which entry points alone call.
 *
 * @module
 */
export * from "./store.ts";
export { backupDatabase, type BackupOptions } from "./backup.ts";
export { checkDatabase } from "./check.ts";
export * from "./copy/mod.ts";
export * from "./database_clock.ts";
export type { Finding } from "./finding.ts";
export * from "./migration.ts";
export * from "./open.ts";
export * from "./permissions.ts";
export * from "./presence.ts";
export { type ReflexSource, withReflex } from "./reflex/mod.ts";
export { restoreDatabase, type RestoreOptions, type RestoreReport } from "./restore.ts";
export type { StoreReader } from "./store_reader.ts";
