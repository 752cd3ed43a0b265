/**
 * What can go wrong with a request to the API, for programs: a code, the status it comes with, and a title.
 *
 * @module
 */

/** The codes, from the request that cannot be read to the database that does not answer. */
export const API_ERROR_CODES = [
  "malformed",
  "unauthorized",
  "forbidden",
  "not_found",
  "method_not_allowed",
  "not_acceptable",
  "conflict",
  "precondition_failed",
  "too_large",
  "unsupported_media_type",
  "range_not_satisfiable",
  "misdirected",
  "invalid",
  "precondition_required",
  "too_many_requests",
  "internal",
  "unavailable",
] as const;

/** One of {@linkcode API_ERROR_CODES}. */
export type ApiErrorCode = typeof API_ERROR_CODES[number];

/** What goes with a code. */
export interface ApiErrorKind {
  /** The HTTP status. */
  readonly status: number;
  /** What it is called, the same each time. */
  readonly title: string;
  /** What to do about it, in a sentence for the reference page. */
  readonly about: string;
}

/** All kinds of errors. */
export const API_ERRORS: Readonly<Record<ApiErrorCode, ApiErrorKind>> = {
  malformed: {
    status: 400,
    title: "The request cannot be read",
    about: "The body is no JSON, the path is no proper path, or the address holds a token.",
  },
  unauthorized: {
    status: 401,
    title: "Nobody is signed in",
    about: "Send an API token as Authorization: Bearer jtp_…; it may have expired or been revoked.",
  },
  forbidden: {
    status: 403,
    title: "This is not permitted",
    about: "The role, the token's scopes or its labels do not allow it; the detail says which.",
  },
  not_found: {
    status: 404,
    title: "There is no such thing",
    about: "It is not there, it was deleted, or you may not see it.",
  },
  method_not_allowed: {
    status: 405,
    title: "This address does not answer that method",
    about: "The header Allow names the methods.",
  },
  not_acceptable: {
    status: 406,
    title: "There is no answer of the kinds that Accept names",
    about: "Leave Accept out, or name the kind that this page gives for the operation.",
  },
  conflict: {
    status: 409,
    title: "It contradicts what is there",
    about: "Somebody else was first, or an earlier run leaves no room; the detail says which.",
  },
  precondition_failed: {
    status: 412,
    title: "It has been changed meanwhile",
    about: "Read it again: the revision that If-Match names is not the current one.",
  },
  too_large: { status: 413, title: "The body is too large", about: "A body has at most 256 KiB." },
  unsupported_media_type: {
    status: 415,
    title: "The body is of an unknown kind",
    about: "Send Content-Type: application/json.",
  },
  range_not_satisfiable: {
    status: 416,
    title: "There is nothing in this range",
    about: "The output is shorter; the header Content-Range names its size.",
  },
  misdirected: {
    status: 421,
    title: "The portal does not answer under this name",
    about: "Use the address that the portal was set up with.",
  },
  invalid: {
    status: 422,
    title: "The input is wrong",
    about: "The member errors names each field, what was found and what would be right.",
  },
  precondition_required: {
    status: 428,
    title: "A condition is missing",
    about: "Send If-Match with the ETag of the job that you change, or * to change whatever is there.",
  },
  too_many_requests: {
    status: 429,
    title: "There are too many requests",
    about: "The header Retry-After says in how many seconds to try again.",
  },
  internal: {
    status: 500,
    title: "Something went wrong on our side",
    about: "The portal's log has the details under the requestId.",
  },
  unavailable: {
    status: 503,
    title: "It cannot be done now",
    about: "The database does not answer, or too much is under way; try again later.",
  },
};

/** The code of a status; other statuses of 4xx are `malformed`, others of 5xx `internal`. */
export function apiErrorCodeOf(status: number): ApiErrorCode {
  const found = API_ERROR_CODES.find((code) => API_ERRORS[code].status === status);
  return found ?? (status < 500 ? "malformed" : "internal");
}
