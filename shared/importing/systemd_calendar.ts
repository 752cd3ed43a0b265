/**
 * Calendar expressions of systemd's timers (systemd.time(7)) as schedules: `Mon..Fri *-*-* 09:00:00 Europe/Berlin`.
 *
 * A weekday and a day of the month must both match there. A cron expression says that only where one of the two begins with `*`, or
 * where the days are a whole week (`mon#1`, `monL`); what cannot be written is refused with the reason.
 *
 * @module
 */

/** What an expression means here, or why it means nothing. */
export type CalendarSchedule =
  | {
    /** As people type it: `daily at 09:00`. */
    readonly schedule: string;
    /** The zone that the expression names; null: the machine's. */
    readonly timezone: string | null;
  }
  | { readonly problem: string };

/** Names of whole expressions. */
const NICKNAMES: Readonly<Record<string, string>> = {
  minutely: "*-*-* *:*:00",
  hourly: "*-*-* *:00:00",
  daily: "*-*-* 00:00:00",
  weekly: "Mon *-*-* 00:00:00",
  monthly: "*-*-01 00:00:00",
  yearly: "*-01-01 00:00:00",
  annually: "*-01-01 00:00:00",
  quarterly: "*-01,04,07,10-01 00:00:00",
  semiannually: "*-01,07-01 00:00:00",
  "semi-annually": "*-01,07-01 00:00:00",
  biannually: "*-01,07-01 00:00:00",
  "bi-annually": "*-01,07-01 00:00:00",
};

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** `a`, `a..b`, `a/n` or `a..b/n`; `to` is null where nothing ends it before the field's end. */
interface Item {
  readonly from: number;
  readonly to: number | null;
  readonly step: number;
}

/** Null: any value. */
type Component = readonly Item[] | null;

/** An expression, part by part. */
interface Calendar {
  /** From Monday, 0; null: any. */
  readonly weekdays: readonly number[] | null;
  readonly year: Component;
  readonly month: Component;
  readonly day: Component;
  /** Whether days count from the end of the month: 1 is the last. */
  readonly isFromEnd: boolean;
  readonly hour: Component;
  readonly minute: Component;
  readonly second: Component;
}

/** Says a calendar expression as a schedule. */
export function calendarSchedule(text: string): CalendarSchedule {
  const words = text.trim().split(/\s+/);
  const last = words.at(-1) ?? "";
  const isZone = words.length > 1 && /^(?:UTC|[A-Za-z][\w+-]*\/[\w/+-]+)$/i.test(last);
  const rest = (isZone ? words.slice(0, -1) : words).join(" ");
  const timezone = isZone ? (/^utc$/i.test(last) ? "UTC" : last) : null;
  const stamp = /^@(\d{1,11})$/.exec(rest)?.[1];
  if (stamp !== undefined) {
    const at = new Date(Number(stamp) * 1000).toISOString().slice(0, 19).replace("T", " ");
    return { schedule: `once at ${at}`, timezone: "UTC" };
  }
  const calendar = parseCalendar(NICKNAMES[rest.toLowerCase()] ?? rest);
  if (calendar === null) return { problem: `"${text}" is no calendar expression` };
  const said = scheduleOf(calendar);
  return "problem" in said ? said : { ...said, timezone };
}

function parseCalendar(text: string): Calendar | null {
  const words = text.split(" ");
  const weekdays = /^[a-z]/i.test(words[0] ?? "") ? parseWeekdays((words.shift() ?? "").replace(/,$/, "")) : null;
  if (weekdays === undefined) return null;
  const time = words.at(-1)?.includes(":") ? words.pop() : undefined;
  const date = words.pop();
  if (words.length > 0 || weekdays === null && time === undefined && date === undefined) return null;
  const [, year = "*", month, sign = "-", day] = /^(?:([^-~]+)-)?([^-~]+)([-~])([^-~]+)$/.exec(date ?? "*-*-*") ?? [];
  const [hour, minute, second = "00", more] = (time ?? "00:00:00").split(":");
  const parts = {
    year: parseComponent(year, 0, 2199),
    month: parseComponent(month, 1, 12),
    day: parseComponent(day, 1, 31),
    hour: parseComponent(hour, 0, 23),
    minute: parseComponent(minute, 0, 59),
    second: parseComponent(second, 0, 59),
  };
  const { year: years, month: months, day: days, hour: hours, minute: minutes, second: seconds } = parts;
  if (
    years === undefined || months === undefined || days === undefined || hours === undefined ||
    minutes === undefined || seconds === undefined || more !== undefined
  ) return null;
  const isAll = weekdays !== null && weekdays.length === 7;
  return {
    weekdays: isAll ? null : weekdays,
    year: years,
    month: months,
    day: days,
    isFromEnd: sign === "~",
    hour: hours,
    minute: minutes,
    second: seconds,
  };
}

/** The days of a list such as `Mon..Wed,Sat`; undefined: it is none. */
function parseWeekdays(text: string): readonly number[] | undefined {
  const found = new Set<number>();
  for (const item of text.split(",")) {
    const [from, to, more] = item.split(/\.\.|-/).map((name) =>
      WEEKDAYS.findIndex((day) => [day, day.slice(0, 3)].includes(name.toLowerCase()))
    );
    if (from === undefined || from < 0 || to !== undefined && to < from || more !== undefined) return undefined;
    for (let day = from; day <= (to ?? from); day++) found.add(day);
  }
  return [...found].toSorted((a, b) => a - b);
}

