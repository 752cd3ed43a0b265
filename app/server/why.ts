/**
 * The question "why at that time?" of a job's page: from what was typed to the minute that is meant, and the answer.
 *
 * @module
 */
// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import { epochMs, type Job } from "@jobtrigger/shared/domain";
import { whyAt, whyNow } from "@jobtrigger/shared/jobs";
import type { Span } from "@jobtrigger/shared/policy";
import type { Store } from "@jobtrigger/shared/store";
import type { View } from "../utils.ts";

/** What a job's page says about why. */
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
const MINUTE = /^(?:(\d{4}-\d\d-\d\d)[ T]+)?(\d\d?):(\d\d)$/;

/** Why a job did what it did at the time that was typed; without one, or with none that can be read, what it is doing now. */
export async function answerWhy(store: Store, job: Job, typed: string, { now, zone }: View): Promise<WhyAnswer> {
  const asked = typed.trim().slice(0, LENGTH);
  const context = { now, zone };
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

/**
 * The minute in `zone` that a text names: two spans where clocks show it twice. Without a date it is the last such time.
 *
 * @throws {RangeError} when it names none.
 */
export function readMinute(
  text: string,
  { now, zone }: View,
): { readonly minute: string; readonly spans: readonly Span[] } {
  const [, date, hour = "", minute = ""] = MINUTE.exec(text) ?? [];
  const today = DateTime.fromMillis(now, { zone });
  const on = (day: string) => DateTime.fromISO(`${day}T${hour.padStart(2, "0")}:${minute}`, { zone });
  const latest = on(today.toISODate() ?? "") > today ? today.minus({ days: 1 }) : today;
  const time = on(date ?? latest.toISODate() ?? "");
  if (!time.isValid) throw new RangeError(`found "${text}", expected a time such as 2026-11-24 02:00, or 02:00`);
  const isShown = time.hour === Number(hour) % 24 && time.minute === Number(minute);
  if (!isShown) throw new RangeError(`clocks in ${zone} skip ${text}: they never showed it`);
  return {
    minute: `${time.toFormat("yyyy-MM-dd HH:mm")} ${zone}`,
    spans: time.getPossibleOffsets().map((start) => ({
      from: epochMs(start.toMillis()),
      until: epochMs(start.toMillis() + 59_999),
    })),
  };
}
