/**
 * The operations that the benchmark needs of a queue. Each contestant has a module beside this one.
 *
 * @module
 */

/** A queue that takes part in the benchmark. */
export interface Contestant {
  /** Its name in the report. */
  readonly name: string;
  /** Its settings, by its documentation's advice for throughput, as the report shows them. */
  readonly settings: string;
  /** What it keeps of a finished job, as the report shows it. */
  readonly keeps: string;
  /** Opens its queue in a database that is empty or that it has used before. */
  open(url: string): Promise<Queue>;
}

/** An open queue. */
export interface Queue extends AsyncDisposable {
  /** Adds `count` available jobs in its fastest way. */
  enqueue(count: number): Promise<void>;
  /** Adds one job; null: latency is not measured. */
  readonly add: (() => Promise<void>) | null;
  /** Makes `count` jobs due and dispatches them; null: it has no scheduler, so its bulk insert is measured. */
  readonly dispatch: ((count: number) => Promise<Span>) | null;
  /** Starts a worker whose jobs do nothing; it calls `onStart` at the start of each. */
  work(onStart: () => void): Promise<Work>;
  /** Whether a job waits or runs. */
  hasUnfinished(): Promise<boolean>;
  /** Inserts `rows` finished jobs by SQL; null: it keeps none. */
  readonly fillHistory: ((rows: number) => Promise<void>) | null;
}

/** A running worker. */
export interface Work {
  /** Ends the worker, after it has finished or released all claimed jobs. */
  stop(): Promise<void>;
}

/** A stretch of time by `performance.now()`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
