/**
 * The jobs of simulations, of all kinds.
 *
 * @module
 */
import { DEFAULT_POLICIES, type EpochMs, type JobDefinition } from "../../shared/domain/mod.ts";
import type { Schedule } from "../../shared/schedule/mod.ts";
import type { Random } from "../support/random.ts";

/** A job that is due a few times within the minutes that a simulation lasts from `start` on, or never by itself. */
export function drawJob(random: Random, name: string, start: EpochMs): JobDefinition {
  return {
    name,
    key: null,
    labels: [],
    scriptPath: `${name}.sh`,
    scriptArgs: [],
    ...drawTimes(random, start),
    policies: {
      ...DEFAULT_POLICIES,
      timeoutSeconds: random.pick([null, 5, 20]),
      retry: { ...DEFAULT_POLICIES.retry, max: random.pick([null, 0, 1, 3]) },
      misfire: {
        kind: random.pick(["run_latest", "run_all", "skip"]),
        graceSeconds: 20,
        limit: 2,
        catchupSeconds: null,
      },
      overlap: random.pick(["skip", "queue_one", "queue_all", "cancel_running", "allow"]),
      priority: random.int(0, 2),
      concurrency: random.pick([null, null, { key: "shared", limit: 1 }]),
    },
  };
}

/** When a job is due. */
export function drawTimes(random: Random, start: EpochMs): Pick<JobDefinition, "schedule" | "timezone"> {
  return { schedule: drawSchedule(random, start), timezone: random.pick(["UTC", "Europe/Berlin", "Asia/Kolkata"]) };
}

function drawSchedule(random: Random, start: EpochMs): Schedule {
  const inUtc = (ms: number) => new Date(start + ms).toISOString();
  switch (random.int(0, 6)) {
    case 0:
      return { kind: "manual" };
    case 1:
      return { kind: "once", at: inUtc(random.int(10_000, 120_000)).slice(0, 19) };
    case 2:
      return { kind: "daily", time: inUtc(random.int(10_000, 120_000)).slice(11, 19) };
    case 3:
      return { kind: "cron", expression: `*/${random.pick([5, 15, 20, 30])} * * * * *` };
    case 4:
      return { kind: "interval", everySeconds: random.pick([7, 20, 45]), anchor: inUtc(-random.int(0, 60_000)) };
    default:
      return { kind: "interval", everySeconds: random.pick([5, 15, 30, 60]) };
  }
}
