import type { RunTotals } from "../../shared/domain/mod.ts";

/** No run waits, runs or failed, and no job is late. */
export const NOTHING: RunTotals = {
  running: 0,
  waiting: 0,
  waitingSince: null,
  failed: 0,
  late: 0,
  lateSince: null,
  failing: 0,
  failingSince: null,
};
