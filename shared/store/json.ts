/**
 * The JSON columns: how each is parsed, for every database. They hold what a store wrote, so a value that does not parse
 * means a damaged database, and the error says where.
 *
 * @module
 */
import { z } from "zod";
import { epochMs } from "../domain/brand.ts";
import { type Decision, DECISION_OVERLAPS, DECISION_TIMINGS } from "../domain/dispatch.ts";
import { DST_FOLDS, DST_GAPS } from "../domain/dst.ts";
import {
  DEFAULT_POLICIES,
  type JobDefinition,
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  type Policies,
} from "../domain/job.ts";
import type { Schedule } from "../domain/schedule.ts";
import { parseSchedule as readSchedule } from "../schedule/json.ts";
import { parseTimezone } from "../schedule/zone.ts";

const texts = z.array(z.string());

/** By entries: a record would lose the name `__proto__`. */
const textsByName = z.custom<object>((value) => typeof value === "object" && value !== null)
  .transform((value) => Object.entries(value))
  .pipe(z.array(z.tuple([z.string(), z.string()])))
  .transform((entries): Readonly<Record<string, string>> => Object.fromEntries(entries));

/** A policy that did not exist when the row was written has its default. */
const policies = z.object({
  timeoutSeconds: z.number().nullable().default(DEFAULT_POLICIES.timeoutSeconds),
  retry: z.object({ max: z.number().nullable(), baseSeconds: z.number(), capSeconds: z.number() })
    .default(DEFAULT_POLICIES.retry),
  dst: z.object({ gap: z.enum(DST_GAPS), fold: z.enum(DST_FOLDS) })
    .default(DEFAULT_POLICIES.dst),
  misfire: z.object({
    kind: z.enum(MISFIRE_POLICIES),
    graceSeconds: z.number(),
    limit: z.number(),
    catchupSeconds: z.number().nullable(),
  }).default(DEFAULT_POLICIES.misfire),
  overlap: z.enum(OVERLAP_POLICIES).default(DEFAULT_POLICIES.overlap),
  spreadSeconds: z.number().default(DEFAULT_POLICIES.spreadSeconds),
  startsAt: z.number().transform(epochMs).nullable().default(DEFAULT_POLICIES.startsAt),
  endsAt: z.number().transform(epochMs).nullable().default(DEFAULT_POLICIES.endsAt),
  priority: z.number().default(DEFAULT_POLICIES.priority),
  tags: z.array(z.string()).default([]),
  concurrency: z.object({ key: z.string(), limit: z.number() }).nullable().default(DEFAULT_POLICIES.concurrency),
  env: textsByName.default({}),
});

/** What did not exist when the revision was written has its default. */
const definition = z.object({
  name: z.string(),
  key: z.string().nullable().default(null),
  labels: texts.default([]),
  scriptPath: z.string(),
  scriptArgs: texts,
  schedule: z.unknown().transform(readSchedule),
  timezone: z.string().transform((name) => parseZone(name)),
  policies,
});

const decision = z.tuple([z.enum(DECISION_TIMINGS), z.enum(DECISION_OVERLAPS).nullable()]);

/** Most texts of a kind whose values are remembered. */
const MOST_REMEMBERED = 10_000;

/** An array of texts: arguments, tags. @throws {z.ZodError} */
export const parseTexts: (json: string) => readonly string[] = remembered((json) => texts.parse(JSON.parse(json)));

/** A schedule in its canonical form. @throws {SyntaxError} */
export const parseSchedule: (json: string) => Schedule = remembered((json) => readSchedule(JSON.parse(json)));

/** A time zone that this machine knows. @throws {SyntaxError} */
export const parseZone: (name: string) => string = remembered((name) => (parseTimezone(name), name));

/** The policies of a job. @throws {z.ZodError} */
export const parsePolicies: (json: string) => Policies = remembered((json) => policies.parse(JSON.parse(json)));

/** A definition as a revision holds it. @throws {z.ZodError} @throws {SyntaxError} */
export function parseDefinition(json: string): JobDefinition {
  return definition.parse(JSON.parse(json));
}

/** What an occurrence was dispatched by, as in {@linkcode formatDecision}. @throws {z.ZodError} */
export function parseDecision(text: string): Decision {
  const [timing, overlap = null] = text.split(" ");
  const parsed = decision.parse([timing, overlap]);
  return { timing: parsed[0], overlap: parsed[1] };
}

/** A decision as its column holds it: `run_latest`, or with the overlap policy `on_time queue_one`. */
export function formatDecision({ timing, overlap }: Decision): string {
  return overlap === null ? timing : `${timing} ${overlap}`;
}

/** Whether a run may be tried again is unknown where its policies cannot be read, so it is not. */
export const UNREADABLE_RETRY: Policies["retry"] = { ...DEFAULT_POLICIES.retry, max: 0 };

/** Why a column could not be read. @throws the error when it is about something else. */
export function damageOf(error: unknown): string {
  const why = error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ")
    : error instanceof SyntaxError
    ? error.message
    : null;
  if (why === null) throw error;
  return why;
}

/** A sentence about a job of which something cannot be read. */
export function damageWords(why: string): string {
  return `The stored definition of its job cannot be read: ${why}`;
}

/** `parse`, which takes most of the time of reading a job, once for each text: many jobs have the same. Nobody changes a value. */
export function remembered<Value>(parse: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = parse(text);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(text, value);
    return value;
  };
}
