/**
 * What other systems keep about jobs, as definitions and history of this one: pure decisions, without a database.
 *
 * @module
 */
export * from "./crontab.ts";
export * from "./reflex_jobs.ts";
export * from "./reflex_runs.ts";
export * from "./reflex_schedule.ts";
export * from "./systemd_calendar.ts";
export { type PlannedTimer, planTimer, serviceOf, type TimerProblem } from "./systemd_timers.ts";
export { spanSeconds } from "./systemd_unit.ts";
