/**
 * Statistics against the events they are counted from: each counted once, whoever died.
 *
 * @module
 */
import { type Counts, type Grain, NO_COUNTS, periodOf, type RunEvent } from "../../shared/domain/mod.ts";
import type { Complaint } from "./transitions.ts";

/** A row of `run_statistics` of one job or all jobs. */
export interface TallyRow {
  readonly grain: Grain;
  /** 0: all jobs. */
  readonly jobId: number;
  readonly at: number;
  readonly counts: Counts;
}

/** The errors in what was counted, once all is counted. */
export function tallyComplaints(rows: readonly TallyRow[], events: readonly RunEvent[]): readonly Complaint[] {
  const expected = new Map<string, Record<keyof Counts, number>>();
  for (const event of events) {
    for (const grain of ["hour", "day"] as const) {
      for (const jobId of [0, Number(event.jobId)]) {
        const name = nameOf({ grain, jobId, at: periodOf(event.at, grain) });
        const counts = expected.get(name) ?? { ...NO_COUNTS };
        if (event.kind === "ended") counts[event.execution]++;
        else counts.NOT_RUN += event.count;
        expected.set(name, counts);
      }
    }
  }
  const found = new Map(rows.map((row) => [nameOf(row), row.counts]));
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((name) => {
    const [events, statistics] = [expected.get(name), found.get(name)].map((counts) => JSON.stringify(counts));
    return events === statistics ? [] : [`${name}: statistics say ${statistics}, events say ${events}`];
  });
}

function nameOf({ grain, jobId, at }: Omit<TallyRow, "counts">): string {
  return `the ${grain} ${new Date(at).toISOString()} of ${jobId === 0 ? "all jobs" : `job ${jobId}`}`;
}
