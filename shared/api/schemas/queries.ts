/**
 * What programs say in an address and in headers. The values arrive as texts; {@linkcode queryOf} gathers those of a list.
 *
 * @module
 */
import { z } from "zod";
import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  type AuditAction,
  type AuditOutcome,
  type AuditSubjectKind,
  DISPATCH_STATUSES,
  type DispatchStatus,
  DST_FOLDS,
  DST_GAPS,
  type DstPolicy,
  JOB_STATES,
  type JobState,
  LOG_STREAMS,
  type LogStream,
} from "../../domain/mod.ts";
import { MAX_SOUGHT } from "../../policy/mod.ts";
import { FILTER_MAX } from "../filter.ts";
import { MAX_AT_ONCE } from "../job_fields.ts";
import { JOB_ORDERS, type JobOrderName, RANKING_NAMES, STATISTICS_RANGE_NAMES } from "../list_names.ts";

/** Parameters by name; each has a schema of its own. */
export type Parameters<Value> = z.ZodType<Value> & { readonly shape: Readonly<Record<string, z.ZodType>> };

/** Most rows of a page. */
export const PAGE_MAX = 200;

/** Longest that a request waits for a run to end, in seconds: proxies give up after a minute. */
export const WAIT_MAX_SECONDS = 50;

/** Most bytes of output in one answer. */
export const LOG_BYTES_MAX = 1_048_576;

/** A whole number as text, with its bounds. */
function whole(min: number, max: number, description: string) {
  return z.string().regex(/^\d{1,15}$/, { error: "expected a whole number" }).transform(Number)
    .pipe(z.int().min(min).max(max)).optional().meta({ description });
}

const limit = whole(1, PAGE_MAX, "most rows of the page; absent: 50");
const cursor = z.string().max(2000).optional().meta({ description: "the member next of the page before" });
const instant = z.iso.datetime({ offset: true }).optional();
const zone = z.string().max(100).optional().meta({ description: "IANA zone of times without an offset" });

/** No parameters. */
export const noQuery: Parameters<Readonly<Record<string, never>>> = z.strictObject({});

/** The page of a list. */
export interface PageQuery {
  /** Most rows. */
  readonly limit?: number | undefined;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
}

/** The page of a list. */
export const pageQuery: Parameters<PageQuery> = z.strictObject({ limit, cursor });

/** A list that has one page. */
export const limitQuery: Parameters<Pick<PageQuery, "limit">> = z.strictObject({ limit });

const filter = (example: string) =>
  z.string().max(FILTER_MAX).optional().meta({ description: `such as ${example}; see docs/filters.md` });

/** Which jobs are listed. */
export interface JobsQuery extends PageQuery {
  /** A filter of jobs. */
  readonly filter?: string | undefined;
  /** The key or the exact name. */
  readonly named?: string | undefined;
  /** Part of the name, script path or key. */
  readonly q?: string | undefined;
  /** In this state. */
  readonly state?: JobState | undefined;
  /** With one label of each; labels with commas between them. */
  readonly label?: readonly string[] | undefined;
  /** The order. */
  readonly sort?: JobOrderName | undefined;
}

/** Which jobs are listed. */
export const jobsQuery: Parameters<JobsQuery> = z.strictObject({
  filter: filter("state:active label:nightly,eu"),
  named: z.string().min(1).max(1000).optional().meta({
    description: "the job with this key, else those with exactly this name, the oldest ten",
  }),
  q: z.string().max(1000).optional().meta({ description: "part of the name, script path or key, in any case" }),
  state: z.enum(JOB_STATES).optional(),
  label: z.array(z.string()).max(20).optional().meta({
    description: "repeat for jobs that have all of several; a comma between two means either",
  }),
  sort: z.enum(Object.values(JOB_ORDERS)).optional().meta({
    description:
      "absent: name; worst: what fails comes first, then the others by name; last_run: what its schedule started last comes first",
  }),
  limit,
  cursor,
});

/** Which jobs of a change of many are listed. */
export interface BulkJobsQuery extends PageQuery {
  /** Only those that were refused. */
  readonly outcome?: "refused" | undefined;
}

/** Which jobs of a change of many are listed. */
export const bulkJobsQuery: Parameters<BulkJobsQuery> = z.strictObject({
  outcome: z.enum(["refused"]).optional().meta({ description: "only those that were refused" }),
  limit,
  cursor,
});

