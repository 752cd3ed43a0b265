import { visibleLabels } from "@jobtrigger/shared/access";
import { epochMs, Invalid, NotFound } from "@jobtrigger/shared/domain";
import {
  backfillForm,
  executionForm,
  ledgerForm,
  logBeginningForm,
  logChunkForm,
  narrowedBy,
  parseArgs,
  readQueueFilter,
  readRunFilter,
  runForm,
  waitingRunForm,
} from "@jobtrigger/shared/api";
import {
  backfillQuery,
  beginningQuery,
  followQuery,
  idempotencyHeaders,
  lastEventHeaders,
  limitQuery,
  logQuery,
  logSearchQuery,
  queueQuery,
  rangeHeaders,
  runsQuery,
  sentBackfill,
  sentRun,
  waitQuery,
  whyQuery,
  zoneQuery,
} from "@jobtrigger/shared/api/schemas";
import {
  backfillJob,
  type BackfillPlan,
  cancelRun,
  explainJob,
  findBeginning,
  planBackfill,
  readQueue,
  runNow,
  SEARCH_BUDGET,
  searchOutput,
  whyWaits,
} from "@jobtrigger/shared/operations";
import type { LogMatch } from "@jobtrigger/shared/policy";
import { parseTimezone } from "@jobtrigger/shared/schedule";
import { isoUtc } from "@jobtrigger/shared/time";
import type { EpochMs, Job } from "@jobtrigger/shared/domain";
import type { View } from "../../format/view.ts";
import { followRun } from "../follow_run.ts";
import { downloadLog } from "../log_download.ts";
import { untilEnded } from "../until_ended.ts";
import { ApiError } from "./api_error.ts";
import { PAGE_ROWS } from "./jobs.ts";
import { type ApiOperation, operation, PLAIN } from "./operation.ts";
import { jobOf, pastJobNamed, runOf } from "./subjects.ts";

/** Bytes of output in an answer that names no number. */
const LOG_BYTES = 65_536;

