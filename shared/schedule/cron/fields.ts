/** What each field of a cron expression may hold. @module */
import { WEEKDAYS } from "../../domain/schedule.ts";
import { ValueSet } from "../value_set.ts";

/** Names of the fields as errors use them. */
export type CronFieldName = "second" | "minute" | "hour" | "day-of-month" | "month" | "day-of-week";

/** Bounds, names and special forms of one field. */
export interface FieldSpec {
  readonly name: CronFieldName;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on; empty when the field has none. */
  readonly names: readonly string[];
}

/** One element of a field's comma-separated list. */
export type CronItem =
  /** `*` and `?`, or with a step above 1 an asterisk over it. */
  | { readonly kind: "every"; readonly step: number }
  | { readonly kind: "value"; readonly value: number }
  /** `from` is above `to` where the range goes over the end: `22-2`, `fri-mon`. */
  | { readonly kind: "range"; readonly from: number; readonly to: number; readonly step: number }
  /** `L`, `L-n`: the last day of the month, or n days before it. */
  | { readonly kind: "last"; readonly daysBefore: number }
  /** `LW`, `L-nW`: the day Monday to Friday nearest to that, within the month. */
  | { readonly kind: "lastWorkday"; readonly daysBefore: number }
  /** `nW`: the day Monday to Friday nearest to day n, within the month. */
  | { readonly kind: "nearestWorkday"; readonly day: number }
  /** `n#k`: the k-th such weekday of the month. */
  | { readonly kind: "nth"; readonly weekday: number; readonly nth: number }
  /** `nL`: the last such weekday of the month. */
  | { readonly kind: "lastOf"; readonly weekday: number };

/** One field, parsed. */
export type CronField = readonly CronItem[];

/** A cron expression, parsed. */
export interface CronExpression {
  /** 0 alone where the expression has five fields. */
  readonly second: CronField;
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  readonly month: CronField;
  /** Weekdays 0 to 6 from Sunday. */
  readonly dayOfWeek: CronField;
}

const NO_NAMES: readonly string[] = [];

/** What each field may hold. */
export const FIELDS: Readonly<Record<keyof CronExpression, FieldSpec>> = {
  second: { name: "second", min: 0, max: 59, names: NO_NAMES },
  minute: { name: "minute", min: 0, max: 59, names: NO_NAMES },
  hour: { name: "hour", min: 0, max: 23, names: NO_NAMES },
  dayOfMonth: { name: "day-of-month", min: 1, max: 31, names: NO_NAMES },
  month: {
    name: "month",
    min: 1,
    max: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  dayOfWeek: { name: "day-of-week", min: 0, max: 7, names: ["sun", ...WEEKDAYS.slice(0, -1)] },
};

/** What each `@` name stands for. */
export const NICKNAMES: ReadonlyMap<string, string> = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);

/** Whether the field restricts anything: it is not `*` or `?`. */
export function isRestricted(field: CronField): boolean {
  return !field.every((item) => item.kind === "every" && item.step === 1);
}

/**
 * How the two day fields combine where both are restricted: a day has to match either, or both where one of the two begins with
 * `*` or `?`, as in Vixie cron (its `DOM_STAR` and `DOW_STAR`). Null where at most one is restricted.
 */
export function dayRule({ dayOfMonth, dayOfWeek }: CronExpression): "either" | "both" | null {
  if (!isRestricted(dayOfMonth) || !isRestricted(dayOfWeek)) return null;
  return beginsWithStar(dayOfMonth) || beginsWithStar(dayOfWeek) ? "both" : "either";
}

function beginsWithStar([first]: CronField): boolean {
  return first?.kind === "every";
}

/**
 * Whether second, minute and hour are single values or lists, so that the expression means fixed wall times; otherwise
 * it repeats and follows elapsed time.
 */
export function hasFixedTimes(cron: CronExpression): boolean {
  return [cron.second, cron.minute, cron.hour].every((field) => field.every((item) => item.kind === "value"));
}

/** The plain values a field names, special forms left out; weekday 7 is 0. */
export function valuesOf(field: CronField, spec: FieldSpec): ValueSet {
  const wrap = spec.name === "day-of-week" ? 7 : spec.max - spec.min + 1;
  const values: number[] = [];
  const add = (from: number, to: number, step: number) => {
    for (let value = from; value <= to; value += step) values.push((value - spec.min) % wrap + spec.min);
  };
  for (const item of field) {
    if (item.kind === "every") add(spec.min, spec.min + wrap - 1, item.step);
    if (item.kind === "value") add(item.value, item.value, 1);
    if (item.kind === "range") add(item.from, item.to < item.from ? item.to + wrap : item.to, item.step);
  }
  return new ValueSet(values);
}
