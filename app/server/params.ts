import { HttpError } from "fresh";
import {
  type ApiTokenId,
  apiTokenId,
  type DispatchId,
  dispatchId,
  type JobId,
  jobId,
  type SessionId,
  sessionId,
  type UserId,
  userId,
  type WebhookId,
  webhookId,
  type WorkerId,
  workerId,
} from "@jobtrigger/shared/domain";

/** The job id in a path. @throws {HttpError} 404 when it is none. */
export function jobIdOf(params: Readonly<Record<string, string>>): JobId {
  return jobId(idOf(params, "job"));
}

/** The run id in a path. @throws {HttpError} 404 when it is none. */
export function runIdOf(params: Readonly<Record<string, string>>): DispatchId {
  return dispatchId(idOf(params, "run"));
}

/** The user id in a path. @throws {HttpError} 404 when it is none. */
export function userIdOf(params: Readonly<Record<string, string>>): UserId {
  return userId(idOf(params, "user"));
}

/** The session id in a path. @throws {HttpError} 404 when it is none. */
export function sessionIdOf(
  params: Readonly<Record<string, string>>,
  name: "id" | "session" = "id",
): SessionId {
  return sessionId(idOf(params, "session", name));
}

/** The id of an API token in a path, by default its parameter `id`. @throws {HttpError} 404 when it is none. */
export function tokenIdOf(params: Readonly<Record<string, string>>, name: "id" | "token" = "id"): ApiTokenId {
  return apiTokenId(idOf(params, "token", name));
}

/** The id of a webhook in a path. @throws {HttpError} 404 when it is none. */
export function webhookIdOf(params: Readonly<Record<string, string>>): WebhookId {
  return webhookId(idOf(params, "webhook", "webhook"));
}

/** The number of a change of many jobs in a path. @throws {HttpError} 404 when it is none. */
export function bulkIdOf(params: Readonly<Record<string, string>>): number {
  return idOf(params, "change", "bulk");
}

/** The number of a saved view in a path. @throws {HttpError} 404 when it is none. */
export function viewIdOf(params: Readonly<Record<string, string>>): number {
  return idOf(params, "view", "view");
}

/** The worker id in a path. @throws {HttpError} 404 when it is none. */
export function workerIdOf({ id = "" }: Readonly<Record<string, string>>): WorkerId {
  if (id !== "" && id.length <= 200) return workerId(id);
  throw new HttpError(404, "There is no such worker");
}

/** The number in a path that names `what`. @throws {HttpError} 404 when it is none. */
export function idOf(params: Readonly<Record<string, string>>, what: string, name = "id"): number {
  const text = params[name] ?? "";
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new HttpError(404, `There is no ${what} ${text.slice(0, 40)}`);
}
