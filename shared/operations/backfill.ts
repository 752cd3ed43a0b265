/**
 * A backfill as a person asks for it: from what was typed to the times that would run, what the schedule made of them, and the runs.
 *
 * @module
 */
import { type Dispatch, type EpochMs, epochMs, type Job, type JobId, type LedgerEntry } from "../domain/mod.ts";
import { occurrencesOf } from "../policy/mod.ts";
import { byOf, MOST_BACKFILLED } from "../store/store.ts";
import type { StoreReader } from "../store/store_reader.ts";
import { MAX_AT_ONCE, readBound } from "../api/mod.ts";
import { authorize, jobTarget } from "./authorize.ts";
import { type OperationContext, WHOLE } from "./context.ts";
import { getJob } from "./jobs.ts";

/** The fields of the form, as typed. */
export const BACKFILL_FIELDS = ["from", "to", "at_once"] as const;
/** One of {@linkcode BACKFILL_FIELDS}. */
export type BackfillField = typeof BACKFILL_FIELDS[number];
/** What stands in the form. */
export type BackfillFields = Readonly<Record<BackfillField, string>>;
/** What is wrong with it. */
export type BackfillProblems = Readonly<Partial<Record<BackfillField, string>>>;

/** What a backfill would do. */
export interface BackfillPlan {
  /** Start of the range; both ends count. */
  readonly from: EpochMs;
  /** End of the range. */
  readonly until: EpochMs;
  /** How many of its runs may run at once. */
  readonly atOnce: number;
  /** The occurrences of the job's schedule in between, oldest first. */
  readonly times: readonly EpochMs[];
}

/** What the schedule made of an occurrence: a run, or a ledger entry that it lies in; null: nothing is known. */
export type Known = { readonly run: Dispatch } | { readonly entry: LedgerEntry } | null;

/**
 * Plans what was typed; times without an offset are in the job's zone, one without a date is the last such time. What ends the
 * range counts whole: a day, a minute, both showings of one that clocks show twice. For a time that they skip the moment after
 * the gap counts.
 */
export function planBackfill(
  job: Job,
  fields: BackfillFields,
  now: EpochMs,
): { readonly plan: BackfillPlan } | { readonly problems: BackfillProblems } {
  const problems: Partial<Record<BackfillField, string>> = {};
  const read = <Value>(name: BackfillField, parse: (text: string) => Value): Value | null => {
    try {
      return parse(fields[name].trim());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems[name] = error.message;
      return null;
    }
  };
  const context = { now, zone: job.timezone };
  const from = read("from", (text) => pastOf(readBound(text, context).from, now));
  // Times to come are the schedule's own.
  const until = read("to", (text) => epochMs(Math.min(now, readBound(text, context).until)));
  const atOnce = read("at_once", readAtOnce);
  if (from !== null && until !== null && until < from) problems.to = "it is before the beginning";
  if (from === null || until === null || atOnce === null || until < from) return { problems };

  const occurrences = occurrencesOf(job, job.nextRun);
  const count = occurrences.stretch(from, until)?.count ?? 0;
  if (count > MOST_BACKFILLED) {
    const most = MOST_BACKFILLED.toLocaleString("en");
    const found = count.toLocaleString("en");
    return { problems: { to: `there are ${found} times until then, expected at most ${most}: narrow the range` } };
  }
  const times: EpochMs[] = [];
  for (let at = occurrences.next(epochMs(from - 1)); at !== null && at <= until; at = occurrences.next(at)) {
    times.push(at);
  }
  return { plan: { from, until, atOnce, times } };
}

/** What the schedule made of each time of a plan; null where there are more than can be asked for at once. */
export async function knownOf(
  store: StoreReader,
  job: Job,
  { from, until, times }: BackfillPlan,
): Promise<readonly Known[] | null> {
  if (times.length > MOST_KNOWN) return null;
  const { runs, ledger } = await store.runs.occurrences(job.id, { from, until });
  return times.map((at) => {
    const run = runs.findLast(({ scheduledFor }) => scheduledFor === at);
    const entry = ledger.find(({ firstAt, lastAt }) => firstAt <= at && at <= lastAt);
    return run !== undefined ? { run } : entry !== undefined ? { entry } : null;
  });
}

/**
 * Writes the runs of a plan. The same `key` for the same job writes them once; answers how many were written.
 * @throws {NotFound} when there is no such job. @throws {Forbidden}
 */
export async function backfillJob(
  context: OperationContext,
  { id, key, plan: { times, atOnce } }: {
    readonly id: JobId;
    readonly key: string;
    readonly plan: Pick<BackfillPlan, "times" | "atOnce">;
  },
): Promise<number> {
  const { store } = context;
  await authorize(context, "jobs.run", jobTarget(await getJob(store, id)));
  return await store[WHOLE].runs.backfill({ jobId: id, times, backfill: { id: key, atOnce }, ...byOf(context) });
}

/** Most occurrences that the store answers for. */
const MOST_KNOWN = 200;

function pastOf(from: EpochMs, now: EpochMs): EpochMs {
  if (from <= now) return from;
  throw new RangeError("it is yet to come, expected a time that has been");
}

function readAtOnce(text: string): number {
  const atOnce = text === "" ? 1 : /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (atOnce >= 1 && atOnce <= MAX_AT_ONCE) return atOnce;
  throw new RangeError(`found "${text}", expected a whole number of runs from 1 to ${MAX_AT_ONCE}`);
}
