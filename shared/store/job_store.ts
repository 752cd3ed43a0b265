import type {
  EndedRun,
  EpochMs,
  FailingJob,
  Job,
  JobDefinition,
  JobId,
  JobRevision,
  JobState,
  JobSummary,
  LedgerEntry,
} from "../domain/mod.ts";
import type { By } from "./by.ts";
import type { FailingQuery } from "./failing.ts";
import type { Page, Visible } from "./page.ts";

export type { FailingQuery } from "./failing.ts";

/** Most jobs of one name that are answered. */
export const MOST_NAMESAKES = 10;

/**
 * Jobs and their definitions. A deleted job is invisible here; its runs and its revisions stay until they are pruned. Each change
 * that gives a job another revision writes one {@linkcode JobRevision} in the same transaction.
 */
export interface JobStore {
  /**
   * Creates a job, with its first revision.
   * @throws {Invalid} when another job has the key; its problem is of the field `key`.
   */
  create(definition: JobDefinition, job: NewJob): Promise<Job>;
  /** The job; null when there is none, or when it is deleted. */
  get(id: JobId): Promise<Job | null>;
  /** The job with this key, else those with exactly this name, the oldest ten. */
  find(keyOrName: string): Promise<readonly Job[]>;
  /** One page of the jobs that `query` names. */
  list(query: JobQuery): Promise<Page<JobSummary>>;
  /** The same page without what the jobs did last, which takes longer to read than the jobs. */
  page(query: JobQuery): Promise<Page<Job>>;
  /** How many jobs `query` names: no more than `MOST_COUNTED` of `shared/domain` are counted. */
  count(query: JobCountQuery): Promise<number>;
  /** The next runs of jobs within a span, earliest first: one for each job that is due next in it. */
  plannedStarts(query: PlannedStartsQuery): Promise<readonly EpochMs[]>;
  /** The newest attempts of a job that ended, oldest first, at most `limit`. */
  recent(id: JobId, limit: number): Promise<readonly EndedRun[]>;
  /** The labels of jobs, each with how many have it: at most {@linkcode MOST_LABELLED} are counted. */
  labels(query: LabelQuery): Promise<readonly LabelCount[]>;
  /** Jobs that fail, the latest to begin first. */
  failing(query: FailingQuery): Promise<readonly FailingJob[]>;
  /**
   * Replaces the definition of a job, and with it what its waiting runs need.
   * @throws {NotFound} when there is no such job. @throws {Conflict} when its revision is another by now.
   * @throws {Invalid} when another job has the key; its problem is of the field `key`.
   */
  update(id: JobId, change: JobChange): Promise<Job | "moved">;
  /**
   * Pauses a job, and with `cancelsWaiting` cancels its waiting runs, those of backfills too, in one transaction. A job that
   * is paused already keeps its note. @throws {NotFound}
   */
  pause(id: JobId, pausing: Pausing): Promise<PausedJob | "moved">;
  /** Resumes a job; one that is active already is left as it is. @throws {NotFound} */
  resume(id: JobId, resuming: Resuming): Promise<Job | "moved">;
  /**
   * Deletes a job: its waiting runs are cancelled, its running ones are asked to stop, its key is free. @throws {NotFound}
   */
  remove(id: JobId, by: By): Promise<void>;
  /** Revisions of a job, also of a deleted one, newest first. */
  revisions(id: JobId, page: RevisionPage): Promise<readonly JobRevision[]>;
}

/** No more jobs of a label are counted. */
export const MOST_LABELLED = 1000;

/** Which labels. */
export interface LabelQuery {
  /** Of which jobs. Default: all. */
  readonly visible?: Visible;
  /** Most labels that are answered, in alphabetical order. */
  readonly limit: number;
}

/** A label of jobs. */
export interface LabelCount {
  /** The label. */
  readonly label: string;
  /** How many jobs have it. */
  readonly jobs: number;
}

/** A new job, beside its definition. */
export interface NewJob extends By {
  /** The first next run; null: none. */
  readonly nextRun: EpochMs | null;
  /** What owns the job; absent: people. */
  readonly managedBy?: string;
  /** The job begins paused, and `nextRun` is null; absent: it begins active. */
  readonly paused?: {
    /** Why; null: nobody says. */
    readonly note: string | null;
  };
}

