import {
  type Counts,
  endedOf,
  failedOf,
  QUANTILE_ERROR,
  quantileOf,
  type RunBar,
  type Statistics,
  successRateOf,
  type Tally,
  type Timeline,
} from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { StatisticsShown, TallyShown, TimelineShown } from "./schemas/time.ts";

/** A tally as programs are shown it. */
function tallyForm({ counts, busyMs, durations, delays }: Tally): TallyShown {
  const ms = (histogram: Tally["durations"], part: number) => {
    const found = quantileOf(histogram, part);
    return found === null ? null : Math.round(found);
  };
  return {
    success_rate: successRateOf(counts),
    ended: endedOf(counts),
    failed: failedOf(counts),
    counts: countsForm(counts),
    busy_ms: busyMs,
    duration_ms: { p50: ms(durations, 0.5), p95: ms(durations, 0.95), p99: ms(durations, 0.99) },
    start_delay_ms: { p50: ms(delays, 0.5), p95: ms(delays, 0.95), p99: ms(delays, 0.99) },
  };
}

function countsForm({ SUCCESS, FAILURE, ERROR, TIMEOUT, CANCELLED, NOT_RUN }: Counts): TallyShown["counts"] {
  return {
    success: SUCCESS,
    failure: FAILURE,
    error: ERROR,
    timeout: TIMEOUT,
    cancelled: CANCELLED,
    not_run: NOT_RUN,
  };
}

/** Statistics as programs are shown them. */
export function statisticsForm(statistics: Statistics): StatisticsShown {
  const { grain, from, until, total, periods, jobs, rankedFrom, hosts, progress } = statistics;
  return {
    grain,
    from: isoUtc(from),
    until: isoUtc(until),
    percentile_error: QUANTILE_ERROR,
    total: tallyForm(total),
    periods: periods.map((one) => ({ at: isoUtc(one.at), ...tallyForm(one) })),
    jobs: jobs.map((one) => ({ job_id: one.jobId, name: one.name, ...tallyForm(one) })),
    ranked_from: isoUtc(rankedFrom),
    hosts: hosts === null ? null : hosts.map((one) => ({ host: one.host, ...tallyForm(one) })),
    is_counted: progress.isFilled && progress.uncountedSince === null,
    uncounted_since: progress.uncountedSince === null ? null : isoUtc(progress.uncountedSince),
  };
}

/** A timeline as programs are shown it. */
export function timelineForm({ rows, lookedAt, next }: Timeline): TimelineShown {
  return {
    items: rows.map(({ job, runs, dense, planned, plannedCount, plannedFirst, plannedLast }) => ({
      job_id: job.id,
      name: job.name,
      runs: runs.map(barForm),
      is_cut: dense !== null,
      periods: dense === null ? [] : dense.tallies.map(({ at, counts }) => ({
        at: isoUtc(at),
        grain: dense.grain,
        counts: countsForm(counts),
      })),
      planned: planned.map(isoUtc),
      planned_count: plannedCount,
      planned_first: plannedFirst === null ? null : isoUtc(plannedFirst),
      planned_last: plannedLast === null ? null : isoUtc(plannedLast),
    })),
    looked_at: lookedAt,
    next,
  };
}

function barForm(
  { id, status, availableAt, startedAt, endedAt }: RunBar,
): TimelineShown["items"][number]["runs"][number] {
  return {
    id,
    status,
    available_at: isoUtc(availableAt),
    started_at: startedAt === null ? null : isoUtc(startedAt),
    completed_at: endedAt === null ? null : isoUtc(endedAt),
  };
}
