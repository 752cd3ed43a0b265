/**
 * What happened to runs since this portal began to count, as counters that only grow.
 *
 * The statistics of a day are read again at each scrape, and what was added since the last time is added here: so a scrape reads the
 * rows of a few days, however long the history is, and a portal that starts again begins with nothing, as counters may.
 *
 * @module
 */
import {
  type Counts,
  type EpochMs,
  epochMs,
  EXECUTION_STATUSES,
  GRAIN_MS,
  type Histogram,
  NO_COUNTS,
  periodOf,
  sumTallies,
  type Tally,
  type Trigger,
  TRIGGERS,
} from "@jobtrigger/shared/domain";
import type { StoreReader } from "@jobtrigger/shared/store";
import type { Metric, Times } from "./exposition.ts";

/** How many days are read: a run may be counted after midnight that ended before. */
const DAYS = 3;
/** Dispatches are counted once they are this old, in milliseconds: by then the transactions of their time have ended. */
const SETTLED_MS = 10_000;
/** Most dispatches that one scrape counts. */
const MOST_NEW = 50_000;
/** Every how many buckets of the statistics a histogram has a bound, about a factor of 2, so that its counts are exact. */
const STEP = 8;
const LAST_BUCKET = 192;

const NOTHING: Tally = sumTallies([]);

/** Counts runs. */
export class RunCounts {
  readonly #store: Pick<StoreReader, "statistics" | "diagnostics">;
  #days: ReadonlyMap<EpochMs, Tally> | null = null;
  #total: Tally = NOTHING;
  #last: number | null = null;
  readonly #dispatched = new Map<Trigger, number>(TRIGGERS.map((trigger) => [trigger, 0]));

  constructor(store: Pick<StoreReader, "statistics" | "diagnostics">) {
    this.#store = store;
  }

  /** Counts what has happened since the last call, and answers all of it. One call at a time. */
  async metrics(now: EpochMs): Promise<readonly Metric[]> {
    await this.#countEnds(now);
    await this.#countDispatches(now);
    const { counts, durations, delays, busyMs } = this.#total;
    return [
      {
        name: "jobtrigger_dispatches_total",
        help: "Attempts that were written into the queue, by what caused them.",
        type: "counter",
        samples: [...this.#dispatched].map(([trigger, value]) => ({ labels: { trigger }, value })),
      },
      {
        name: "jobtrigger_runs_ended_total",
        help: "Attempts that ended, by how.",
        type: "counter",
        samples: EXECUTION_STATUSES.map((status) => ({
          labels: { status: status.toLowerCase() },
          value: counts[status],
        })),
      },
      {
        name: "jobtrigger_occurrences_not_run_total",
        help: "Occurrences that did not run: missed, skipped because an earlier run had not ended, or no longer valid.",
        type: "counter",
        samples: [{ value: counts.NOT_RUN }],
      },
      {
        name: "jobtrigger_run_duration_seconds",
        help: "From the start of a script to its end.",
        type: "histogram",
        times: [timesOf(durations, busyMs / 1000)],
      },
      {
        name: "jobtrigger_run_start_delay_seconds",
        help: "From when an attempt could have started to its start. The sum is off by at most 5 %.",
        type: "histogram",
        times: [timesOf(delays, sumOf(delays))],
      },
    ];
  }

  async #countEnds(now: EpochMs): Promise<void> {
    const until = epochMs(periodOf(now, "day") + GRAIN_MS.day);
    const range = { grain: "day", from: epochMs(until - DAYS * GRAIN_MS.day), until } as const;
    const days = new Map<EpochMs, Tally>(
      (await this.#store.statistics.series(range)).map(({ at, ...tally }) => [at, tally]),
    );
    const before = this.#days;
    if (before !== null) {
      const added = [...days].map(([at, tally]) => difference(tally, before.get(at) ?? NOTHING));
      this.#total = sumTallies([this.#total, ...added]);
    }
    this.#days = days;
  }

  async #countDispatches(now: EpochMs): Promise<void> {
    const until = epochMs(now - SETTLED_MS);
    const { last, counts } = await this.#store.diagnostics.dispatched({ after: this.#last, until, limit: MOST_NEW });
    if (last !== null) this.#last = last;
    for (const [trigger, count] of counts) this.#dispatched.set(trigger, (this.#dispatched.get(trigger) ?? 0) + count);
  }
}

/** What `after` has beyond `before`. Statistics that were counted anew have less: then nothing. */
function difference(after: Tally, before: Tally): Tally {
  const counts: Counts = {
    ...NO_COUNTS,
    ...Object.fromEntries(
      ([...EXECUTION_STATUSES, "NOT_RUN"] as const).map((
        key,
      ) => [key, Math.max(0, after.counts[key] - before.counts[key])]),
    ),
  };
  return {
    counts,
    busyMs: Math.max(0, after.busyMs - before.busyMs),
    durations: without(after.durations, before.durations),
    delays: without(after.delays, before.delays),
  };
}

function without(after: Histogram, before: Histogram): Histogram {
  return new Map([...after].map(([bucket, count]) => [bucket, Math.max(0, count - (before.get(bucket) ?? 0))]));
}

function timesOf(histogram: Histogram, sum: number): Times {
  const entries = [...histogram];
  const upTo = (most: number) => entries.reduce((total, [bucket, count]) => bucket <= most ? total + count : total, 0);
  const bounds = Array.from({ length: LAST_BUCKET / STEP + 1 }, (_, index) => index * STEP);
  return {
    buckets: bounds.map((bucket) => [secondsOf(bucket), upTo(bucket)]),
    count: upTo(Infinity),
    sum,
  };
}

function sumOf(histogram: Histogram): number {
  return [...histogram].reduce((sum, [bucket, count]) => sum + count * secondsOf(bucket - 0.5), 0);
}

/** The upper bound of a bucket of `shared/domain/histogram.ts`, to four digits. */
function secondsOf(bucket: number): number {
  return Number((1.1 ** bucket / 1000).toPrecision(4));
}