/** Undefined: it is no component, or out of its bounds. */
function parseComponent(text: string | undefined, min: number, max: number): Component | undefined {
  if (text === "*") return null;
  const items: Item[] = [];
  for (const item of (text ?? "").split(",")) {
    const match = /^(\d{1,4})(?:\.0+)?(?:\.\.(\d{1,4})(?:\.0+)?)?(?:\/(\d{1,4})(?:\.0+)?)?$/.exec(item);
    if (match === null) return undefined;
    const [, first = "", end, every = "1"] = match;
    const from = Number(first);
    const to = end === undefined ? every === "1" && !item.includes("/") ? from : null : Number(end);
    const step = Number(every);
    if (from < min || from > max || to !== null && (to < from || to > max) || step === 0) return undefined;
    items.push({ from, to, step });
  }
  return items;
}

function scheduleOf(calendar: Calendar): { readonly schedule: string } | { readonly problem: string } {
  const { year, month, day, weekdays, hour, minute, second, isFromEnd } = calendar;
  const time = [single(hour), single(minute)];
  const isWhole = time.every((part) => part !== null) && single(second) === 0;
  const clock = time.map((part) => String(part).padStart(2, "0")).join(":");
  if (year !== null) {
    const date = [single(year), single(month), single(day)];
    if (isFromEnd || weekdays !== null || date.includes(null) || time.includes(null) || single(second) === null) {
      return { problem: "it names a year, which only a schedule of one single time can say" };
    }
    const [named = 0, ...others] = date.map(Number);
    const full = named < 70 ? 2000 + named : named < 100 ? 1900 + named : named;
    const seconds = single(second) === 0 ? "" : `:${String(single(second)).padStart(2, "0")}`;
    return {
      schedule: `once at ${
        [full, ...others].map((part) => String(part).padStart(2, "0")).join("-")
      } ${clock}${seconds}`,
    };
  }
  if (isWhole && month === null) {
    if (day === null) {
      if (weekdays === null) return { schedule: `daily at ${clock}` };
      return { schedule: `weekly on ${weekdays.map(nameOf).join(",")} at ${clock}` };
    }
    // A day that a month lacks is its last one for `monthly`, and no day for systemd.
    const on = single(day);
    if (weekdays === null && on !== null && (isFromEnd ? on === 1 : on <= 28)) {
      return { schedule: `monthly on ${isFromEnd ? "last" : on} at ${clock}` };
    }
  }
  if (single(second) === 0 && single(minute) !== null && [hour, day, month, weekdays].every((part) => part === null)) {
    return { schedule: `hourly at :${String(single(minute)).padStart(2, "0")}` };
  }
  const days = dayFields(calendar);
  if (days === null) {
    return { problem: "it names weekdays and days of the month, and cron has no words for days that are both" };
  }
  const [dayOfMonth, dayOfWeek] = days;
  const fields = [fieldOf(minute, 59), fieldOf(hour, 23), dayOfMonth, fieldOf(month, 12), dayOfWeek];
  return { schedule: `cron ${[...single(second) === 0 ? [] : [fieldOf(second, 59)], ...fields].join(" ")}` };
}

/** The fields of the day of the month and of the week; null: there are no such words. */
function dayFields({ day, weekdays, isFromEnd }: Calendar): readonly [string, string] | null {
  const names = weekdays === null ? "*" : weekdays.map(nameOf).join(",");
  if (day === null) return ["*", names];
  const days = isFromEnd ? valuesFromEnd(day) : valuesOf(day, 31);
  if (weekdays === null) {
    return [isFromEnd ? days.map((n) => n === 1 ? "L" : `L-${n - 1}`).join(",") : fieldOf(day, 31), "*"];
  }
  const first = days[0] ?? 0;
  const isWeek = days.length === 7 && days.every((n, i) => n === first + i) && first % 7 === 1;
  if (isFromEnd) return isWeek && first === 1 ? ["*", weekdays.map((n) => `${nameOf(n)}L`).join(",")] : null;
  if (isWeek) return ["*", weekdays.map((n) => `${nameOf(n)}#${(first + 6) / 7}`).join(",")];
  // A step longer than the field leaves its first value alone, and begins with the star that asks for both.
  if (first === 1) return [["*/31", ...days.slice(1)].join(","), names];
  if (weekdays.includes(6)) return [fieldOf(day, 31), ["*/7", ...weekdays.slice(0, -1).map(nameOf)].join(",")];
  return null;
}

function nameOf(weekday: number): string {
  return (WEEKDAYS[weekday] ?? "").slice(0, 3);
}

/** The only value of a component; null: it has several. */
function single(component: Component): number | null {
  const [item, more] = component ?? [];
  return item !== undefined && more === undefined && item.to === item.from ? item.from : null;
}

function fieldOf(component: Component, max: number): string {
  if (component === null) return "*";
  return component.map(({ from, to, step }) => {
    const end = to ?? max;
    if (from + step > end) return String(from);
    if (from === 0 && to === null) return `*/${step}`;
    return `${from}-${end}${step === 1 ? "" : `/${step}`}`;
  }).join(",");
}

/** All values of a component, from the smallest. */
function valuesOf(component: readonly Item[], max: number): readonly number[] {
  const values = new Set<number>();
  for (const { from, to, step } of component) for (let n = from; n <= (to ?? max); n += step) values.add(n);
  return [...values].toSorted((a, b) => a - b);
}

/** All days of a component that counts from the month's end. An open step goes towards that end: `7/1` is the last seven days. */
function valuesFromEnd(component: readonly Item[]): readonly number[] {
  const values = component.flatMap((item) => {
    if (item.to !== null) return valuesOf([item], 31);
    const count = Math.floor((item.from - 1) / item.step) + 1;
    return Array.from({ length: count }, (_, i) => item.from - i * item.step);
  });
  return [...new Set(values)].toSorted((a, b) => a - b);
}
