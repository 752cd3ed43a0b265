/**
 * Virtual time and the order of events.
 *
 * All that code in the simulation waits for is an event: the end of a sleep, a request that reaches the database, its answer. One
 * event happens at a time; then all code runs until it waits again. The seed picks one of the events that may happen now; if
 * there is none, time moves to the next. So a seed determines a whole history.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { type EpochMs, epochMs } from "../../shared/domain/mod.ts";
import type { Random } from "../support/random.ts";

/** A machine that can freeze or die: its events wait, or never happen. */
export interface Actor {
  readonly name: string;
  readonly isDead: boolean;
  /** It stands still until then. */
  readonly frozenUntil: EpochMs;
}

/** Something that will happen. */
export interface Event {
  readonly at: EpochMs;
  /** To whom it happens; null: to the database or to the world. */
  readonly actor: Actor | null;
  /** For the trace of a failing seed. */
  readonly what: string;
  readonly run: () => void | Promise<void>;
}

/** Most events in one instant; more mean a loop that never waits. */
const MOST_AT_ONCE = 5_000;
/** The events of one simulation. */
export class Timeline {
  readonly start: EpochMs;
  readonly #random: Random;
  readonly #events: Event[] = [];
  readonly #trace: string[] = [];
  #now: EpochMs;
  #happenedNow = 0;
  #databaseAheadMs = 0;

  constructor(random: Random, start: EpochMs) {
    this.#random = random;
    this.start = start;
    this.#now = start;
  }

  /** The true time. */
  get now(): EpochMs {
    return this.#now;
  }

  /** The database's time: the true time, unless its clock is wrong. */
  get databaseNow(): EpochMs {
    return epochMs(this.#now + this.#databaseAheadMs);
  }

  /** Sets the database's clock. */
  setDatabaseClock(aheadMs: number): void {
    this.#databaseAheadMs = aheadMs;
  }

  /** All that has happened, a line for each event and note: equal where two simulations took the same path. */
  get trace(): readonly string[] {
    return this.#trace;
  }

  /** Adds an event. The answer is a function that removes it. */
  add(event: Event): () => void {
    this.#events.push(event);
    return () => {
      const index = this.#events.indexOf(event);
      if (index >= 0) this.#events.splice(index, 1);
    };
  }

  /** Adds an event in `ms`, whole or not, rounded up. */
  after(ms: number, event: Omit<Event, "at">): () => void {
    return this.add({ ...event, at: epochMs(this.#now + Math.ceil(Math.max(0, ms))) });
  }

  /** Writes a line into the trace. */
  note(line: string): void {
    this.#trace.push(`${((this.#now - this.start) / 1000).toFixed(3)} ${line}`);
  }

  /** Whether the next event is in this very instant. */
  get isBusy(): boolean {
    return this.#events.some((event) => this.#dueAt(event) <= this.#now);
  }

  /** Lets one event happen, and all that follows at once. False: there is none, or none until `end`. */
  async step(end: EpochMs): Promise<boolean> {
    const event = this.#take(end);
    if (event === null) return false;
    this.note(event.what);
    await event.run();
    await settled();
    return true;
  }

  #take(end: EpochMs): Event | null {
    let earliest = Infinity;
    let candidates: Event[] = [];
    for (const event of this.#events) {
      const at = Math.max(this.#now, this.#dueAt(event));
      if (at > earliest) continue;
      if (at < earliest) candidates = [];
      earliest = at;
      candidates.push(event);
    }
    if (earliest > end) return null;
    this.#happenedNow = earliest > this.#now ? 0 : this.#happenedNow + 1;
    if (this.#happenedNow > MOST_AT_ONCE) throw new Error(`More than ${MOST_AT_ONCE} events in one instant`);
    this.#now = epochMs(earliest);
    const event = this.#random.pick(candidates);
    this.#events.splice(this.#events.indexOf(event), 1);
    return event;
  }

  #dueAt({ at, actor }: Event): number {
    if (actor === null) return at;
    return actor.isDead ? Infinity : Math.max(at, actor.frozenUntil);
  }
}

/** Turns of the event loop that code may take before it waits for an event: one for a start, one for a report. */
const TURNS = 3;

/** Resolves when all code that could run has run and everybody waits for an event. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
