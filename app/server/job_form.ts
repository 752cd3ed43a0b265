/**
 * Between a job and the texts of its form. Lists are one item a line; an item that a plain line cannot hold (it is empty, has line
 * breaks or outer spaces, or starts with a double quote) is written as a JSON text in double quotes.
 *
 * @module
 */
import { Invalid, type JobDefinition, type Problem } from "@jobtrigger/shared/domain";
import type { JobInput } from "@jobtrigger/shared/jobs";
import { formatSchedule } from "@jobtrigger/shared/schedule";
import { FIELD_NAMES, type JobFields } from "../format/job_fields.ts";

/** The form of a job as stored. */
export function fieldsOfJob(job: JobDefinition): JobFields {
  const { timeoutSeconds, retry, dst, env } = job.policies;
  return {
    name: job.name,
    script: job.scriptPath,
    args: job.scriptArgs.map(writeItem).join("\n"),
    schedule: formatSchedule(job.schedule),
    timezone: job.timezone,
    timeout: timeoutSeconds === null ? "" : String(timeoutSeconds),
    max_retries: retry.max === null ? "" : String(retry.max),
    env: Object.entries(env).map(([name, value]) => `${name}=${value === "" ? "" : writeItem(value)}`).join("\n"),
    gap: dst.gap,
    fold: dst.fold,
  };
}

/** The form of a job that does not exist yet. */
export function emptyFields(timezone: string): JobFields {
  const texts = { name: "", script: "", args: "", schedule: "", timeout: "", max_retries: "", env: "" };
  return { ...texts, timezone, gap: "after", fold: "first" };
}

/** What was typed, as it was typed; line ends made one. */
export function fieldsOfForm(form: URLSearchParams, fallback: JobFields): JobFields {
  const fields = { ...fallback };
  for (const name of FIELD_NAMES) fields[name] = (form.get(name) ?? fallback[name]).replace(/\r\n?/g, "\n");
  return fields;
}

/** A form's fields that were carried along as JSON in a hidden field; null when they are not such. */
export function parseFields(json: string | null, shape: JobFields): JobFields | null {
  try {
    const found: unknown = JSON.parse(json ?? "");
    if (typeof found !== "object" || found === null) return null;
    const texts = Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return fieldsOfForm(new URLSearchParams(texts), shape);
  } catch {
    return null;
  }
}

/** The form as input for `parseJobInput`. @throws {Invalid} when a line of a list cannot be read. */
export function inputOf(fields: JobFields): JobInput {
  const problems: Problem[] = [];
  const args = readList(fields.args, "args", problems);
  const env = readEnv(fields.env, problems);
  if (problems.length > 0) throw new Invalid(problems);
  const { name, script, schedule, timezone, timeout, max_retries, gap, fold } = fields;
  return { name, script, args, schedule, timezone, timeout, max_retries, env, dst: { gap, fold } };
}

/** The items of a list, one a line; blank lines are nothing. @throws {Invalid} */
export function readArgs(text: string): string[] {
  const problems: Problem[] = [];
  const args = readList(text.replace(/\r\n?/g, "\n"), "args", problems);
  if (problems.length > 0) throw new Invalid(problems);
  return args;
}

/** A list as {@linkcode readArgs} reads it. */
export function writeArgs(args: readonly string[]): string {
  return args.map(writeItem).join("\n");
}

function writeItem(item: string): string {
  return item === "" || item !== item.trim() || /[\n\r]|^"/.test(item) ? JSON.stringify(item) : item;
}

function readList(text: string, field: string, problems: Problem[]): string[] {
  return text.split("\n").map((line) => line.trim()).flatMap((line, i) => {
    if (line === "") return [];
    const item = readItem(line);
    if (item === null) problems.push({ field, message: `line ${i + 1}: ${UNREADABLE}` });
    return item ?? [];
  });
}

function readEnv(text: string, problems: Problem[]): Record<string, string> {
  const env: Record<string, string> = {};
  text.split("\n").forEach((raw, i) => {
    const line = raw.trim();
    if (line === "") return;
    const split = line.indexOf("=");
    const name = line.slice(0, Math.max(split, 0)).trim();
    const rest = line.slice(split + 1).trim();
    const value = rest === "" ? "" : readItem(rest);
    const message = split < 1
      ? `found "${line.slice(0, 40)}", expected NAME=value`
      : value === null
      ? UNREADABLE
      : Object.hasOwn(env, name)
      ? `${name} is there twice`
      : null;
    if (message !== null || value === null) problems.push({ field: "env", message: `line ${i + 1}: ${message}` });
    else Object.defineProperty(env, name, { value, enumerable: true, configurable: true, writable: true });
  });
  return env;
}

const UNREADABLE = 'a line that starts with a double quote must be a JSON text, such as "two\\nlines"';

function readItem(line: string): string | null {
  if (!line.startsWith('"')) return line;
  try {
    const item: unknown = JSON.parse(line);
    return typeof item === "string" ? item : null;
  } catch {
    return null;
  }
}