/** Another definition of a job. */
export interface JobChange extends By {
  /** The revision that the change was made on. */
  readonly revision: number;
  /** The definition that the job gets. */
  readonly definition: JobDefinition;
  /** `keep` leaves the next run to the schedulers, which may be moving it at this very moment. */
  readonly nextRun: NextRunChange | "keep";
  /** The revision whose definition comes back; absent: an edit. */
  readonly restores?: number;
}

/** A pause of a job. */
export interface Pausing extends By {
  /** Why the job is paused; null: nobody says. */
  readonly note: string | null;
  /** Whether its waiting runs are cancelled. */
  readonly cancelsWaiting: boolean;
  /** Its `to` is null: a paused job has no next run. */
  readonly nextRun: NextRunChange;
}

/** The end of a pause. */
export interface Resuming extends By {
  /** The move to the next run after the pause. */
  readonly nextRun: NextRunChange;
}

/** Which revisions of a job are answered. */
export interface RevisionPage {
  /** Only those earlier than this one; absent: all. */
  readonly before?: number;
  /** Most revisions that are answered. */
  readonly limit: number;
}

/**
 * A person moves a job's next run. Their change enters the occurrences that it skips, so the next run must still be where they saw
 * it: if a scheduler has moved it meanwhile, nothing is changed and the answer is `"moved"`. The ledger forgets times after the
 * change's `now`, which a clock that was ahead has written.
 */
export interface NextRunChange {
  /** The next run that the change was decided on; null: none. */
  readonly from: EpochMs | null;
  /** The next run after the change; null: none. */
  readonly to: EpochMs | null;
  /** Occurrences that the change skips. */
  readonly ledger: readonly Omit<LedgerEntry, "jobId">[];
}

/** A job after a pause, and its waiting runs. */
export interface PausedJob {
  /** The job after the pause. */
  readonly job: Job;
  /** How many of its runs still wait. The pause does not keep them from starting. */
  readonly waiting: number;
  /** How many were cancelled with the pause. */
  readonly cancelled: number;
}

/** Which planned starts are asked for. */
export interface PlannedStartsQuery {
  /** The first instant of the span. */
  readonly from: EpochMs;
  /** Excluded. */
  readonly until: EpochMs;
  /** This job's does not count; null: each job's counts. */
  readonly except: JobId | null;
  /** Of jobs that have one of these labels; absent: of all. */
  readonly visible?: Visible;
  /** Most that are answered. */
  readonly limit: number;
}

/** Which jobs are counted. */
export type JobCountQuery = Omit<JobQuery, "sort" | "cursor" | "limit">;

/** The filters and the order of a list of jobs. */
export interface JobQuery {
  /** Part of the name, script path or key, any case; absent: all. */
  readonly search?: string;
  /** Jobs in one of these states; absent: in any. */
  readonly states?: readonly JobState[];
  /** The present, by which jobs are late and runs wait: needed for these states, and for the order `worst`. */
  readonly now?: EpochMs;
  /** Jobs that have, of each of these groups, one of its labels; labels as `parseLabels()` makes them. */
  readonly labels?: readonly (readonly string[])[];
  /** Jobs with one of these ids, keys or names, in any case; `*` stands for any text. Absent: all. */
  readonly jobs?: readonly string[];
  /** Jobs that have one of these labels, as `visibleLabels()` of `shared/access` answers them; absent: all. */
  readonly visible?: Visible;
  /** Only these, at most {@linkcode MOST_IDS}. */
  readonly ids?: readonly JobId[];
  /**
   * Default `name`. `nextRun` puts jobs without one last. `lastRun`: what its schedule started last comes first. `worst`: active
   * jobs that fail come first, the newest failure before older ones, then jobs that are late, then paused jobs that fail, then the
   * others by name.
   */
  readonly sort?: "name" | "nextRun" | "lastRun" | "worst" | "id";
  /** The end of the page before, its `next`; absent: the first page. */
  readonly cursor?: string;
  /** 1…200. */
  readonly limit: number;
}
