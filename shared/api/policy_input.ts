/**
 * The policies among what people send. Each field stands alone, so that a form, flags and JSON name them alike.
 *
 * @module
 */
import { z } from "zod";
import {
  type ConcurrencyPolicy,
  DEFAULT_POLICIES,
  DST_FOLDS,
  DST_GAPS,
  type EpochMs,
  isName,
  MISFIRE_POLICIES,
  NAME_EXPECTED,
  OVERLAP_POLICIES,
  parseTags,
  type Policies,
} from "../domain/mod.ts";
import { MOST_AT_ONCE } from "../policy/mod.ts";
import { checkEnvName } from "../scripts/mod.ts";
import { durationOr, instantOrNull, textOr, wholeOr, wordOr } from "./_fields.ts";

/** Fields of policies. Absent or empty ones mean the default; numbers may be texts. */
export interface PolicyInput {
  /** A duration: seconds, or a text such as `5m`. */
  readonly timeout?: unknown;
  readonly max_retries?: unknown;
  /** A duration: seconds, or a text such as `5m`. */
  readonly retry_base?: unknown;
  /** A duration: seconds, or a text such as `5m`. */
  readonly retry_cap?: unknown;
  /** `run_latest`, `run_all` or `skip`. */
  readonly misfire?: unknown;
  /** A duration: seconds, or a text such as `5m`. */
  readonly misfire_grace?: unknown;
  readonly misfire_limit?: unknown;
  /** A duration: seconds, or a text such as `5m`. */
  readonly catchup_window?: unknown;
  /** `skip`, `queue_one`, `queue_all`, `cancel_running` or `allow`. */
  readonly overlap?: unknown;
  /** A duration: seconds, or a text such as `5m`. */
  readonly spread?: unknown;
  /** An instant, or a wall time in the job's zone. */
  readonly starts_at?: unknown;
  /** An instant, or a wall time in the job's zone. */
  readonly ends_at?: unknown;
  readonly priority?: unknown;
  /** Texts, or one text with commas. */
  readonly tags?: unknown;
  readonly concurrency_key?: unknown;
  readonly concurrency_limit?: unknown;
  /** Texts by name. */
  readonly env?: unknown;
  /** `{ gap, fold }`. */
  readonly dst?: unknown;
}

/** Reads one field; what it throws is a problem of that field, and the answer is undefined. */
export type ReadField = <Value>(name: string, parse: () => Value) => Value | undefined;

const DAY_SECONDS = 86_400;
const MONTH_SECONDS = 31 * DAY_SECONDS;
/** Highest priority, and with a minus the lowest. */
export const MAX_PRIORITY = 1000;
/** Most places that a concurrency key may have. */
export const MAX_PLACES = 1000;
/** Most bytes that arguments may take together, and as much again the environment: a quarter of what Linux grants one text. */
export const TEXTS_MAX_BYTES = 32_768;

/** Text that can be handed to a program. */
export const withoutNul: z.ZodType<string> = z.string({ error: "expected text" }).refine(
  (text) => !text.includes("\0"),
  { error: "a NUL character cannot be passed to a program" },
);

/** By entries: a record would lose the name `__proto__`, which a variable may have. */
const envSchema = z.custom<object>(isObject, { error: "expected texts by name" })
  .transform((env) => Object.entries(env))
  .pipe(z.array(z.tuple([z.string(), withoutNul])))
  .superRefine((env, context) => {
    for (const [name] of env) {
      const message = checkEnvName(name);
      if (message !== null) context.addIssue({ code: "custom", message });
    }
  })
  .refine((env) => bytesOf(env.flat()) <= TEXTS_MAX_BYTES, { error: `at most ${TEXTS_MAX_BYTES} bytes together` })
  .transform((env): Readonly<Record<string, string>> => Object.fromEntries(env));

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const dstSchema = z.strictObject({
  gap: z.enum(DST_GAPS, { error: "gap: expected after or skip" }).default("after"),
  fold: z.enum(DST_FOLDS, { error: "fold: expected first, second or both" }).default("first"),
});

