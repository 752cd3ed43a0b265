/**
 * The JSON columns: how each is parsed, for every database. They hold what a store wrote, so a value that does not parse
 * means a damaged database, and the error says where.
 *
 * @module
 */
import { z } from "zod";
import { DEFAULT_POLICIES, type Policies } from "../domain/job.ts";
import { type Schedule, WEEKDAYS } from "../schedule/types.ts";

const texts = z.array(z.string());

const schedule = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("manual") }),
  z.object({ kind: z.literal("once"), at: z.string() }),
  z.object({ kind: z.literal("interval"), everySeconds: z.number(), anchor: z.string().exactOptional() }),
  z.object({ kind: z.literal("hourly"), minute: z.number() }),
  z.object({ kind: z.literal("daily"), time: z.string() }),
  z.object({ kind: z.literal("weekly"), days: z.array(z.enum(WEEKDAYS)), time: z.string() }),
  z.object({ kind: z.literal("monthly"), day: z.union([z.number(), z.literal("last")]), time: z.string() }),
  z.object({ kind: z.literal("cron"), expression: z.string() }),
]);

/** A policy that did not exist when the row was written has its default. */
const policies = z.object({
  timeoutSeconds: z.number().nullable().default(DEFAULT_POLICIES.timeoutSeconds),
  maxRetries: z.number().nullable().default(DEFAULT_POLICIES.maxRetries),
  dst: z.object({ gap: z.enum(["after", "skip"]), fold: z.enum(["first", "second", "both"]) })
    .default(DEFAULT_POLICIES.dst),
  env: z.record(z.string(), z.string()).default({}),
});

/** An array of texts: arguments, tags. @throws {z.ZodError} */
export function parseTexts(json: string): readonly string[] {
  return texts.parse(JSON.parse(json));
}

/** A schedule in its canonical form. @throws {z.ZodError} */
export function parseSchedule(json: string): Schedule {
  return schedule.parse(JSON.parse(json));
}

/** The policies of a job. @throws {z.ZodError} */
export function parsePolicies(json: string): Policies {
  return policies.parse(JSON.parse(json));
}
