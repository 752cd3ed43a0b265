/** The days of the week in order: Monday is 0, as in the data of the system this one succeeds. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** A day of the week. */
export type Weekday = typeof WEEKDAYS[number];

/** The names of the days in English; their first three letters are the days' short names. */
export const WEEKDAY_NAMES: Readonly<Record<Weekday, string>> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

/** When a job is due, in its canonical form: what is stored, and what every other form is parsed into. */
export type Schedule =
  | { readonly kind: "manual" }
  /** `at`: wall time in the job's zone, `YYYY-MM-DDTHH:MM` or with `:SS`. */
  | { readonly kind: "once"; readonly at: string }
  /** `anchor`: an ISO instant; occurrences are anchor + k × every. Without one: after + every. */
  | { readonly kind: "interval"; readonly everySeconds: number; readonly anchor?: string }
  | { readonly kind: "hourly"; readonly minute: number }
  /** `time`: `HH:MM`, or `HH:MM:SS`. */
  | { readonly kind: "daily"; readonly time: string }
  | { readonly kind: "weekly"; readonly days: readonly Weekday[]; readonly time: string }
  | { readonly kind: "monthly"; readonly day: number | "last"; readonly time: string }
  /** `expression`: five fields, or six with seconds first, or an `@` name. */
  | { readonly kind: "cron"; readonly expression: string };

/** The eight kinds of schedule. */
export type ScheduleKind = Schedule["kind"];
