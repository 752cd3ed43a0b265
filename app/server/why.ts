/**
 * The question "why at that time?" on a job's page: reads the typed time and answers.
 *
 * @module
 */
import type { Job } from "@jobtrigger/shared/domain";
import { readMinute } from "@jobtrigger/shared/api";
import { whyAt, whyNow } from "@jobtrigger/shared/operations";
import type { State } from "./state.ts";

/** The answer on a job's page. */
export interface WhyAnswer {
  /** The time as typed; empty: now. */
  readonly asked: string;
  /** What is wrong with it; null: nothing. */
  readonly problem: string | null;
  /** The minute that is meant, such as `2026-11-24 02:00 Asia/Hong_Kong`; null: now. */
  readonly minute: string | null;
  readonly sentences: readonly string[];
}

/** Longest text that is taken for a time. */
const LENGTH = 40;

/** Why a job did or did not run at the typed time; without a readable time, what it is doing now. */
export async function answerWhy(
  { portal: { store }, view: { now, zone }, access }: Pick<State, "portal" | "view" | "access">,
  job: Job,
  typed: string,
): Promise<WhyAnswer> {
  const asked = typed.trim().slice(0, LENGTH);
  const context = { now, zone, access };
  try {
    const { minute, spans } = asked === "" ? { minute: null, spans: [] } : readMinute(asked, { now, zone });
    if (minute === null) return { asked, problem: null, minute, sentences: await whyNow(store, job, context) };
    const answers = await Promise.all(spans.map((span) => whyAt(store, job, span, context)));
    return { asked, problem: null, minute, sentences: [...new Set(answers.flat())] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { asked, problem: error.message, minute: null, sentences: await whyNow(store, job, context) };
  }
}
