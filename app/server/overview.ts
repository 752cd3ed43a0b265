import { visibleLabels } from "@jobtrigger/shared/access";
import {
  type BulkChange,
  type Dispatch,
  type EpochMs,
  epochMs,
  type FailingJob,
  type JobSummary,
  LATE_MS,
  type Service,
  type TallyOfPeriod,
  type Worker,
} from "@jobtrigger/shared/domain";
import { interruptedBulk } from "@jobtrigger/shared/operations";
import { lostServices, type SystemStatus } from "@jobtrigger/shared/policy";
import { planMonth } from "./month_plan.ts";
import { operating } from "./operating.ts";
import type { State } from "./state.ts";

const HOUR_MS = 3_600_000;
/** How many hours the bar has. */
const HOURS = 24;
/** How many hours ahead it counts what is planned. */
const HOURS_AHEAD = 6;
/** With more jobs than this it does not count, because it would always be counting; the calendar does. */
const MOST_PLANNED = 2_000;
/** How long one request counts, in milliseconds. */
const COUNT_MS = 5;
/** How long the count is kept: a new job is in it after this time at the latest. */
const KEPT_MS = 60_000;
/** Most failing jobs that are named. */
const MOST_FAILING = 8;
/** Most late jobs that are named. */
const MOST_LATE = 5;
/** How many next runs are named. */
const NEXT_RUNS = 10;
const LAST_FAILURES = 6;
/** Among how many of the newest failed runs they are looked for: a run that was made earlier may end later. */
const FAILURES_READ = 30;
/** Most running runs that are named. */
const MOST_RUNNING = 5;

/** What the overview shows beside the status. */
export interface Overview {
  readonly status: SystemStatus;
  readonly failing: readonly FailingJob[];
  readonly late: readonly JobSummary[];
  readonly lost: { readonly schedulers: readonly Service[]; readonly workers: readonly Worker[] };
  readonly next: readonly JobSummary[];
  readonly running: readonly Dispatch[];
  /** The last to end first. */
  readonly lastFailures: readonly Dispatch[];
  /** The last 24 hours, the oldest first; hours in which nothing ended are absent. */
  readonly hours: readonly TallyOfPeriod[];
  /** When the first of these hours begins. */
  readonly hoursFrom: EpochMs;
  /** How many runs are planned in each of the next whole hours; empty: that is not known. */
  readonly planned: readonly number[];
  /** A change of many jobs of the reader that does not go on by itself; null: there is none. */
  readonly interrupted: BulkChange | null;
  /** Whether there is a job that the reader may see. */
  readonly hasJobs: boolean;
}

/** Reads the overview: a bounded number of rows, however many jobs and runs there are. */
export async function readOverview(state: State): Promise<Overview> {
  const { portal: { store, statusReads, kept }, access, view: { now } } = state;
  const ofRuns = visibleLabels(access, "runs.read");
  const until = epochMs(Math.floor(now / HOUR_MS + 1) * HOUR_MS);
  const hoursFrom = epochMs(until - HOURS * HOUR_MS);
  const ofHours = { grain: "hour", from: hoursFrom, until, visible: ofRuns, countsOnly: true } as const;
  const [status, failing, jobs, running, runs, services, workers, hours, plan, interrupted] = await Promise.all([
    statusReads.read({ access, now }),
    store.jobs.failing({ visible: ofRuns, limit: MOST_FAILING }),
    store.jobs.list({
      sort: "nextRun",
      visible: visibleLabels(access, "jobs.read"),
      limit: MOST_LATE + NEXT_RUNS,
    }),
    store.runs.list({ statuses: ["IN_PROGRESS"], visible: ofRuns, limit: MOST_RUNNING }),
    store.runs.list({ statuses: ["FAILED", "TIMEOUT"], visible: ofRuns, limit: FAILURES_READ }),
    store.services.list(),
    store.workers.list(),
    kept.hours.read(ofHours, () => store.statistics.series(ofHours)),
    planMonth(store, {
      hours: { from: until, until: epochMs(until + HOURS_AHEAD * HOUR_MS) },
      visible: visibleLabels(access, "jobs.read"),
      now,
      elapsed: () => performance.now(),
      countMs: COUNT_MS,
      keptMs: KEPT_MS,
      mostJobs: MOST_PLANNED,
    }),
    interruptedBulk(operating(state)),
  ]);
  const due = jobs.items.filter(({ nextRun }) => nextRun !== null);
  const isLate = ({ nextRun }: JobSummary) => nextRun !== null && now - nextRun >= LATE_MS;
  return {
    status,
    failing,
    late: due.filter(isLate).slice(0, MOST_LATE),
    lost: lostServices({ services, workers, now }),
    next: due.filter((job) => !isLate(job)).slice(0, NEXT_RUNS),
    running: running.items,
    lastFailures: runs.items.toSorted((a, b) => endOf(b) - endOf(a)).slice(0, LAST_FAILURES),
    hours,
    hoursFrom,
    planned: plan.isDone ? plan.counts : [],
    interrupted,
    hasJobs: jobs.items.length > 0,
  };
}

function endOf({ state }: Dispatch): number {
  return "completedAt" in state ? state.completedAt : 0;
}
