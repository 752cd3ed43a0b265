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
  jobId,
  NotFound,
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
export async function jobNamed({ context, permission }: Named, text: string): Promise<Job> {
  try {
    const job = await findJob(context.store, text);
    if (permission !== null) await authorize(context, permission, jobTarget(job));
    return job;
  } catch (error) {
    // In the words of the request: an id would say that there is a job with this key.
    if (error instanceof NotFound) throw new NotFound(`There is no job ${JSON.stringify(text.slice(0, 100))}`);
    throw error;
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

/**
 * The revision that a change is made on. @throws {ApiError} `precondition_required` where `If-Match` is missing,
 * `precondition_failed` where the job is at another.
 */
export function revisionOf(
  job: Pick<Job, "revision">,
  { "if-match": condition }: { readonly "if-match"?: string | undefined },
): number {
  const { etag } = etagOf(job);
  if (condition === "*" || condition === etag) return job.revision;
  if (condition !== undefined) {
    throw new ApiError("precondition_failed", `The job is at revision ${job.revision}, not at ${condition}`, { etag });
  }
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
