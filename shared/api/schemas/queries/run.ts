/**
 * What programs say in the addresses of runs, of the queue and of output.
 *
 * @module
 */
import { z } from "zod";
import { DISPATCH_STATUSES, type DispatchStatus, LOG_STREAMS, type LogStream } from "../../../domain/mod.ts";
import { MAX_SOUGHT } from "../../../policy/mod.ts";
import { cursor, filter, instant, limit, PAGE_MAX, type PageQuery, type Parameters, whole, zone } from "./query.ts";

/** Longest that a request waits for a run to end, in seconds: proxies give up after a minute. */
const WAIT_MAX_SECONDS = 50;

/** Most bytes of output in one answer. */
const LOG_BYTES_MAX = 1_048_576;

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

/** A part of a run's output. */
export const logQuery: Parameters<{ readonly from_seq?: number | undefined; readonly max_bytes?: number | undefined }> =
  z.strictObject({
    from_seq: whole(0, Number.MAX_SAFE_INTEGER, "the first chunk; absent: 0"),
    max_bytes: whole(1, LOG_BYTES_MAX, "about how much, at least one chunk; absent: 65536"),
  });

/** A search in a run's output. */
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

/** A search in a run's output. */
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
