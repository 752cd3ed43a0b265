/**
 * The outbox against what has happened: one event for each end and each addition to the ledger, none without, and no reader
 * that has passed one.
 *
 * @module
 */
import type { EventId, LedgerEntry, RunEvent } from "../../shared/domain/mod.ts";
import type { Complaint } from "./transitions.ts";
import type { AttemptRow } from "./witness.ts";

/** The events that consumers read, and those in the table. */
export class Outbox {
  readonly #read = new Set<EventId>();
  readonly #outOfOrder: Complaint[] = [];

  /** A consumer at a position was answered these. */
  wasRead(after: EventId, events: readonly RunEvent[]): void {
    let last = after;
    for (const { id } of events) {
      if (id <= last) this.#outOfOrder.push(`Event ${id} was read after event ${last}`);
      this.#read.add(id);
      last = id;
    }
  }

  /**
   * The errors in a history. `position` is the consumers'. `wasHealed`: the database's clock was ahead for a while, or a call was
   * late, so ledger entries were deleted that have events.
   */
  complaints({ attempts, ledger, events, position, wasHealed }: {
    readonly attempts: readonly AttemptRow[];
    readonly ledger: readonly LedgerEntry[];
    readonly events: readonly RunEvent[];
    readonly position: number;
    readonly wasHealed: boolean;
  }): readonly Complaint[] {
    const passed = events.filter(({ id }) => id <= position && !this.#read.has(id));
    return [
      ...this.#outOfOrder,
      ...passed.map(({ id }) => `The readers are at event ${position} and have never seen event ${id}`),
      ...endComplaints(attempts, events),
      ...ledgerComplaints(ledger, events, wasHealed),
    ];
  }
}

function endComplaints(attempts: readonly AttemptRow[], events: readonly RunEvent[]): readonly Complaint[] {
  const ends = Map.groupBy(events.filter((event) => event.kind === "ended"), (event) => Number(event.dispatchId));
  const retried = new Set(attempts.map((row) => `${row.root_id} ${row.retry_count - 1}`));
  const complaints = attempts.flatMap((row) => {
    const found = ends.get(row.id) ?? [];
    ends.delete(row.id);
    const expected = row.execution === null
      ? []
      : [endText(row.job_id, row.root_id, row.scheduled_for, row.execution, retried.has(nameOf(row)))];
    const fromEnds = found.map((end) => endText(end.jobId, end.rootId, end.scheduledFor, end.execution, end.isRetried));
    return fromEnds.join() === expected.join()
      ? []
      : [`Run ${row.id} has the events [${fromEnds}], expected were [${expected}]`];
  });
  return [...complaints, ...[...ends.keys()].map((id) => `There is an event of run ${id}, which is not there`)];
}

function nameOf(row: AttemptRow): string {
  return `${row.root_id} ${row.retry_count}`;
}

function endText(job: number, root: number, scheduledFor: number, execution: string, isRetried: boolean): string {
  return [`job ${job}`, `root ${root}`, scheduledFor, execution, isRetried ? "tried again" : "not tried again"].join(
    " ",
  );
}

function ledgerComplaints(
  ledger: readonly LedgerEntry[],
  events: readonly RunEvent[],
  wasHealed: boolean,
): readonly Complaint[] {
  const counted = counts(ledger);
  const fromEvents = counts(events.filter((event) => event.kind === "not_run"));
  return [...new Set([...counted.keys(), ...fromEvents.keys()])].flatMap((name) => {
    const [inLedger, inEvents] = [counted.get(name) ?? 0, fromEvents.get(name) ?? 0];
    const isRight = wasHealed ? inEvents >= inLedger : inEvents === inLedger;
    return isRight ? [] : [`${name}: ${inLedger} occurrences in the ledger, ${inEvents} in events`];
  });
}

function counts(entries: readonly Omit<LedgerEntry, "firstAt" | "lastAt">[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { jobId, reason, count } of entries) {
    const name = `job ${jobId} ${reason}`;
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
}
