import { decide, visibleLabels } from "@jobtrigger/shared/access";
import { Conflict, type EpochMs, Invalid, type Job, type JobSummary, NotFound } from "@jobtrigger/shared/domain";
import {
  definitionFields,
  hideEnvValues,
  jobForm,
  jobSummaryForm,
  type JsonObject,
  keepEnvValues,
  narrowedBy,
  orderNamed,
  parseJobInput,
  parseNote,
  previewForm,
  readJobFilter,
  readLabels,
  revisionEntries,
  revisionForm,
} from "@jobtrigger/shared/api";
import {
  conditionHeaders,
  countQuery,
  idempotencyHeaders,
  jobsQuery,
  pageQuery,
  sentJob,
  sentNewJob,
  sentPause,
  sentRollback,
} from "@jobtrigger/shared/api/schemas";
import {
  authorize,
  createJob,
  deleteJob,
  editJob,
  getJob,
  getRevision,
  jobTarget,
  type OperationContext,
  pauseJob,
  readCrowd,
  resumeJob,
  rollBackJob,
} from "@jobtrigger/shared/operations";
import type { JobDefinition } from "@jobtrigger/shared/domain";
import type { Portal } from "../portal.ts";
import { ApiError } from "./api_error.ts";
import { type Answer, type ApiOperation, operation, PLAIN } from "./operation.ts";
import { etagOf, jobOf, numberOf, pastJobOf, revisionOf } from "./subjects.ts";

/** Rows of a page that names no limit. */
export const PAGE_ROWS = 50;

