import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { LedgerEntry } from "../domain/ledger.ts";

/** A span of time whose occurrences do not run, and why; both ends count. */
export interface Span {
  readonly reason: LedgerEntry["reason"];
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** Spans of time, in order. */
export class Spans {
  readonly #spans: Span[] = [];

  /** Adds a span. One that continues the span before for the same reason extends it; an empty one is left out. */
  add(reason: Span["reason"], from: EpochMs, until: EpochMs): void {
    if (until < from) return;
    const last = this.#spans.at(-1);
    const continues = last !== undefined && last.reason === reason && last.until + 1 === from;
    if (continues) this.#spans.splice(-1, 1, { ...last, until });
    else this.#spans.push({ reason, from, until });
  }

  /** Adds the occurrences that do not run around `running`, which are consecutive, with one reason before them and one after. */
  around(
    running: readonly EpochMs[],
    { from, until, before }: { readonly from: EpochMs; readonly until: EpochMs; readonly before: Span["reason"] },
  ): void {
    const [first, last] = [running[0], running.at(-1)];
    this.add(before, from, first === undefined ? until : epochMs(first - 1));
    if (last !== undefined) this.add("overlap", epochMs(last + 1), until);
  }

  /** The spans, cut so that none holds one of `times`, which ascend. */
  without(times: readonly EpochMs[]): readonly Span[] {
    return this.#spans.flatMap((span) => {
      const inside = times.filter((at) => span.from <= at && at <= span.until);
      const starts = [span.from, ...inside.map((at) => epochMs(at + 1))];
      return starts.map((from, index) => {
        const end = inside[index];
        return { ...span, from, until: end === undefined ? span.until : epochMs(end - 1) };
      });
    });
  }
}
