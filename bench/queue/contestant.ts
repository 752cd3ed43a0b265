/**
 * What the benchmark asks of a queue. One module beside this one for each that takes part.
 *
 * @module
 */

/** A queue that takes part in the benchmark. */
export interface Contestant {
  /** What it is called in the report. */
  readonly name: string;
  /** Its settings, those that its documentation gives for throughput, as the report shows them. */
  readonly settings: string;
  /** What it keeps of a job that has ended. */
  readonly keeps: string;
  /** Opens its queue in an empty database, or one that it has used before. */
  open(url: string): Promise<Queue>;
}

/** An open queue. */
export interface Queue extends AsyncDisposable {
  /** Adds `count` jobs, available at once, the fastest way there is. */
  enqueue(count: number): Promise<void>;
  /** Adds one job; null where nobody waits for single jobs. */
  readonly add: (() => Promise<void>) | null;
  /** Makes `count` jobs due and dispatches them; null where there is no scheduler: its bulk insert is the like. */
  readonly dispatch: ((count: number) => Promise<Span>) | null;
  /** Starts a worker that does nothing in each job and calls `onStart` as it starts. */
  work(onStart: () => void): Promise<Work>;
  /** Whether a job waits or runs. */
  hasUnfinished(): Promise<boolean>;
  /** Puts in `rows` jobs that have ended, by SQL; null where none are kept. */
  readonly fillHistory: ((rows: number) => Promise<void>) | null;
}

/** A worker that runs. */
export interface Work {
  /** Ends it, with all that it has claimed done or given back. */
  stop(): Promise<void>;
}

/** A stretch of time by `performance.now()`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
