/**
 * From ends to rows of `run_statistics` and back, for both databases.
 *
 * @module
 */
import { z } from "zod";
import {
  bucketOf,
  type Counts,
  EXECUTION_STATUSES,
  type Grain,
  type Histogram,
  NO_COUNTS,
  periodOf,
  sumTallies,
  type Tally,
  type TallyOfJob,
  type TallyOfPeriod,
} from "../domain/mod.ts";
import { instant, ofJob, type Row } from "./rows.ts";

/** The columns of a row that counts are in. */
export const COUNTED = ["success", "failure", "error", "timeout", "cancelled", "not_run"] as const;

/** All columns of a row. */
export const TALLY_COLUMNS: readonly string[] = [
  "grain",
  "job_id",
  "host",
  "at",
  ...COUNTED,
  "busy_ms",
  "durations",
  "delays",
];

/** Which row of `run_statistics`. */
export interface TallyKey {
  readonly grain: Grain;
  /** 0: all jobs. */
  readonly jobId: number;
  /** Empty: all hosts. */
  readonly host: string;
  readonly at: number;
}

/** Numbers to add to a row of `run_statistics`, or the row. */
export type KeyedTally = TallyKey & Tally;

const factRow = z.object({
  at: instant,
  job_id: z.number(),
  execution: z.enum(EXECUTION_STATUSES).nullable(),
  skipped: z.number().nullable(),
  started_at: instant.nullable(),
  available_at: instant.nullable(),
  duration_ms: z.number().nullable(),
  host: z.string().nullable(),
});

/**
 * What rows of events, or of executions, add to which rows of `run_statistics`. Their columns: at, job_id, execution (null: occurrences
 * did not run, `skipped` of them), and of the attempt started_at, available_at, duration_ms and the host of its worker.
 */
