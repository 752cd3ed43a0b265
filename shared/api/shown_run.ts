import type { Dispatch, DispatchState, EndedRun, Execution, Job, JobFailure, Lease } from "../domain/mod.ts";

/** How far a run has come, as people and programs are shown it: of a lease they see the worker alone. */
export type ShownState =
  | Exclude<DispatchState, { readonly status: "IN_PROGRESS" }>
  | Omit<Extract<DispatchState, { readonly status: "IN_PROGRESS" }>, "lease"> & {
    readonly lease: Pick<Lease, "workerId">;
  };

/** A run, as people and programs are shown it. */
export interface ShownRun extends Omit<Dispatch, "state"> {
  /** How far it has come. */
  readonly state: ShownState;
}

/** The facts of a finished attempt that the run does not have itself. */
export type ShownExecution = Pick<Execution, "status" | "durationMs" | "logBytes" | "truncated">;

/** A job of a list, with its newest run. */
export interface ShownJobSummary extends Job {
  /** The newest attempt, whatever its state; null when it never ran. */
  readonly lastRun: ShownRun | null;
  /** What it suffers from; null: it does not fail. */
  readonly failure: JobFailure | null;
  /** The newest attempts that ended, oldest first. */
  readonly recent: readonly EndedRun[];
}
