import { Busy } from "../domain/mod.ts";

/** How many works may wait. */
export interface QueueBounds {
  /** How many are carried out at once. */
  readonly atOnce: number;
  /** Of strangers, all together. */
  readonly strangers: number;
  /** Of one group of strangers. */
  readonly ofGroup: number;
  /** Of those who are known, all together. */
  readonly known: number;
}

interface Waiting {
  readonly start: () => void;
  readonly refuse: (error: Busy) => void;
}

/**
 * Carries works out, a few at once, the others in a fair order: strangers by their group, each group in its turn, however many one
 * of them sends; and every other turn is for those who are known, so that strangers keep nobody waiting who is signed in. When the
 * strangers' places are taken, a group that has fewer gets one of the group that has most.
 */
export class FairQueue {
  readonly #bounds: QueueBounds;
  readonly #known: Waiting[] = [];
  /** By group, in the order of their turns. */
  readonly #strangers = new Map<string, Waiting[]>();
  #waiting = 0;
  #running = 0;
  #wasKnown = false;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  /** Carries out `work` in its turn; `group` null: of who is known. @throws {Busy} when too many wait. */
  async run<Answer>(group: string | null, work: () => Promise<Answer>): Promise<Answer> {
    // Who ends hands its place on, so that nobody overtakes those who wait.
    if (this.#running >= this.#bounds.atOnce) await this.#turn(group);
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next === null) this.#running--;
      else next.start();
    }
  }

  #turn(group: string | null): Promise<void> {
    const { promise, resolve: start, reject: refuse } = Promise.withResolvers<void>();
    if (group === null) {
      if (this.#known.length >= this.#bounds.known) throw busy();
      this.#known.push({ start, refuse });
      return promise;
    }
    const own = this.#strangers.get(group) ?? [];
    if (own.length >= this.#bounds.ofGroup) throw busy();
    if (this.#waiting >= this.#bounds.strangers) this.#makeRoom(own.length);
    this.#strangers.set(group, [...own, { start, refuse }]);
    this.#waiting++;
    return promise;
  }

  /** Takes a place of the group that has most, for one that has `own`. @throws {Busy} when none has more than one place more. */
  #makeRoom(own: number): void {
    const [group, most] = [...this.#strangers].reduce((a, b) => b[1].length > a[1].length ? b : a);
    const last = most.at(-1);
    if (last === undefined || most.length <= own + 1) throw busy();
    this.#strangers.set(group, most.slice(0, -1));
    this.#waiting--;
    last.refuse(busy());
  }

  /** Who is next; null: nobody waits. */
  #next(): Waiting | null {
    const [turn] = this.#strangers;
    if (this.#known.length > 0 && (turn === undefined || !this.#wasKnown)) {
      this.#wasKnown = true;
      return this.#known.shift() ?? null;
    }
    this.#wasKnown = false;
    if (turn === undefined) return null;
    const [group, [first, ...others]] = turn;
    // Behind all other groups, if more of it wait.
    this.#strangers.delete(group);
    if (others.length > 0) this.#strangers.set(group, others);
    this.#waiting--;
    return first ?? null;
  }
}

function busy(): Busy {
  return new Busy("Too many passwords are being checked; try again in half a minute");
}