export function tallied(rows: readonly Row[]): readonly KeyedTally[] {
  const tallies = new Map<string, { key: TallyKey; parts: Tally[] }>();
  for (const row of rows) {
    const fact = factRow.parse(row);
    const tally = tallyOf(fact);
    for (const grain of ["hour", "day"] as const) {
      const at = periodOf(fact.at, grain);
      const hosts = fact.host === null ? [] : [{ jobId: 0, host: fact.host }];
      for (const of of [{ jobId: 0, host: "" }, { jobId: fact.job_id, host: "" }, ...hosts]) {
        const key = { grain, ...of, at };
        const name = nameOf(key);
        const entry = tallies.get(name);
        if (entry === undefined) tallies.set(name, { key, parts: [tally] });
        else entry.parts.push(tally);
      }
    }
  }
  // In the order of the key, so that writers of rows never wait for each other in a circle.
  return [...tallies.values()].map(({ key, parts }) => ({ ...key, ...sumTallies(parts) }))
    .toSorted((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
}

function tallyOf(fact: z.infer<typeof factRow>): Tally {
  const { execution, skipped, started_at: startedAt, available_at: availableAt, duration_ms: durationMs } = fact;
  const hasRun = startedAt !== null && durationMs !== null;
  return {
    counts: { ...NO_COUNTS, [execution ?? "NOT_RUN"]: execution === null ? skipped ?? 0 : 1 },
    busyMs: hasRun ? durationMs : 0,
    durations: hasRun ? new Map([[bucketOf(durationMs), 1]]) : new Map(),
    delays: startedAt === null || availableAt === null ? new Map() : new Map([[bucketOf(startedAt - availableAt), 1]]),
  };
}

/** Rows with what is added to them; `rows` are those that are there already. */
export function added(tallies: readonly KeyedTally[], rows: readonly Row[]): readonly KeyedTally[] {
  const present = new Map(rows.map((row) => {
    const tally = toKeyedTally(row);
    return [nameOf(tally), tally];
  }));
  return tallies.map((tally) => {
    const before = present.get(nameOf(tally));
    return before === undefined ? tally : { ...tally, ...sumTallies([before, tally]) };
  });
}

/** A name for a key. */
function nameOf({ grain, jobId, host, at }: TallyKey): string {
  return JSON.stringify([grain, jobId, host, at]);
}

const numbers = {
  success: z.number(),
  failure: z.number(),
  error: z.number(),
  timeout: z.number(),
  cancelled: z.number(),
  not_run: z.number(),
  busy_ms: z.number(),
};
const buckets = z.string().transform((text): Histogram => parseHistogram(text));
const tally = { ...numbers, durations: buckets, delays: buckets };

const keyedRow = z.object({
  grain: z.enum(["hour", "day"]),
  job_id: z.number(),
  host: z.string(),
  at: instant,
  ...tally,
});
const periodRow = z.object({ at: instant, ...tally });
const countsRow = z.object({ at: instant, ...numbers });
const jobRow = z.object({ job_id: ofJob, ...tally });
const hostRow = z.object({ host: z.string(), ...tally });

function toKeyedTally(row: Row): KeyedTally {
  const { grain, job_id: jobId, host, at, ...rest } = keyedRow.parse(row);
  return { grain, jobId, host, at, ...tallyIn(rest) };
}

/** The rows of a series: those of one hour or day are added up. */
export function toSeries(rows: readonly Row[]): readonly TallyOfPeriod[] {
  return [...grouped(rows.map((row) => periodRow.parse(row)), ({ at }) => at)]
    .map(([at, parts]) => ({ at, ...sumTallies(parts.map(tallyIn)) }));
}

/** The rows of a series without histograms. */
export function toCountedSeries(rows: readonly Row[]): readonly TallyOfPeriod[] {
  return rows.map((row) => countsRow.parse(row))
    .map((row) => ({ at: row.at, ...numbersIn(row), durations: new Map(), delays: new Map() }));
}

/** The rows of some jobs, those of each job added up. */
export function toTalliesOfJobs(rows: readonly Row[]): readonly TallyOfJob[] {
  return [...grouped(rows.map((row) => jobRow.parse(row)), ({ job_id }) => job_id)]
    .map(([jobId, parts]) => ({ jobId, ...sumTallies(parts.map(tallyIn)) }));
}

/** The rows of hosts, those of each host added up. */
export function toTalliesOfHosts(rows: readonly Row[]): readonly (Tally & { readonly host: string })[] {
  return [...grouped(rows.map((row) => hostRow.parse(row)), ({ host }) => host)]
    .map(([host, parts]) => ({ host, ...sumTallies(parts.map(tallyIn)) }));
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, readonly Item[]> {
  return Map.groupBy(items, keyOf);
}

type NumberColumns = Readonly<Record<typeof COUNTED[number] | "busy_ms", number>>;

function numbersIn(row: NumberColumns): { readonly counts: Counts; readonly busyMs: number } {
  const { success, failure, error, timeout, cancelled, not_run: skipped, busy_ms: busyMs } = row;
  const counts = {
    SUCCESS: success,
    FAILURE: failure,
    ERROR: error,
    TIMEOUT: timeout,
    CANCELLED: cancelled,
    NOT_RUN: skipped,
  };
  return { counts, busyMs };
}

function tallyIn(row: NumberColumns & { readonly durations: Histogram; readonly delays: Histogram }): Tally {
  return { ...numbersIn(row), durations: row.durations, delays: row.delays };
}

/** The values of a row, in the order of `TALLY_COLUMNS`; `at` in milliseconds. */
export function valuesOf(
  { grain, jobId, host, at, counts, busyMs, durations, delays }: KeyedTally,
): readonly (string | number)[] {
  return [
    grain,
    jobId,
    host,
    at,
    counts.SUCCESS,
    counts.FAILURE,
    counts.ERROR,
    counts.TIMEOUT,
    counts.CANCELLED,
    counts.NOT_RUN,
    busyMs,
    formatHistogram(durations),
    formatHistogram(delays),
  ];
}

function formatHistogram(histogram: Histogram): string {
  return JSON.stringify([...histogram].toSorted(([a], [b]) => a - b).flat());
}

const flat = z.array(z.number());

function parseHistogram(text: string): Histogram {
  const list = flat.parse(JSON.parse(text));
  const counts = new Map<number, number>();
  for (let index = 0; index + 1 < list.length; index += 2) counts.set(list[index] ?? 0, list[index + 1] ?? 0);
  return counts;
}