/** Which runs are listed. */
export interface RunsQuery extends PageQuery {
  /** A filter of runs. */
  readonly filter?: string | undefined;
  /** The id or the key of a job. */
  readonly job?: string | undefined;
  /** In one of these states. */
  readonly status?: readonly DispatchStatus[] | undefined;
  /** Made at or after this instant. */
  readonly since?: string | undefined;
  /** Made before this instant. */
  readonly until?: string | undefined;
}

/** Which runs are listed. */
export const runsQuery: Parameters<RunsQuery> = z.strictObject({
  filter: filter("status:failed job:backup* worker:w1 label:nightly since:24h"),
  job: z.string().min(1).max(200).optional().meta({ description: "the id or the key of a job" }),
  status: z.array(z.enum(DISPATCH_STATUSES)).max(10).optional().meta({ description: "repeat for several" }),
  since: instant,
  until: instant,
  limit,
  cursor,
});

/** Which part of the queue is listed. */
export interface QueueQuery extends PageQuery {
  /** In the grammar of docs/filters.md. */
  readonly filter?: string | undefined;
  /** What could run now, or what waits for its time. */
  readonly when?: "now" | "later" | undefined;
  /** IANA zone of the instants in reasons; absent: the portal's. */
  readonly timezone?: string | undefined;
}

/** Which part of the queue is listed. */
export const queueQuery: Parameters<QueueQuery> = z.strictObject({
  filter: filter("job:backup* label:nightly tag:gpu reason:key"),
  when: z.enum(["now", "later"]).optional().meta({
    description: "now: what could run now, the next first; later: what waits for its time; absent: now",
  }),
  timezone: zone,
  limit,
  cursor,
});

/** How long to wait for a run. */
export const waitQuery: Parameters<{ readonly wait?: number | undefined }> = z.strictObject({
  wait: whole(0, WAIT_MAX_SECONDS, "seconds to wait for the run to end, retries included; absent: none"),
});

/** A range of times to run again. */
export const backfillQuery: Parameters<
  { readonly from: string; readonly to: string; readonly at_once?: number | undefined }
> = z.strictObject({
  from: z.string().max(100).meta({ description: "a day or a time in the job's zone, or ISO 8601; it counts" }),
  to: z.string().max(100).meta({ description: "likewise; a day or a minute counts whole" }),
  at_once: whole(1, MAX_AT_ONCE, "how many of its runs may run at once; absent: 1"),
});

/** The time that a question is about. */
export const whyQuery: Parameters<{ readonly at?: string | undefined; readonly timezone?: string | undefined }> = z
  .strictObject({
    at: z.string().max(40).optional().meta({
      description: "02:00, 2026-11-24 02:00, or an instant in ISO 8601: the minute, or the second; absent: now",
    }),
    timezone: zone,
  });

/** The zone of times in sentences. */
export const zoneQuery: Parameters<{ readonly timezone?: string | undefined }> = z.strictObject({ timezone: zone });

/** A schedule to look at. */
export interface ScheduleQuery {
  /** Text or JSON. */
  readonly schedule: string;
  /** The zone of its wall times. */
  readonly timezone?: string | undefined;
  /** Where clocks skip a time. */
  readonly gap?: DstPolicy["gap"] | undefined;
  /** Where clocks show a time twice. */
  readonly fold?: DstPolicy["fold"] | undefined;
  /** How many of its next times are answered. */
  readonly count?: number | undefined;
}

const occurrences = whole(1, 100, "how many of the next times; absent: 10");

/** A schedule to look at. */
export const scheduleQuery: Parameters<ScheduleQuery> = z.strictObject({
  schedule: z.string().min(1).max(1000).meta({ description: "such as daily at 09:00, or its JSON form" }),
  timezone: zone,
  gap: z.enum(DST_GAPS).optional(),
  fold: z.enum(DST_FOLDS).optional(),
  count: occurrences,
});

/** How many of a job's next times. */
export const countQuery: Parameters<{ readonly count?: number | undefined }> = z.strictObject({ count: occurrences });

/** A part of a run's output. */
export const logQuery: Parameters<{ readonly from_seq?: number | undefined; readonly max_bytes?: number | undefined }> =
  z.strictObject({
    from_seq: whole(0, Number.MAX_SAFE_INTEGER, "the first chunk; absent: 0"),
    max_bytes: whole(1, LOG_BYTES_MAX, "about how much, at least one chunk; absent: 65536"),
  });

