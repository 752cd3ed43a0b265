/**
 * Timers of systemd with the services that they start, as jobs with scripts. Each time of a timer is a job of its own; the script does
 * what `ExecStart=` did, and what has no counterpart here is said in a note.
 *
 * @module
 */
import { calendarSchedule } from "./systemd_calendar.ts";
import { isYes, parseUnit, spanSeconds, type Unit, unitWords, valueOf } from "./systemd_unit.ts";

/** A time of a timer, as a job. */
export interface PlannedTimer {
  /** The timer, without `.timer`. */
  readonly unit: string;
  /** Which of its times, from 1. */
  readonly nth: number;
  /** What the service's `Description=` says, else the timer's name. */
  readonly name: string;
  /** As people type it. */
  readonly schedule: string;
  /** The zone that the time names; null: the machine's. */
  readonly timezone: string | null;
  /** What becomes of times that were missed. */
  readonly misfire: "run_latest" | "skip";
  /** In seconds. */
  readonly spread: number;
  /** In seconds; null: the default. */
  readonly timeout: number | null;
  /** The script, as text of a shell. */
  readonly script: string;
  /** What differs here. */
  readonly notes: readonly string[];
}

/** A timer, or one of its times, that cannot be taken over. */
export interface TimerProblem {
  /** The timer, without `.timer`. */
  readonly unit: string;
  /** Which of its times, from 1. */
  readonly nth: number;
  /** Why, in a sentence. */
  readonly message: string;
}

/** Longest spread of a job. */
const MOST_SPREAD_S = 86_400;

/** Values of a timer that count from something that happens, and what that is. */
const COUNTED = {
  OnUnitActiveSec: "from its last start",
  OnUnitInactiveSec: "from its last end",
  OnBootSec: "from the start of the machine",
  OnStartupSec: "from the start of systemd",
  OnActiveSec: "from the start of the timer",
} as const;

/** Plans a job for each time of a timer. `service` is the text of the service's file; null: there is none. */
export function planTimer(
  { unit, timer, service, serviceName }: {
    /** The timer's name, without `.timer`. */
    readonly unit: string;
    /** The text of its file, with its drop-ins after it. */
    readonly timer: string;
    readonly service: string | null;
    readonly serviceName: string;
  },
): readonly (PlannedTimer | TimerProblem)[] {
  if (service === null) return [{ unit, nth: 1, message: `${serviceName}, which it starts, is not among the files` }];
  const [timed, started] = [parseUnit(timer), parseUnit(service)];
  const script = scriptOf(started, { unit, serviceName });
  if ("problem" in script) return [{ unit, nth: 1, message: script.problem }];
  const times = timesOf(timed);
  if (times.length === 0) return [{ unit, nth: 1, message: "it has no time" }];
  const spread = spanSeconds(valueOf(timed, "Timer.RandomizedDelaySec") ?? "0") ?? 0;
  const isOneshot = valueOf(started, "Service.Type") === "oneshot";
  const limit = spanSeconds(valueOf(started, `Service.${isOneshot ? "TimeoutStartSec" : "RuntimeMaxSec"}`) ?? "");
  const notes = [
    ...timerNotes(timed, { spread, times: times.length }),
    ...limit === null ? ["it had no time limit there; here it has that of WORKER_JOB_TIMEOUT"] : [],
    ...script.notes,
  ];
  return times.map((time, index) => {
    const nth = index + 1;
    if ("problem" in time) return { unit, nth, message: time.problem };
    return {
      unit,
      nth,
      name: valueOf(started, "Unit.Description") ?? unit,
      schedule: time.schedule,
      timezone: time.timezone,
      // Without Persistent=, a time at which the machine was off is lost.
      misfire: time.isCalendar && !isYes(timed, "Timer.Persistent") ? "skip" : "run_latest",
      spread: Math.min(Math.floor(spread), MOST_SPREAD_S),
      timeout: limit === null || limit < 1 ? null : Math.ceil(limit),
      script: script.text,
      notes: [...time.notes, ...notes],
    };
  });
}

/** The service that a timer starts: the one that `Unit=` names, else that of its own name. */
export function serviceOf(unit: string, timer: string): string {
  return valueOf(parseUnit(timer), "Timer.Unit") ?? `${unit}.service`;
}

type Time =
  | {
    readonly schedule: string;
    readonly timezone: string | null;
    readonly isCalendar: boolean;
    readonly notes: readonly string[];
  }
  | { readonly problem: string };

function timesOf(timer: Unit): readonly Time[] {
  const calendar = (timer.get("Timer.OnCalendar") ?? []).map((text): Time => {
    const said = calendarSchedule(text);
    return "problem" in said
      ? { problem: `OnCalendar=${text}: ${said.problem}` }
      : { ...said, isCalendar: true, notes: [] };
  });
  const counted = Object.entries(COUNTED).flatMap(([name, since]) =>
    (timer.get(`Timer.${name}`) ?? []).map((text) => ({ name, since, text }))
  );
  const repeated = counted.filter(({ name }) => name.startsWith("OnUnit"));
  const first = counted.filter(({ name }) => !name.startsWith("OnUnit"));
  const every = repeated.map(({ name, since, text }): Time => {
    const seconds = spanSeconds(text);
    if (seconds === null || seconds < 1 || !Number.isInteger(seconds)) {
      return { problem: `${name}=${text}: no whole number of seconds` };
    }
    const left = first.map((one) => `${one.name}=${one.text}`).join(" and ");
    return {
      schedule: `every ${seconds}s`,
      timezone: null,
      isCalendar: false,
      notes: [
        `there it counted ${since}; here it runs each ${text}, the first time that long after the import`,
        ...left === "" ? [] : [`${left} has no counterpart: nothing here knows when a machine starts`],
      ],
    };
  });
  if (repeated.length > 0) return [...calendar, ...every];
  return [
    ...calendar,
    ...first.map(({ name, since, text }): Time => ({
      problem: `${name}=${text} counts ${since}, which no schedule can say; start it from systemd`,
    })),
  ];
}

