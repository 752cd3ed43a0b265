/**
 * A schedule as the form's buttons and fields have it. The text is what a job has; the parts write it. Every schedule that can be
 * stored has parts that write the same text, and a text that is no schedule has none: then no kind is chosen, and the text stays as
 * it was typed.
 *
 * Browser and server share this module: the browser writes the text at each change, and without scripts the server does so when the
 * form comes.
 *
 * @module
 */
import type { Schedule, ScheduleKind, Weekday } from "@jobtrigger/shared/domain";

/** The kinds of schedule in the order of their buttons, with what the buttons say. */
export const KINDS: readonly (readonly [kind: ScheduleKind, label: string])[] = [
  ["manual", "By hand"],
  ["once", "Once"],
  ["interval", "Every"],
  ["hourly", "Hourly"],
  ["daily", "Daily"],
  ["weekly", "Weekly"],
  ["monthly", "Monthly"],
  ["cron", "Cron"],
];

/** The days of the week with what their chips say. */
export const DAYS: readonly (readonly [day: Weekday, label: string])[] = [
  ["mon", "Mon"],
  ["tue", "Tue"],
  ["wed", "Wed"],
  ["thu", "Thu"],
  ["fri", "Fri"],
  ["sat", "Sat"],
  ["sun", "Sun"],
];

/** The parts as typed; those that the kind does not use are kept for when it is chosen. */
export interface ScheduleParts {
  /** Null: the text is no schedule, or none was chosen yet. */
  readonly kind: ScheduleKind | null;
  /** `once`: `2026-12-01T09:00`. */
  readonly at: string;
  /** `interval`: `5m`, with `from` and an instant where it counts from one. */
  readonly every: string;
  /** `hourly`. */
  readonly minute: string;
  /** `daily`, `weekly`, `monthly`. */
  readonly time: string;
  /** `weekly`. */
  readonly days: readonly Weekday[];
  /** `monthly`: `1` to `31`, or `last`. */
  readonly day: string;
  /** `cron`. */
  readonly expression: string;
}

/** The names of the parts' fields in the form. */
export const PART_FIELDS = {
  kind: "schedule_kind",
  at: "schedule_at",
  every: "schedule_every",
  minute: "schedule_minute",
  time: "schedule_time",
  days: "schedule_days",
  day: "schedule_day",
  expression: "schedule_expression",
} as const;

/** The field that says which text the parts were drawn from. */
export const DRAWN_FROM = "schedule_was";

/** The parts of a form that nobody has filled in. */
export const USUAL_PARTS: ScheduleParts = {
  kind: null,
  at: "",
  every: "15m",
  minute: "0",
  time: "09:00",
  days: ["mon"],
  day: "1",
  expression: "0 9 * * mon-fri",
};

/** The text that the parts write; null: no kind is chosen. */
export function textOfParts(parts: ScheduleParts): string | null {
  const { kind, at, every, minute, time, days, day, expression } = parts;
  switch (kind) {
    case null:
      return null;
    case "manual":
      return "manual";
    case "once":
      return `once at ${at.trim().replace("T", " ")}`;
    case "interval":
      return `every ${every.trim()}`;
    case "hourly":
      return `hourly at :${minute.trim().replace(/^:/, "").padStart(2, "0")}`;
    case "daily":
      return `daily at ${time.trim()}`;
    case "weekly":
      return `weekly on ${days.join(",")} at ${time.trim()}`;
    case "monthly":
      return `monthly on ${day.trim()} at ${time.trim()}`;
    case "cron":
      return `cron ${expression.trim()}`;
  }
}

/**
 * The parts of a schedule; `text` is its canonical text. What its kind does not use comes from `others`.
 */
export function partsOfSchedule(schedule: Schedule, text: string, others: ScheduleParts = USUAL_PARTS): ScheduleParts {
  const { kind } = schedule;
  switch (kind) {
    case "manual":
      return { ...others, kind };
    case "once":
      return { ...others, kind, at: schedule.at };
    case "interval":
      return { ...others, kind, every: text.slice("every ".length) };
    case "hourly":
      return { ...others, kind, minute: String(schedule.minute) };
    case "daily":
      return { ...others, kind, time: schedule.time };
    case "weekly":
      return { ...others, kind, time: schedule.time, days: schedule.days };
    case "monthly":
      return { ...others, kind, time: schedule.time, day: String(schedule.day) };
    case "cron":
      return { ...others, kind, expression: schedule.expression };
  }
}

/** The parts that a form has. */
export function readParts(form: FormData | URLSearchParams): ScheduleParts {
  const text = (name: Exclude<keyof ScheduleParts, "days">) =>
    String(form.get(PART_FIELDS[name]) ?? USUAL_PARTS[name] ?? "");
  const chosen = text("kind");
  const checked = new Set(form.getAll(PART_FIELDS.days).map(String));
  return {
    kind: KINDS.find(([kind]) => kind === chosen)?.[0] ?? null,
    at: text("at"),
    every: text("every"),
    minute: text("minute"),
    time: text("time"),
    days: DAYS.map(([day]) => day).filter((day) => checked.has(day)),
    day: text("day"),
    expression: text("expression"),
  };
}

/**
 * The text of a form that has parts and a text. Whoever changed the text meant the text; else the parts write it, if they were changed.
 *
 * @param drawn The parts that were drawn from the text `was`.
 */
export function writtenSchedule(
  { text, was, parts, drawn }: {
    readonly text: string;
    readonly was: string;
    readonly parts: ScheduleParts;
    readonly drawn: ScheduleParts;
  },
): string {
  if (text !== was) return text;
  const written = textOfParts(parts);
  return written === null || written === textOfParts(drawn) ? text : written;
}
