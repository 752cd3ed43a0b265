import { HttpError } from "fresh";
import { type DispatchId, dispatchId, type JobId, jobId } from "@jobtrigger/shared/domain";

/** The job id in a path. @throws {HttpError} 404 when it is none. */
export function jobIdOf(params: Readonly<Record<string, string>>): JobId {
  return jobId(idOf(params, "job"));
}

/** The run id in a path. @throws {HttpError} 404 when it is none. */
export function runIdOf(params: Readonly<Record<string, string>>): DispatchId {
  return dispatchId(idOf(params, "run"));
}

function idOf(params: Readonly<Record<string, string>>, what: string): number {
  const text = params.id ?? "";
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new HttpError(404, `There is no ${what} ${text.slice(0, 40)}`);
}
