/**
 * The part of the store's contract for statistics: what happened in each hour and day, counted from the outbox.
 *
 * A page that counted runs would take longer the longer the history is. So the scheduler counts each end, and each occurrence that did
 * not run, once, into rows of hours and days. It is a consumer of the outbox by the name {@linkcode STATISTICS}: the transaction that
 * adds events to the rows moves the consumer's position, from where the events were read. So of two schedulers that read the same
 * events one adds them, and one that dies has added all of a batch or nothing. Events are kept until they are counted.
 *
 * What had ended before the consumer began has no event any more. The first count goes through `job_execution_logs`, newest first, and
 * keeps its own position in the same way. When the consumer begins, no attempt is ending, and the runs that are open, or whose event is
 * still there, are noted: those the outbox counts, the first count all others. If somebody makes the outbox forget the consumer, all
 * that is still there is counted anew.
 *
 * A row belongs to the hour in which an attempt ended, by the clock of who ended it, or in which it was decided that an occurrence
 * does not run.
 *
 * @module
 */
import type {
  CountProgress,
  EpochMs,
  Grain,
  JobId,
  Ranking,
  Tally,
  TallyOfHost,
  TallyOfJob,
  TallyOfPeriod,
  TallyRange,
} from "../domain/mod.ts";
import type { Visible } from "./page.ts";

/** The consumer of the outbox that counts. */
export const STATISTICS = "statistics";

/** Most rows that a question about some jobs adds up with their histograms; beyond, percentiles are not known. */
export const MOST_TALLIES = 20_000;

/** Counts, and answers what was counted. */
export interface StatisticsStore {
  /**
   * Counts up to `limit` events of the outbox and up to `limit` runs of the first count. Answers how many; 0 means that all is counted
   * that can be counted now.
   */
  rollUp(pass: { readonly limit: number }): Promise<number>;
  /** Deletes up to `limit` rows of a grain that begin before an instant. Answers how many. */
  pruneTallies(pass: TallyPass): Promise<number>;
  /** How far the count is. */
  progress(): Promise<CountProgress>;
  /** What happened in each hour or day of a range, oldest first; those in which nothing happened are left out. */
  series(query: SeriesQuery): Promise<readonly TallyOfPeriod[]>;
  /** What happened to each of some jobs in a range; jobs to which nothing happened are left out. */
  ofJobs(query: JobTalliesQuery): Promise<readonly TallyOfJob[]>;
  /** What happened on each worker's host in a range, by the host's name. */
  ofHosts(range: TallyRange): Promise<readonly TallyOfHost[]>;
  /** The jobs of a range that come first by a ranking; of jobs that are equal, the oldest first. None is worth nothing. */
  ranked(query: RankedQuery): Promise<RankedJobs>;
}

/** Of which runs. */
export interface SeriesQuery extends TallyRange {
  /** Those of jobs with one of these labels. Default: all. */
  readonly visible?: Visible;
  /** Of these, those of jobs that have, of each of these groups, one of its labels. */
  readonly labels?: readonly (readonly string[])[];
  /** Of these, those of one job. */
  readonly jobId?: JobId;
  /** Those on one host, in place of the three. */
  readonly host?: string;
  /** Without histograms, which take longest. Default: with. */
  readonly countsOnly?: boolean;
}

/** Of which jobs. */
export interface JobTalliesQuery extends TallyRange {
  /** At most `MOST_IDS`. */
  readonly jobIds: readonly JobId[];
}

/** Which jobs are ranked, and by what. */
export interface RankedQuery extends TallyRange {
  /** By what. */
  readonly ranking: Ranking;
  /** Most jobs in the answer. */
  readonly limit: number;
  /** How many rows are added up: whole hours or days, newest first, until they are at least as many. */
  readonly rows: number;
  /** Jobs with one of these labels. Default: all. */
  readonly visible?: Visible;
  /** Of these, those that have, of each of these groups, one of its labels. */
  readonly labels?: readonly (readonly string[])[];
}

/** Jobs that come first. */
export interface RankedJobs {
  /** Their ids, the first first. */
  readonly jobIds: readonly JobId[];
  /** From when on they were ranked: later than the beginning of the range where it has more rows. */
  readonly rankedFrom: EpochMs;
}

/** One pass over old rows. */
export interface TallyPass {
  /** Rows of this grain. */
  readonly grain: Grain;
  /** Rows that begin before this instant are old. */
  readonly before: EpochMs;
  /** Most rows that are deleted. */
  readonly limit: number;
}

/** What a tally holds without its histograms. */
export type Numbers = Omit<Tally, "durations" | "delays">;