/** What is looked for in a run's output. */
export interface LogSearchQuery {
  /** The text. */
  readonly text: string;
  /** Only in this stream. */
  readonly stream?: LogStream | undefined;
  /** The first line. */
  readonly from_line?: number | undefined;
  /** Most lines of the answer. */
  readonly limit?: number | undefined;
}

/** What is looked for in a run's output. */
export const logSearchQuery: Parameters<LogSearchQuery> = z.strictObject({
  text: z.string().min(1).max(MAX_SOUGHT).regex(/^[^\r\n]*$/, { error: "expected a text without line breaks" }).meta({
    description: "looked for as it is, in any case, without colours and other sequences",
  }),
  stream: z.enum(LOG_STREAMS).optional().meta({ description: "only what this stream wrote" }),
  from_line: whole(1, Number.MAX_SAFE_INTEGER, "the first line; absent: 1"),
  limit: whole(1, PAGE_MAX, "most lines of the answer; absent: 50"),
});

/** Where in the output somebody wants to begin. */
export const beginningQuery: Parameters<
  { readonly offset?: number | undefined; readonly last_lines?: number | undefined }
> = z.strictObject({
  offset: whole(0, Number.MAX_SAFE_INTEGER, "a byte of the output; absent: 0"),
  last_lines: whole(1, Number.MAX_SAFE_INTEGER, "how many of the last lines, in place of a byte"),
});

/** Where a stream of events begins. */
export const followQuery: Parameters<
  { readonly from?: string | undefined; readonly poll?: "1" | undefined }
> = z.strictObject({
  from: z.string().regex(/^(?:\d{1,15}|end)$/).optional().meta({ description: "the first chunk, or end for none" }),
  poll: z.literal("1").optional().meta({ description: "what there is now, and no more" }),
});

/** Where a stream of changes begins. */
export const eventsQuery: Parameters<
  { readonly since?: string | undefined; readonly poll?: "1" | undefined }
> = z.strictObject({
  since: z.string().regex(/^\d{1,15}$/).optional().meta({ description: "the id of the last event that was seen" }),
  poll: z.literal("1").optional().meta({ description: "what there is now, and no more" }),
});

/** What is looked at beside the usual. */
export const doctorQuery: Parameters<{ readonly sizes?: "1" | undefined }> = z.strictObject({
  sizes: z.literal("1").optional().meta({
    description: "the largest tables and indexes too; reads all of a SQLite file",
  }),
});

/** Which users are listed. */
export const usersQuery: Parameters<PageQuery & { readonly name?: string | undefined }> = z.strictObject({
  name: z.string().min(1).max(200).optional().meta({ description: "the user with this name, in any case" }),
  limit,
  cursor,
});

/** Which events of the audit list are listed. */
export interface AuditListQuery extends PageQuery {
  /** A filter of the audit list. */
  readonly filter?: string | undefined;
  /** The name of the actor, exactly. */
  readonly actor?: string | undefined;
  /** What was done, or tried. */
  readonly action?: AuditAction | undefined;
  /** What it is about. */
  readonly subject?: AuditSubjectKind | undefined;
  /** The id of the subject. */
  readonly subject_id?: number | undefined;
  /** What became of it. */
  readonly outcome?: AuditOutcome | undefined;
  /** Not before this instant. */
  readonly since?: string | undefined;
  /** Before this instant. */
  readonly until?: string | undefined;
}

/** Which events of the audit list are listed. */
export const auditQuery: Parameters<AuditListQuery> = z.strictObject({
  filter: filter("actor:alice action:jobs.edit since:24h"),
  actor: z.string().max(200).optional().meta({ description: "the name of who acted, exactly" }),
  action: z.enum(AUDIT_ACTIONS).optional(),
  subject: z.enum(AUDIT_SUBJECT_KINDS).optional(),
  subject_id: whole(1, Number.MAX_SAFE_INTEGER, "the id of the subject; it goes with subject"),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  since: instant,
  until: instant,
  limit,
  cursor,
});

