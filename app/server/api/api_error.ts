import { API_ERRORS, type ApiErrorCode, apiErrorCodeOf, problemForm } from "@jobtrigger/shared/api";
import { httpStatusOf, Invalid } from "@jobtrigger/shared/domain";
import { HttpError } from "fresh";

/** A request to the API cannot be carried out. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  /** What the answer has beside the usual headers. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ApiErrorCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.code = code;
    this.headers = headers;
  }

  /** The HTTP status. */
  get status(): number {
    return API_ERRORS[this.code].status;
  }
}

/** The answer for an error, as RFC 9457 has it; `detail` is what a person may be told of it. */
export function problemAnswer(
  error: unknown,
  { detail, requestId }: { readonly detail: string; readonly requestId: string },
): Response {
  const code = codeOf(error);
  const { status, title } = API_ERRORS[code];
  const errors = error instanceof Invalid ? error.problems.map(problemForm) : [];
  const headers = new Headers(error instanceof ApiError ? error.headers : {});
  headers.set("content-type", "application/problem+json");
  headers.set("cache-control", "no-store");
  const problem = { type: `/help/api#${code}`, title, status, detail, code, errors, requestId };
  return new Response(JSON.stringify(problem), { status, headers });
}

function codeOf(error: unknown): ApiErrorCode {
  if (error instanceof ApiError) return error.code;
  return apiErrorCodeOf(error instanceof HttpError ? error.status : httpStatusOf(error));
}

/** Whether a path belongs to the API, which says itself who may call it. */
export function isApiPath(path: string): boolean {
  return path.startsWith("/api/v1/");
}
