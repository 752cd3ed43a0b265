import type { Dispatch, DispatchState, EndedRun, EpochMs, Execution, Job, JobFailure, Lease } from "../domain/mod.ts";

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

/** Why a run waits, for programs: the kinds of `Wait` of `shared/policy`. */
export const WAIT_KINDS = ["until", "no_worker", "tags", "key", "serial_order", "busy", "nothing"] as const;

/** A waiting run, as people and programs are shown it. */
export interface ShownWaitingRun {
  /** The run. */
  readonly run: ShownRun;
  /** 1: it is the next. */
  readonly position: number;
  /** What it waits for. */
  readonly kind: typeof WAIT_KINDS[number];
  /** The same in a short sentence. */
  readonly reason: string;
}

/** A page of the queue, as people and programs are shown it. */
export interface ShownQueue {
  /** The runs, the next first. */
  readonly items: readonly ShownWaitingRun[];
  /** The cursor of the next page; null at the end. */
  readonly next: string | null;
  /** How many wait in all, up to a limit. */
  readonly total: number;
  /** Since when the oldest has waited, or when the first may run; null: none waits. */
  readonly oldest: EpochMs | null;
}
