/**
 * What the scheduler, the workers, the portal and jobctl share. Each room has an entry of its own; this one lists them:
 *
 * - `./domain`: jobs, dispatches, workers, errors (types, pure)
 * - `./schedule`: when a job is due (pure)
 * - `./policy`: what becomes of a due job and of a failed attempt (pure)
 * - `./store`: the database behind one contract; `./migrations`: its schema, which opening it needs
 * - `./api`: what people and programs say and are shown
 * - `./operations`: the one door for changes of jobs and runs
 * - `./config`, `./log`, `./time`, `./scripts`: settings, log, clock and formats, script directories
 *
 * @module
 */
export * as domain from "./domain/mod.ts";
export * as policy from "./policy/mod.ts";
export * as schedule from "./schedule/mod.ts";