function timerNotes(
  timer: Unit,
  { spread, times }: { readonly spread: number; readonly times: number },
): readonly string[] {
  const notes: string[] = [];
  if (times > 1) notes.push(`it has ${times} times, each of which is a job of its own: their runs may overlap`);
  if (spread > MOST_SPREAD_S) notes.push("RandomizedDelaySec is longer than a day, the longest spread here");
  else if (spread > 0) notes.push("its delay is random there; here each job keeps one delay of its own");
  if (valueOf(timer, "Timer.AccuracySec") !== null) notes.push("AccuracySec is not needed: it starts on time");
  if (isYes(timer, "Timer.WakeSystem")) notes.push("nothing here wakes a machine that sleeps");
  for (const name of ["OnClockChange", "OnTimezoneChange"]) {
    if (isYes(timer, `Timer.${name}`)) notes.push(`${name} has no counterpart`);
  }
  return notes;
}

/** Settings of a service that the script leaves out. */
const LEFT_OUT = ["ExecCondition", "ExecStartPre", "ExecStartPost", "ExecStopPost", "OnFailure", "EnvironmentFile"];

function scriptOf(
  service: Unit,
  { unit, serviceName }: { readonly unit: string; readonly serviceName: string },
): { readonly text: string; readonly notes: readonly string[] } | { readonly problem: string } {
  const commands = service.get("Service.ExecStart") ?? [];
  if (commands.length === 0) return { problem: `${serviceName} has no ExecStart` };
  const notes: string[] = [];
  const user = valueOf(service, "Service.User");
  notes.push(`it ran as ${user ?? "root"} there; here it runs as the worker's scripts do`);
  for (const name of LEFT_OUT) {
    for (const value of service.get(`${name === "OnFailure" ? "Unit" : "Service"}.${name}`) ?? []) {
      notes.push(`${name}=${value} is left out`);
    }
  }
  const restart = valueOf(service, "Service.Restart");
  if (restart !== null && restart !== "no") notes.push(`Restart=${restart}: here its retries decide`);
  const names = specifiers(serviceName);
  const lines = ["#!/bin/sh", `# From ${unit}.timer and ${serviceName}.`];
  const directory = valueOf(service, "Service.WorkingDirectory");
  const values = [...service.get("Service.Environment") ?? [], directory ?? "", ...commands];
  const unknown = values.flatMap((text) => text.match(/%./g) ?? []).find((name) => !(name in names));
  if (unknown !== undefined) {
    return { problem: `${serviceName} says ${unknown}, which only systemd knows: write it out` };
  }
  const filled = (text: string) => text.replace(/%./g, (name) => names[name] ?? name);
  for (const word of (service.get("Service.Environment") ?? []).flatMap(unitWords)) {
    const [, name = "", value = ""] = /^([A-Za-z_]\w*)=(.*)$/s.exec(filled(word)) ?? [];
    if (name !== "") lines.push(`export ${name}=${quoted(value)}`);
  }
  if (directory !== null) {
    const [, isOptional, path = ""] = /^(-?)(.*)$/.exec(filled(directory)) ?? [];
    lines.push(`cd ${path === "~" ? '"$HOME"' : quoted(path)} || ${isOptional === "-" ? "true" : "exit 1"}`);
  } else lines.push("cd / || exit 1");
  for (const [index, command] of commands.entries()) {
    const [, prefix = "", rest = ""] = /^([-@:+!]*)\s*(.*)$/s.exec(command) ?? [];
    const words = unitWords(rest);
    const called = prefix.includes("@") ? words.filter((_, i) => i !== 1) : words;
    const line = called.map((word, i) => shellWord(filled(word), i > 0 && !prefix.includes(":"))).join(" ");
    if (/[+!]/.test(prefix)) notes.push("it had more rights than its user there; here it has none");
    const isLast = index === commands.length - 1;
    if (prefix.includes("-")) lines.push(`${line} || true`);
    else lines.push(isLast ? `exec ${line}` : `${line} || exit`);
  }
  return { text: `${lines.join("\n")}\n`, notes };
}

/** What `%n` and the like stand for. */
function specifiers(name: string): Readonly<Record<string, string>> {
  const whole = name.replace(/\.service$/, "");
  const [prefix = "", instance = ""] = whole.split("@");
  return { "%%": "%", "%n": name, "%N": whole, "%p": prefix, "%i": instance, "%I": instance.replaceAll("-", "/") };
}

/** A word of a command line. systemd puts `${NAME}` in its place as one word, a word `$NAME` as several, and `$$` is a sign. */
function shellWord(word: string, isExpanded: boolean): string {
  if (!isExpanded) return quoted(word);
  const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
  if (alone !== undefined) return `$${alone}`;
  return word.split(/(\$\$|\$\{[A-Za-z_]\w*\})/).flatMap((part) => {
    if (part === "") return [];
    if (part === "$$") return ["'$'"];
    return [part.startsWith("${") ? `"${part}"` : quoted(part)];
  }).join("") || "''";
}

/** A text as one word of a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