/** Reads all policies; those that are wrong are undefined. `timezone` is what times without an offset are meant in. */
export function readPolicies(
  input: PolicyInput,
  { field, timezone }: { readonly field: ReadField; readonly timezone: string },
): { readonly [Name in keyof Policies]: Policies[Name] | undefined } {
  const { retry, misfire } = DEFAULT_POLICIES;
  const startsAt = field("starts_at", () => instantOrNull(input.starts_at, timezone));
  return {
    timeoutSeconds: field(
      "timeout",
      () => durationOr(input.timeout, { min: 1, max: 30 * DAY_SECONDS, fallback: null }),
    ),
    retry: complete({
      max: field(
        "max_retries",
        () => wholeOr(input.max_retries, { what: "retries", min: 0, max: 100, fallback: null }),
      ),
      baseSeconds: field(
        "retry_base",
        () => durationOr(input.retry_base, { min: 0, max: DAY_SECONDS, fallback: retry.baseSeconds }),
      ),
      capSeconds: field(
        "retry_cap",
        () => durationOr(input.retry_cap, { min: 0, max: 7 * DAY_SECONDS, fallback: retry.capSeconds }),
      ),
    }),
    dst: field("dst", () => dstSchema.parse(input.dst ?? {})),
    misfire: complete({
      kind: field("misfire", () => wordOr(input.misfire, MISFIRE_POLICIES, misfire.kind)),
      graceSeconds: field(
        "misfire_grace",
        () => durationOr(input.misfire_grace, { min: 1, max: DAY_SECONDS, fallback: misfire.graceSeconds }),
      ),
      limit: field(
        "misfire_limit",
        () => wholeOr(input.misfire_limit, { what: "runs", min: 1, max: MOST_AT_ONCE, fallback: misfire.limit }),
      ),
      catchupSeconds: field(
        "catchup_window",
        () => durationOr(input.catchup_window, { min: 1, max: 12 * MONTH_SECONDS, fallback: misfire.catchupSeconds }),
      ),
    }),
    overlap: field("overlap", () => wordOr(input.overlap, OVERLAP_POLICIES, DEFAULT_POLICIES.overlap)),
    spreadSeconds: field(
      "spread",
      () => durationOr(input.spread, { min: 0, max: DAY_SECONDS, fallback: DEFAULT_POLICIES.spreadSeconds }),
    ),
    startsAt,
    endsAt: field("ends_at", () => endOf(input.ends_at, timezone, startsAt ?? null)),
    priority: field("priority", () =>
      wholeOr(input.priority, {
        what: "priority",
        min: -MAX_PRIORITY,
        max: MAX_PRIORITY,
        fallback: DEFAULT_POLICIES.priority,
      })),
    tags: field("tags", () => tagsOf(input.tags)),
    concurrency: readConcurrency(input, field),
    env: field("env", () => envSchema.parse(input.env ?? {})),
  };
}

/** Fields of policies as {@linkcode readPolicies} takes them. */
export type PolicyFields = {
  readonly [Name in keyof Required<Omit<PolicyInput, "env" | "dst">>]: string | number | null;
};

/** The fields that say what `policies` say, without `env` and `dst`; null where a field is empty. Times are ISO 8601 in UTC. */
export function policyFields(policies: Policies): PolicyFields {
  const { retry, misfire, concurrency } = policies;
  const iso = (at: EpochMs | null) => at === null ? null : new Date(at).toISOString();
  return {
    timeout: policies.timeoutSeconds,
    max_retries: retry.max,
    retry_base: retry.baseSeconds,
    retry_cap: retry.capSeconds,
    misfire: misfire.kind,
    misfire_grace: misfire.graceSeconds,
    misfire_limit: misfire.limit,
    catchup_window: misfire.catchupSeconds,
    overlap: policies.overlap,
    spread: policies.spreadSeconds,
    starts_at: iso(policies.startsAt),
    ends_at: iso(policies.endsAt),
    priority: policies.priority,
    tags: policies.tags.length === 0 ? null : policies.tags.join(","),
    concurrency_key: concurrency?.key ?? null,
    concurrency_limit: concurrency?.limit ?? null,
  };
}

/** Tags, as texts or as one text with commas. @throws {RangeError} */
function tagsOf(input: unknown): readonly string[] {
  return parseTags(Array.isArray(input) ? input.map((tag) => textOr(tag, "")) : textOr(input, ""));
}

/** How many bytes texts take when they are handed to a program. */
export function bytesOf(texts: readonly string[]): number {
  const encoder = new TextEncoder();
  return texts.reduce((sum, text) => sum + encoder.encode(text).length + 1, 0);
}

function readConcurrency(input: PolicyInput, field: ReadField): ConcurrencyPolicy | null | undefined {
  const key = field("concurrency_key", () => {
    const text = textOr(input.concurrency_key, "");
    if (text !== "" && !isName(text)) throw new RangeError(`found "${text}", expected ${NAME_EXPECTED}`);
    return text;
  });
  const limit = field("concurrency_limit", () => {
    const places = wholeOr(input.concurrency_limit, { what: "runs", min: 1, max: MAX_PLACES, fallback: null });
    if (places !== null && key === "") throw new RangeError("it needs a concurrency key that it is about");
    return places ?? 1;
  });
  if (key === undefined || limit === undefined) return undefined;
  return key === "" ? null : { key, limit };
}

function endOf(input: unknown, timezone: string, startsAt: EpochMs | null): EpochMs | null {
  const endsAt = instantOrNull(input, timezone);
  if (endsAt !== null && startsAt !== null && endsAt < startsAt) throw new RangeError("it is before starts_at");
  return endsAt;
}

/** The object, once none of its values is undefined. */
function complete<Fields extends object>(
  fields: Fields,
): { readonly [Name in keyof Fields]: Exclude<Fields[Name], undefined> } | undefined {
  return isComplete(fields) ? fields : undefined;
}

/** Whether every value was right. */
export function isComplete<Fields extends object>(
  fields: Fields,
): fields is Fields & { readonly [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  return Object.values(fields).every((value) => value !== undefined);
}
