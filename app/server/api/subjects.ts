/**
 * What an address names: a job by its id or key, a run, a user or a token by its id.
 *
 * @module
 */
import {
  type ApiTokenId,
  apiTokenId,
  type Dispatch,
  dispatchId,
  type Job,
  type JobId,
  jobId,
  NotFound,
  type SessionId,
  sessionId,
  type UserId,
  userId,
} from "@jobtrigger/shared/domain";
import { authorize, getJob, getRun, jobTarget } from "@jobtrigger/shared/operations";
import type { StoreReader } from "@jobtrigger/shared/store";
import type { ApiRequest } from "./operation.ts";
import { ApiError } from "./api_error.ts";

type Named = Pick<ApiRequest<unknown, unknown, unknown>, "context" | "params" | "permission">;

/** The job that an address names. @throws {NotFound} @throws {Forbidden} */
export async function jobOf(request: Named): Promise<Job> {
  return await jobNamed(request, request.params["job"] ?? "");
}

/**
 * The job that a text names by id or key, if the operation may be carried out on it.
 * @throws {NotFound} the same for what is not there and what may not be seen. @throws {Forbidden}
 */
async function jobNamed({ context, permission }: Named, text: string): Promise<Job> {
  try {
    const job = await findJob(context.store, text);
    if (permission !== null) await authorize(context, permission, jobTarget(job));
    return job;
  } catch (error) {
    // In the words of the request: an id would say that there is a job with this key.
    const named = isId(text) ? text : JSON.stringify(text.slice(0, 100));
    if (error instanceof NotFound) throw new NotFound(`There is no job ${named}`);
    throw error;
  }
}

/** A job that may be deleted: what is left of it are its id, its runs and its revisions. */
export interface PastJob {
  readonly id: JobId;
  readonly labels: readonly string[];
  /** Whether it is deleted, or was never there. */
  readonly hasEnded: boolean;
}

/**
 * The job that an address names, also a deleted one by its id.
 * @throws {NotFound} the same for what is not there and what may not be seen. @throws {Forbidden}
 */
export async function pastJobOf(request: Named): Promise<PastJob> {
  return await pastJobNamed(request, request.params["job"] ?? "");
}

/** The job that a text names, also a deleted one by its id. @throws {NotFound} @throws {Forbidden} */
export async function pastJobNamed(request: Named, text: string): Promise<PastJob> {
  try {
    return { ...await jobNamed(request, text), hasEnded: false };
  } catch (error) {
    if (!(error instanceof NotFound) || !isId(text)) throw error;
    const id = jobId(Number(text));
    const { context, permission } = request;
    if (await context.store.jobs.get(id) !== null) throw error;
    // A deleted job has no labels any more: only a role on everything reaches what is left of it.
    if (permission !== null) await authorize(context, permission, { kind: "job", id, name: null, labels: [] });
    return { id, labels: [], hasEnded: true };
  }
}

/** The run that an address names. @throws {NotFound} @throws {Forbidden} */
export async function runOf({ context, permission, params }: Named): Promise<Dispatch> {
  const text = params["run"] ?? "";
  if (!isId(text)) throw new NotFound(`There is no run ${text.slice(0, 40)}`);
  const run = await getRun(context.store, dispatchId(Number(text)));
  // The runs of a deleted job have no labels any more: only a role on everything reaches them.
  const labels = (await context.store.jobs.get(run.jobId))?.labels ?? [];
  if (permission !== null) await authorize(context, permission, { kind: "run", id: run.id, name: run.jobName, labels });
  return run;
}

/** The id of the user that an address names. @throws {NotFound} when it is no id. */
export function userIdOf({ params }: Pick<Named, "params">): UserId {
  const text = params["user"] ?? "";
  if (isId(text)) return userId(Number(text));
  throw new NotFound(`There is no user ${text.slice(0, 40)}`);
}

/** The id of the token that an address names. @throws {NotFound} when it is no id. */
export function tokenIdOf({ params }: Pick<Named, "params">): ApiTokenId {
  const text = params["token"] ?? "";
  if (isId(text)) return apiTokenId(Number(text));
  throw new NotFound(`There is no token ${text.slice(0, 40)}`);
}

/** The id of the session that an address names. @throws {NotFound} when it is no id. */
export function sessionIdOf({ params }: Pick<Named, "params">): SessionId {
  const text = params["session"] ?? "";
  if (isId(text)) return sessionId(Number(text));
  throw new NotFound(`There is no session ${text.slice(0, 40)}`);
}

/** A number of the path, such as a revision. @throws {NotFound} when it is none. */
export function numberOf({ params }: Pick<Named, "params">, name: string): number {
  const text = params[name] ?? "";
  if (isId(text)) return Number(text);
  throw new NotFound(`There is no ${name} ${text.slice(0, 40)}`);
}

/** The ETag of a job: its revision. */
export function etagOf({ revision }: Pick<Job, "revision">): { readonly etag: string } {
  return { etag: `"${revision}"` };
}

/** The revision that a change is made on. @throws {ApiError} `precondition_required` where `If-Match` is missing. */
export function revisionOf(
  job: Pick<Job, "revision">,
  { "if-match": condition }: { readonly "if-match"?: string | undefined },
): number {
  if (condition === "*") return job.revision;
  if (condition !== undefined) return Number(condition.slice(1, -1));
  const { etag } = etagOf(job);
  throw new ApiError("precondition_required", `Send If-Match: ${etag}, the ETag of the job as it was read`, { etag });
}

function isId(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text);
}

async function findJob(store: StoreReader, text: string): Promise<Job> {
  if (isId(text)) return await getJob(store, jobId(Number(text)));
  const job = (await store.jobs.find(text)).find(({ key }) => key === text);
  if (job === undefined) throw new NotFound(`There is no job ${text}`);
  return job;
}