/** Everything about runs. */
export const RUN_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "runJob",
    method: "POST",
    path: "/jobs/{job}/runs",
    permission: "jobs.run",
    summary: "Run a job now, and wait for the run to end if asked to",
    query: waitQuery,
    headers: idempotencyHeaders,
    body: sentRun,
    answer: { status: 201, shown: "Run", headers: ["location"] },
    errors: ["not_found", "conflict", "invalid"],
    handle: async (request) => {
      const { portal, context, query: { wait = 0 }, headers, body: { args, force = false } } = request;
      const { id } = await jobOf(request);
      // Who may not wait is refused before the run is there: a refused request has started nothing.
      using _waiting = wait === 0 ? null : portal.lasting.begin(context.actor);
      const run = await runNow(context, {
        id,
        args: args == null ? null : parseArgs(args),
        force,
        idempotencyKey: headers["idempotency-key"] ?? null,
      });
      const last = wait === 0
        ? run
        : await untilEnded(portal, run, { waitMs: wait * 1000, accessNow: request.caller.accessNow });
      return { body: runForm(last), headers: { location: `/api/v1/runs/${last.id}` } };
    },
  }),
  operation({
    ...PLAIN,
    id: "planBackfill",
    method: "GET",
    path: "/jobs/{job}/backfill",
    permission: "jobs.read",
    summary: "Say which times a backfill would run; nothing is written",
    query: backfillQuery,
    answer: { status: 200, shown: "BackfillPlan" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { from, until, atOnce, times } = planned(await jobOf(request), request.query, request.view.now);
      return { body: { from: isoUtc(from), until: isoUtc(until), at_once: atOnce, times: times.map(isoUtc) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "backfillJob",
    method: "POST",
    path: "/jobs/{job}/backfill",
    permission: "jobs.run",
    summary: "Run the times of a job's schedule in a past range",
    headers: idempotencyHeaders,
    body: sentBackfill,
    answer: { status: 201, shown: "Backfill" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const job = await jobOf(request);
      const plan = planned(job, request.body, request.view.now);
      const key = request.headers["idempotency-key"] ?? crypto.randomUUID();
      const written = await backfillJob(request.context, { id: job.id, key, plan });
      return { body: backfillForm({ id: key, written, present: plan.times.length - written }) };
    },
  }),
  operation({
    ...PLAIN,
    id: "listLedger",
    method: "GET",
    path: "/jobs/{job}/ledger",
    permission: "jobs.read",
    summary: "List why times of a job's schedule did not run, newest first",
    query: limitQuery,
    answer: { status: 200, shown: "Ledger" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { id } = await jobOf(request);
      const entries = await request.context.store.runs.ledger(id, request.query.limit ?? PAGE_ROWS);
      return { body: { items: entries.map(ledgerForm) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "explainJob",
    method: "GET",
    path: "/jobs/{job}/why",
    permission: "runs.read",
    summary: "Say why a job did or did not run at a time, or what it is doing now",
    query: whyQuery,
    answer: { status: 200, shown: "Why" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { context: { store, access }, view, query: { at, timezone } } = request;
      const job = await jobOf(request);
      const times = { now: view.now, zone: zoneOf(timezone, view), access };
      return { body: { id: job.id, why: await explainJob(store, job, at ?? null, times) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "listRuns",
    method: "GET",
    path: "/runs",
    permission: "runs.read",
    summary: "List runs, newest first; those of a deleted job by its id",
    query: runsQuery,
    answer: { status: 200, shown: "RunPage" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { filter = "", job, status, since, until, cursor, limit = PAGE_ROWS } = request.query;
      const past = job === undefined ? null : await pastJobNamed(request, job);
      const narrowed = narrowedBy(readRunFilter(filter, request.view), {
        ...(past !== null && { jobId: past.id }),
        ...(status !== undefined && { statuses: status }),
        ...(since !== undefined && { since: epochMs(Date.parse(since)) }),
        ...(until !== undefined && { until: epochMs(Date.parse(until)) }),
      });
      const { items, next } = await request.context.store.runs.list({
        limit,
        visible: visibleLabels(request.context.access, "runs.read"),
        ...narrowed,
        ...(cursor !== undefined && { cursor }),
      });
      if (past?.hasEnded && items.length === 0) throw new NotFound(`There is no job ${past.id}`);
      return { body: { items: items.map(runForm), next } };
    },
  }),
  operation({
    ...PLAIN,
    id: "getRun",
    method: "GET",
    path: "/runs/{run}",
    permission: "runs.read",
    summary: "Read a run with all attempts of its occurrence",
    answer: { status: 200, shown: "RunDetails" },
    errors: ["not_found"],
    handle: async (request) => {
      const run = await runOf(request);
      const { runs } = request.context.store;
      const [execution, attempts] = await Promise.all([runs.execution(run.id), runs.attempts(run.rootId)]);
      return {
        body: {
          ...runForm(run),
          execution: execution === null ? null : executionForm(execution),
          attempts: attempts.map(runForm),
        },
      };
    },
  }),
  operation({
    ...PLAIN,
    id: "listQueue",
    method: "GET",
    path: "/queue",
    permission: "runs.read",
    summary: "List what waits in the order in which workers take it, each run with the reason",
    query: queueQuery,
    answer: { status: 200, shown: "Queue" },
    errors: ["invalid"],
    handle: async (
      { context: { store, access }, view, query: { filter = "", when = "now", limit = PAGE_ROWS, cursor, timezone } },
    ) => {
      const query = { ...readQueueFilter(filter), when, limit, ...(cursor !== undefined && { cursor }) };
      const { items, next, total, oldest } = await readQueue(
        { store, access, now: view.now, zone: zoneOf(timezone, view) },
        query,
      );
      const body = { items: items.map(waitingRunForm), next, total, oldest: oldest === null ? null : isoUtc(oldest) };
      return { body };
    },
  }),
  operation({
    ...PLAIN,
    id: "cancelRun",
    method: "POST",
    path: "/runs/{run}/cancel",
    permission: "runs.cancel",
    summary: "Cancel a waiting run, or ask a running one to stop",
    answer: { status: 200, shown: "CancelledRun" },
    errors: ["not_found", "conflict"],
    handle: async (request) => {
      const { id } = await runOf(request);
      return { body: { id, result: await cancelRun(request.context, { id }) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "explainRun",
    method: "GET",
    path: "/runs/{run}/why",
    permission: "runs.read",
    summary: "Say why a run waits; nothing where it does not",
    query: zoneQuery,
    answer: { status: 200, shown: "Why" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { context: { store }, view, query: { timezone } } = request;
      const run = await runOf(request);
      const waits = await whyWaits(store, run, {
        now: view.now,
        zone: zoneOf(timezone, view),
        access: request.context.access,
      });
      return { body: { id: run.id, why: waits === null ? [] : [waits] } };
    },
  }),
  operation({
    ...PLAIN,
    id: "findLogBeginning",
    method: "GET",
    path: "/runs/{run}/log/beginning",
    permission: "logs.read",
    summary: "Say in which chunk a byte of the output or the last lines begin, for readLog and followRun",
    query: beginningQuery,
    answer: { status: 200, shown: "LogBeginning" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { offset = 0, last_lines: lastLines } = request.query;
      const { id } = await runOf(request);
      const beginning = lastLines === undefined ? { offset } : { lastLines };
      return { body: logBeginningForm(await findBeginning(request.context.store, id, beginning)) };
    },
  }),
  operation({
    ...PLAIN,
    id: "readLog",
    method: "GET",
    path: "/runs/{run}/log",
    permission: "logs.read",
    summary: "Read the output of a run in chunks; next_seq goes on where an answer ended",
    query: logQuery,
    answer: { status: 200, shown: "LogChunks" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { from_seq: fromSeq = 0, max_bytes: maxBytes = LOG_BYTES } = request.query;
      // The run is read before its output: what it says after its end is all there is.
      const { id, state } = await runOf(request);
      const chunks = await request.context.store.logs.read(id, { fromSeq, maxBytes });
      const last = chunks.at(-1);
      return {
        body: {
          chunks: chunks.map(logChunkForm),
          next_seq: last === undefined ? fromSeq : last.seq + 1,
          is_complete: "completedAt" in state && last === undefined,
        },
      };
    },
  }),
  operation({
    ...PLAIN,
    id: "searchLog",
    method: "GET",
    path: "/runs/{run}/log/matches",
    permission: "logs.read",
    summary: "Find the lines of a run's output that have a text; next_line goes on where an answer ended",
    query: logSearchQuery,
    answer: { status: 200, shown: "LogMatches" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { text, stream, from_line: fromLine = 1, limit = PAGE_ROWS } = request.query;
      const { id } = await runOf(request);
      const items: LogMatch[] = [];
      const next = await searchOutput(request.context.store, id, {
        sought: { text, fromLine, ...(stream !== undefined && { stream }) },
        budget: SEARCH_BUDGET,
        onMatch: (match) => items.push(match) < limit,
      });
      return { body: { items: items.map(({ line, stream, text }) => ({ line, stream, text })), next_line: next } };
    },
  }),
  operation({
    ...PLAIN,
    id: "downloadLog",
    method: "GET",
    path: "/runs/{run}/log.txt",
    permission: "logs.read",
    summary: "Download the output of a run as text, all or a range of bytes",
    headers: rangeHeaders,
    answer: { status: 200, type: "text/plain", headers: ["content-range"] },
    errors: ["not_found", "range_not_satisfiable"],
    handle: async (request) => {
      const { id } = await runOf(request);
      const answer = await downloadLog(request.context.store.logs, id, request.headers.range ?? null);
      if (answer.status !== 416) return answer;
      const range = answer.headers.get("content-range") ?? "";
      throw new ApiError("range_not_satisfiable", `The output has ${range.replace("bytes */", "")} bytes`, {
        "content-range": range,
      });
    },
  }),
  operation({
    ...PLAIN,
    id: "followRun",
    method: "GET",
    path: "/runs/{run}/events",
    permission: "logs.read",
    summary: "Follow a run: its output as chunk events, its states, and its end",
    query: followQuery,
    headers: lastEventHeaders,
    answer: { status: 200, type: "text/event-stream" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { portal, query: { from = null, poll }, headers } = request;
      const { id } = await runOf(request);
      const lastEventId = headers["last-event-id"] ?? null;
      return followRun(portal, id, {
        ...request.caller,
        lastEventId,
        from,
        isPoll: poll !== undefined,
      });
    },
  }),
];

/** @throws {Invalid} */
function planned(
  job: Job,
  { from, to, at_once: atOnce }: { readonly from: string; readonly to: string; readonly at_once?: number | undefined },
  now: EpochMs,
): BackfillPlan {
  const planned = planBackfill(job, { from, to, at_once: String(atOnce ?? "") }, now);
  if ("plan" in planned) return planned.plan;
  throw new Invalid(Object.entries(planned.problems).map(([field, message]) => ({ field, message })));
}

/** The zone of times that are typed and said. @throws {Invalid} */
function zoneOf(timezone: string | undefined, { zone }: View): string {
  if (timezone === undefined) return zone;
  try {
    return parseTimezone(timezone);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    throw new Invalid([{ field: "timezone", message: error.message }]);
  }
}