/** Everything about jobs themselves; their runs are in `runs.ts`. */
export const JOB_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "listJobs",
    method: "GET",
    path: "/jobs",
    permission: "jobs.read",
    summary: "List jobs, each with its newest run",
    query: jobsQuery,
    answer: { status: 200, shown: "JobPage" },
    errors: ["invalid"],
    handle: async ({ context, query: { filter = "", named, q, state, label, sort, cursor, limit = PAGE_ROWS } }) => {
      const narrowed = narrowedBy(readJobFilter(filter), {
        ...(named !== undefined && { ids: (await context.store.jobs.find(named)).map(({ id }) => id) }),
        ...(q !== undefined && { search: q }),
        ...(state !== undefined && { states: [state] }),
        ...(label !== undefined && { labels: label.map((text) => readLabels(text, "label")) }),
      });
      const { items, next } = await context.store.jobs.list({
        limit,
        visible: visibleLabels(context.access, "jobs.read"),
        ...narrowed,
        now: context.now,
        ...(sort !== undefined && { sort: orderNamed(sort) }),
        ...(cursor !== undefined && { cursor }),
      });
      return { body: { items: items.map((job) => summaryOf(context, job)), next } };
    },
  }),
  operation({
    ...PLAIN,
    id: "createJob",
    method: "POST",
    path: "/jobs",
    permission: "jobs.edit",
    summary: "Create a job; with paused, it starts nothing until it is resumed",
    headers: idempotencyHeaders,
    body: sentNewJob,
    answer: { status: 201, shown: "Job", headers: ["etag", "location"] },
    errors: ["forbidden", "not_found", "invalid"],
    handle: async ({ portal, context, headers, body }) => {
      const { paused: isPaused, ...fields } = body;
      const beginning = isPaused === true ? { paused: { note: null } } : {};
      const create = async () => await createJob(context, await definitionOf(fields, portal, {}), beginning);
      const key = headers["idempotency-key"];
      const job = key === undefined ? await create() : await createdOnce({ portal, context }, { key, body, create });
      return { body: jobForm(job), headers: { ...etagOf(job), location: `/api/v1/jobs/${job.id}` } };
    },
  }),
  operation({
    ...PLAIN,
    id: "getJob",
    method: "GET",
    path: "/jobs/{job}",
    permission: "jobs.read",
    summary: "Read a job",
    answer: { status: 200, shown: "Job", headers: ["etag"] },
    errors: ["not_found"],
    handle: async (request) => jobAnswer(request, await jobOf(request)),
  }),
  operation({
    ...PLAIN,
    id: "replaceJob",
    method: "PUT",
    path: "/jobs/{job}",
    permission: "jobs.edit",
    summary: "Replace the definition of a job; what is not sent gets its default",
    headers: conditionHeaders,
    body: sentJob,
    answer: { status: 200, shown: "Job", headers: ["etag"] },
    errors: ["not_found", "precondition_failed", "precondition_required", "invalid"],
    handle: async (request) => {
      const { portal, context, headers, body } = request;
      const job = await jobOf(request);
      const revision = revisionOf(job, headers);
      const definition = await definitionOf(body, portal, job.policies.env);
      return jobAnswer(request, await onRevision(editJob(context, { id: job.id, revision, definition })));
    },
  }),
  operation({
    ...PLAIN,
    id: "deleteJob",
    method: "DELETE",
    path: "/jobs/{job}",
    permission: "jobs.delete",
    summary: "Delete a job: its waiting runs are cancelled, its running ones asked to stop",
    answer: { status: 204 },
    errors: ["not_found"],
    handle: async (request) => {
      const { id } = await jobOf(request);
      await deleteJob(request.context, { id });
      return { body: null };
    },
  }),
  operation({
    ...PLAIN,
    id: "getJobDefinition",
    method: "GET",
    path: "/jobs/{job}/definition",
    permission: "jobs.read",
    summary: "Read the definition of a job as replaceJob takes it",
    answer: { status: 200, shown: "JobDefinition", headers: ["etag"] },
    errors: ["not_found"],
    handle: async (request) => {
      const job = await jobOf(request);
      return { body: definitionFields(shown(request.context, job)(job)), headers: etagOf(job) };
    },
  }),
  operation({
    ...PLAIN,
    id: "pauseJob",
    method: "POST",
    path: "/jobs/{job}/pause",
    permission: "jobs.pause",
    summary: "Pause a job; its waiting runs start all the same unless they are cancelled with it",
    body: sentPause,
    answer: { status: 200, shown: "PausedJob", headers: ["etag"] },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { note, cancel_waiting: cancelsWaiting = false } = request.body;
      const { id } = await jobOf(request);
      const paused = await pauseJob(request.context, { id, note: parseNote(note ?? ""), cancelsWaiting });
      const counts = { waiting_runs: paused.waiting, cancelled_runs: paused.cancelled };
      return {
        body: { ...jobForm(shown(request.context, paused.job)(paused.job)), ...counts },
        headers: etagOf(paused.job),
      };
    },
  }),
  operation({
    ...PLAIN,
    id: "resumeJob",
    method: "POST",
    path: "/jobs/{job}/resume",
    permission: "jobs.pause",
    summary: "Resume a paused job; nothing is made up for",
    answer: { status: 200, shown: "Job", headers: ["etag"] },
    errors: ["not_found"],
    handle: async (request) => {
      const { id } = await jobOf(request);
      return jobAnswer(request, await resumeJob(request.context, { id }));
    },
  }),
  operation({
    ...PLAIN,
    id: "listRevisions",
    method: "GET",
    path: "/jobs/{job}/revisions",
    permission: "jobs.read",
    summary: "List the revisions of a job, newest first, with what each changed; of a deleted job by its id",
    query: pageQuery,
    answer: { status: 200, shown: "RevisionPage" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { cursor, limit = PAGE_ROWS } = request.query;
      const { id, labels, hasEnded } = await pastJobOf(request);
      const before = cursor === undefined ? undefined : revisionCursor(cursor);
      // One more than is shown, to compare the last with.
      const revisions = await request.context.store.jobs.revisions(id, {
        limit: limit + 1,
        ...(before !== undefined && { before }),
      });
      if (hasEnded && revisions.length === 0 && before === undefined) throw new NotFound(`There is no job ${id}`);
      const next = revisions.length > limit ? String(revisions[limit - 1]?.revision) : null;
      const entries = revisionEntries(revisions, limit, shown(request.context, { labels }));
      return { body: { items: entries.map(revisionForm), next } };
    },
  }),
  operation({
    ...PLAIN,
    id: "getRevision",
    method: "GET",
    path: "/jobs/{job}/revisions/{revision}",
    permission: "jobs.read",
    summary: "Read a revision of a job",
    answer: { status: 200, shown: "Revision" },
    errors: ["not_found"],
    handle: async (request) => {
      const revision = numberOf(request, "revision");
      const { store } = request.context;
      const job = await jobOf(request);
      await getRevision(store, job.id, revision);
      const revisions = await store.jobs.revisions(job.id, { before: revision + 1, limit: 2 });
      const [entry] = revisionEntries(revisions, 1, shown(request.context, job));
      if (entry === undefined) throw new NotFound(`Job ${job.id} has no revision ${revision}`);
      return { body: revisionForm(entry) };
    },
  }),
  operation({
    ...PLAIN,
    id: "rollBackJob",
    method: "POST",
    path: "/jobs/{job}/rollback",
    permission: "jobs.edit",
    summary: "Give a job the definition of an earlier revision",
    headers: conditionHeaders,
    body: sentRollback,
    answer: { status: 200, shown: "Job", headers: ["etag"] },
    errors: ["not_found", "precondition_failed", "precondition_required", "invalid"],
    handle: async (request) => {
      const job = await jobOf(request);
      const revision = revisionOf(job, request.headers);
      const rollback = rollBackJob(request.context, { id: job.id, revision, to: request.body.to });
      return jobAnswer(request, await onRevision(rollback));
    },
  }),
  operation({
    ...PLAIN,
    id: "getNextRuns",
    method: "GET",
    path: "/jobs/{job}/next-runs",
    permission: "jobs.read",
    summary: "Say when a job runs next, by the scheduler's own engine; a paused job as if it were resumed",
    query: countQuery,
    answer: { status: 200, shown: "SchedulePreview" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { count = 10 } = request.query;
      const { context, view: { now } } = request;
      const job = await jobOf(request);
      const crowdAt = (at: EpochMs) => readCrowd(context, { at, except: job.id });
      return { body: await previewForm(job, { now, count, crowdAt }) };
    },
  }),
];