/** The key under which a request is carried out once. */
export const idempotencyHeaders: Parameters<{ readonly "idempotency-key"?: string | undefined }> = z.strictObject({
  "idempotency-key": z.string().regex(/^[\x21-\x7e]{1,64}$/, { error: "expected 1 to 64 visible ASCII characters" })
    .optional().meta({ description: "the same key is carried out once, however often it is sent" }),
});

/** The revision that a change was made on. */
export const conditionHeaders: Parameters<{ readonly "if-match"?: string | undefined }> = z.strictObject({
  "if-match": z.string().regex(/^(?:\*|"\d{1,15}")$/, { error: 'expected an ETag such as "3", or *' })
    .optional().meta({ description: "the ETag of the job that is changed, or * for whatever is there" }),
});

/** The part of a text to answer. */
export const rangeHeaders: Parameters<{ readonly range?: string | undefined }> = z.strictObject({
  range: z.string().optional().meta({ description: "bytes=0-99, bytes=100- or bytes=-100" }),
});

/** Where a stream goes on. */
export const lastEventHeaders: Parameters<{ readonly "last-event-id"?: string | undefined }> = z.strictObject({
  "last-event-id": z.string().optional().meta({ description: "the id of the last event that came" }),
});

/** The parameters of an address by name; the values of a list are gathered, words of an enumeration also with commas between them. */
export function queryOf(params: URLSearchParams, query: Parameters<unknown>): Readonly<Record<string, unknown>> {
  const names = [...new Set(params.keys())];
  return Object.fromEntries(names.map((name) => {
    const values = params.getAll(name);
    const schema = Object.hasOwn(query.shape, name) ? query.shape[name] : undefined;
    const list = schema === undefined ? null : listOf(schema);
    if (list !== null) {
      return [
        name,
        list.element instanceof z.ZodEnum ? values.flatMap((value) => value.split(",")) : values,
      ];
    }
    return [name, values.length === 1 ? values[0] : values];
  }));
}

function listOf(schema: z.ZodType): z.ZodArray | null {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return inner instanceof z.ZodArray ? inner : null;
}

/** Which timeline. */
export interface TimelineQuery {
  /** A filter of jobs. */
  readonly filter?: string | undefined;
  /** The beginning. */
  readonly from: string;
  /** The end, which is not in it. */
  readonly until: string;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
}

/** Which timeline. */
export const timelineQuery: Parameters<TimelineQuery> = z.strictObject({
  filter: filter("backup label:nightly"),
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).meta({ description: "up to 31 days after from" }),
  cursor,
});

/** Which statistics. */
export interface StatisticsQuery {
  /** Up to now. */
  readonly range?: typeof STATISTICS_RANGE_NAMES[number] | undefined;
  /** What comes first. */
  readonly sort?: typeof RANKING_NAMES[number] | undefined;
  /** Of jobs with one label of each. */
  readonly label?: readonly string[] | undefined;
}

/** Which statistics. */
export const statisticsQuery: Parameters<StatisticsQuery> = z.strictObject({
  range: z.enum(STATISTICS_RANGE_NAMES).optional().meta({ description: "up to now; absent: 24h" }),
  sort: z.enum(RANKING_NAMES).optional().meta({
    description:
      "jobs with the most failed runs, the lowest success rate, the most runs, or the most time first; absent: failed",
  }),
  label: z.array(z.string().max(1000)).max(10).optional().meta({
    description: "labels with commas between them, of which a job has one; repeat for several that it has all",
  }),
});

/** Which incidents are listed. */
export interface IncidentsQuery extends PageQuery {
  /** Open or closed ones. */
  readonly state?: "open" | "closed" | undefined;
  /** Of one job. */
  readonly job_id?: number | undefined;
}

/** Which incidents are listed. */
export const incidentsQuery: Parameters<IncidentsQuery> = z.strictObject({
  state: z.enum(["open", "closed"]).optional().meta({ description: "absent: both" }),
  job_id: whole(1, Number.MAX_SAFE_INTEGER, "the id of a job"),
  limit,
  cursor,
});

/** Which alert rules are listed. */
export interface AlertRulesQuery {
  /** Those that cover this job. */
  readonly job_id?: number | undefined;
}

/** Which alert rules are listed. */
export const alertRulesQuery: Parameters<AlertRulesQuery> = z.strictObject({
  job_id: whole(1, Number.MAX_SAFE_INTEGER, "the id of a job; absent: all rules"),
});
