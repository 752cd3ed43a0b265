/**
 * Where the fields of policies are kept: from what people send to {@linkcode Policies}, and back to fields.
 *
 * @module
 */
import { z } from "zod";
import {
  DEFAULT_POLICIES,
  DST_FOLDS,
  DST_GAPS,
  type DstPolicy,
  type EpochMs,
  epochMs,
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  type Policies,
} from "../domain/mod.ts";
import { type FieldName, type FieldValues, isFieldName } from "./job_fields.ts";

/** Fields of policies as people send them. Absent or empty ones mean the default; numbers and durations may be texts. */
export type PolicyInput = {
  readonly [Name in keyof PolicyFields | "env" | "dst"]?: unknown;
};

/** A field that holds a policy as one text or number. */
export type PolicyName = Exclude<
  FieldName,
  "name" | "key" | "labels" | "script" | "args" | "schedule" | "timezone" | "env" | "gap" | "fold"
>;

/** Fields of policies as a form or JSON has them; null where a field is empty. Times are ISO 8601 in UTC, tags have commas. */
export type PolicyFields = { readonly [Name in PolicyName]: string | number | null };

/** What happens where clocks change: the fields `gap` and `fold` in one object. */
export const dstSchema: z.ZodType<DstPolicy> = z.strictObject({
  gap: z.enum(DST_GAPS, { error: "gap: expected after or skip" }).default(DEFAULT_POLICIES.dst.gap),
  fold: z.enum(DST_FOLDS, { error: "fold: expected first, second or both" }).default(DEFAULT_POLICIES.dst.fold),
});

/** How {@linkcode readPolicies} reads. */
export interface PolicyReader {
  /** Answers the value of a field, `fallback` where nothing is given, undefined where it is wrong. */
  read<Name extends FieldName, Fallback>(name: Name, fallback: Fallback): FieldValues[Name] | Fallback | undefined;
  /** Says that a field does not go with the others. */
  refuse(name: FieldName, message: string): undefined;
}

/** Reads all policies but `dst`; those that are wrong are undefined. */
export function readPolicies(
  { read, refuse }: PolicyReader,
): { readonly [Name in Exclude<keyof Policies, "dst">]: Policies[Name] | undefined } {
  const usual = DEFAULT_POLICIES;
  const startsAt = read("starts_at", usual.startsAt);
  const endsAt = read("ends_at", usual.endsAt);
  const endsTooSoon = startsAt != null && endsAt != null && endsAt < startsAt;
  const key = read("concurrency_key", null);
  const limit = read("concurrency_limit", null);
  const limitsNothing = key === null && limit != null;
  return {
    timeoutSeconds: read("timeout", usual.timeoutSeconds),
    retry: complete({
      max: read("max_retries", usual.retry.max),
      baseSeconds: read("retry_base", usual.retry.baseSeconds),
      capSeconds: read("retry_cap", usual.retry.capSeconds),
    }),
    misfire: complete({
      kind: read("misfire", usual.misfire.kind),
      graceSeconds: read("misfire_grace", usual.misfire.graceSeconds),
      limit: read("misfire_limit", usual.misfire.limit),
      catchupSeconds: read("catchup_window", usual.misfire.catchupSeconds),
    }),
    overlap: read("overlap", usual.overlap),
    spreadSeconds: read("spread", usual.spreadSeconds),
    startsAt,
    endsAt: endsTooSoon ? refuse("ends_at", "it is before starts_at") : endsAt,
    priority: read("priority", usual.priority),
    tags: read("tags", usual.tags),
    concurrency: limitsNothing
      ? refuse("concurrency_limit", "it needs a concurrency key that it is about")
      : key === null
      ? null
      : complete({ key, limit: limit === null ? 1 : limit }),
    env: read("env", usual.env),
  };
}

/** The fields that say what `policies` say, without `env` and `dst`. */
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

const number = z.number();
const instantOrNone = z.iso.datetime({ offset: true }).nullable()
  .transform((text) => text === null ? null : epochMs(Date.parse(text)));

/** Each field as programs are shown it; `tags` is a list there. */
const SHOWN_FIELDS = {
  timeout: number.nullable(),
  max_retries: number.nullable(),
  retry_base: number,
  retry_cap: number,
  misfire: z.enum(MISFIRE_POLICIES),
  misfire_grace: number,
  misfire_limit: number,
  catchup_window: number.nullable(),
  overlap: z.enum(OVERLAP_POLICIES),
  spread: number,
  starts_at: instantOrNone,
  ends_at: instantOrNone,
  priority: number,
  tags: z.array(z.string()),
  concurrency_key: z.string().nullable(),
  concurrency_limit: number.nullable(),
} satisfies Record<PolicyName, z.ZodType>;

/** Reads the policies of a job, without `env` and `dst`, out of what programs are shown of it. */
export const readShownPolicies: z.ZodType<Omit<Policies, "env" | "dst">> = z.object(SHOWN_FIELDS)
  .transform((fields) => ({
    timeoutSeconds: fields.timeout,
    retry: { max: fields.max_retries, baseSeconds: fields.retry_base, capSeconds: fields.retry_cap },
    misfire: {
      kind: fields.misfire,
      graceSeconds: fields.misfire_grace,
      limit: fields.misfire_limit,
      catchupSeconds: fields.catchup_window,
    },
    overlap: fields.overlap,
    spreadSeconds: fields.spread,
    startsAt: fields.starts_at,
    endsAt: fields.ends_at,
    priority: fields.priority,
    tags: fields.tags,
    concurrency: fields.concurrency_key === null
      ? null
      : { key: fields.concurrency_key, limit: fields.concurrency_limit ?? 1 },
  }));

/** The names of the fields that hold one policy each. */
export const POLICY_NAMES: readonly FieldName[] = Object.keys(policyFields(DEFAULT_POLICIES)).filter(isFieldName);

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