function jobAnswer({ context }: { readonly context: OperationContext }, job: Job): Answer {
  return { body: jobForm(shown(context, job)(job)), headers: etagOf(job) };
}

/** A job with its newest run and its failure, which only who may see runs is shown. */
function summaryOf(context: OperationContext, job: JobSummary): JsonObject {
  const isSeen = decide(context.access, "runs.read", job).allowed;
  const { lastRun, failure, recent } = isSeen ? job : { lastRun: null, failure: null, recent: [] };
  return jobSummaryForm({ ...shown(context, job)(job), lastRun, failure, recent });
}

/**
 * The job that `create` makes, or the one that it made under the same key: as it is now, if the caller may still edit it.
 * @throws {NotFound} @throws {Forbidden}
 */
async function createdOnce(
  { portal, context }: { readonly portal: Portal; readonly context: OperationContext },
  { key, body, create }: { readonly key: string; readonly body: unknown; readonly create: () => Promise<Job> },
): Promise<Job> {
  let made: Job | null = null;
  const id = await portal.created.do(keyOf(context, key), body, async () => {
    made = await create();
    return made.id;
  });
  if (made !== null) return made;
  const job = await getJob(context.store, id);
  await authorize(context, "jobs.edit", jobTarget(job));
  return job;
}

/** What the caller is shown of a definition of `job`: the values of its environment only where they may edit the job. */
function shown(
  { access }: OperationContext,
  job: Pick<Job, "labels">,
): <Definition extends JobDefinition>(definition: Definition) => Definition {
  return decide(access, "jobs.edit", job).allowed ? (definition) => definition : hideEnvValues;
}

/** Reads a definition; `env` is the environment that the job has. @throws {Invalid} with the fields as they were sent. */
async function definitionOf(
  body: Readonly<Record<string, unknown>>,
  { config }: Portal,
  env: JobDefinition["policies"]["env"],
): Promise<JobDefinition> {
  const { gap, fold, ...fields } = body;
  const dst = Object.fromEntries(Object.entries({ gap, fold }).filter(([, value]) => value != null));
  return await parseJobInput(
    { ...fields, env: keepEnvValues(fields["env"], env), dst },
    { scriptsDirs: config.scriptsDirs, defaultTimezone: config.displayTimezone },
  );
}

/** What `change` answers; a revision that has come in between is a condition that no longer holds. */
async function onRevision(change: Promise<Job>): Promise<Job> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof Conflict) throw new ApiError("precondition_failed", error.message);
    throw error;
  }
}

/** Keys of two callers are two keys. */
function keyOf({ actor }: OperationContext, key: string): string {
  return `${actor.kind} ${"userId" in actor ? actor.userId : ""} ${key}`;
}

function revisionCursor(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new Invalid([{ field: "cursor", message: "it is not one that a page of this list gave" }]);
}
