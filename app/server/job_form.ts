/**
 * Converts between a job and the texts of its form. Lists are one item a line, as `app/format/arg_lines.ts` writes them.
 *
 * @module
 */
// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import { z } from "zod";
import {
  DEFAULT_POLICIES,
  type EpochMs,
  Invalid,
  type JobDefinition,
  type Policies,
  type Problem,
} from "@jobtrigger/shared/domain";
import { FIELD_NAMES, type FieldName, type JobInput, policyFields } from "@jobtrigger/shared/api";
import { formatSchedule, parseScheduleText, ScheduleError } from "@jobtrigger/shared/schedule";
import { isoUtc } from "@jobtrigger/shared/time";
import { readItem, readItems, UNREADABLE, writeItem } from "../format/arg_lines.ts";
import type { JobFields } from "../format/job_fields.ts";
import {
  DRAWN_FROM,
  partsOfSchedule,
  readParts,
  type ScheduleParts,
  textOfParts,
  USUAL_PARTS,
  writtenSchedule,
} from "../format/schedule_parts.ts";

/** The form of a job as stored. Times are in the job's zone, with their offset: so they stay when the zone is changed. */
export function fieldsOfJob(job: JobDefinition): JobFields {
  const { dst, env, startsAt, endsAt, tags } = job.policies;
  return {
    ...policyTexts(job.policies),
    name: job.name,
    key: job.key ?? "",
    labels: job.labels.join(", "),
    script: job.scriptPath,
    args: job.scriptArgs.map(writeItem).join("\n"),
    schedule: formatSchedule(job.schedule),
    timezone: job.timezone,
    env: Object.entries(env).map(([name, value]) => `${name}=${value === "" ? "" : writeItem(value)}`).join("\n"),
    tags: tags.join(", "),
    starts_at: writeInstant(startsAt, job.timezone),
    ends_at: writeInstant(endsAt, job.timezone),
    gap: dst.gap,
    fold: dst.fold,
  };
}

/** The form of a job that does not exist yet. */
export function emptyFields(timezone: string): JobFields {
  const { gap, fold } = DEFAULT_POLICIES.dst;
  return { ...policyTexts(DEFAULT_POLICIES), timezone, gap, fold };
}

/** The fields of policies that need no other form in a text than in JSON, and the empty form of all others. */
function policyTexts(policies: Policies): JobFields {
  const values: Readonly<Partial<Record<FieldName, string | number | null>>> = policyFields(policies);
  const texts = z.record(z.enum(FIELD_NAMES), z.string());
  return texts.parse(Object.fromEntries(FIELD_NAMES.map((name) => [name, String(values[name] ?? "")])));
}

/** An instant so that it can be read back exactly: `2026-12-01 09:00:00+08:00`. */
function writeInstant(at: EpochMs | null, zone: string): string {
  if (at === null) return "";
  const text = DateTime.fromMillis(at, { zone }).toISO({ suppressMilliseconds: true }) ?? "";
  // Offsets of long ago had seconds, which ISO 8601 cannot write.
  return Date.parse(text) === at ? text.replace("T", " ").replace("Z", "+00:00") : isoUtc(at);
}

/**
 * The typed texts, with line ends normalised. The schedule is the text, or what its parts write: `use` names a text in place of both.
 */
export function fieldsOfForm(form: URLSearchParams, fallback: JobFields): JobFields {
  const fields = { ...fallback };
  for (const name of FIELD_NAMES) fields[name] = (form.get(name) ?? fallback[name]).replace(/\r\n?/g, "\n");
  const was = form.get(DRAWN_FROM);
  if (was !== null) {
    const text = fields.schedule;
    fields.schedule = writtenSchedule({ text, was, parts: readParts(form), drawn: partsOf(was, USUAL_PARTS) });
  }
  return { ...fields, schedule: form.get("use") ?? fields.schedule };
}

/** Whether a form was sent to look at its preview: with the preview's button, or one of a schedule that the preview offers. */
export function isPreview(form: URLSearchParams): boolean {
  return form.get("intent") === "preview" || form.has("use");
}

/** The parts of a schedule's text, for the form; what the schedule does not use comes from `typed`. */
export function partsOf(text: string, typed: ScheduleParts): ScheduleParts {
  try {
    const schedule = parseScheduleText(text);
    return partsOfSchedule(schedule, formatSchedule(schedule), typed);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    // What the parts wrote is shown in them, right or wrong.
    return textOfParts(typed) === text ? typed : { ...typed, kind: null };
  }
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
  const { gap, fold, ...others } = fields;
  return { ...others, args, env, dst: { gap, fold } };
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

function readList(text: string, field: string, problems: Problem[]): string[] {
  return readItems(text).flatMap(({ line, item }) => {
    if (item !== null) return [item];
    problems.push({ field, message: `line ${line}: ${UNREADABLE}`, code: "invalid" });
    return [];
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
    if (message !== null || value === null) {
      problems.push({ field: "env", message: `line ${i + 1}: ${message}`, code: "invalid" });
    } else Object.defineProperty(env, name, { value, enumerable: true, configurable: true, writable: true });
  });
  return env;
}
