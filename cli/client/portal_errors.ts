/**
 * What went wrong between jobctl and a portal, as the errors that a database would have thrown: the same messages, the same exit
 * codes. What only a network can do wrong is a sentence with the address and what to do.
 *
 * @module
 */
import { Conflict, Forbidden, Invalid, NotFound, StoreUnavailable } from "@jobtrigger/shared/domain";
import { type ProblemDetails, readProblemDetails } from "@jobtrigger/shared/api/schemas";
import type { PortalTarget } from "./target.ts";

/** An answer that is no success. */
export interface Failure {
  readonly status: number;
  readonly text: string;
  /** `Location`, where there is one. */
  readonly location: string | null;
  /** How long to wait, in seconds, as the portal said; null: it said nothing. */
  readonly retryAfter: number | null;
}

/** The error for an answer that is no success. */
export function errorOfAnswer(portal: Pick<PortalTarget, "url" | "namedBy">, failure: Failure): Error {
  const { url, namedBy } = portal;
  const { status, location, retryAfter } = failure;
  if (status >= 300 && status < 400) {
    const where = location === null ? "somewhere else" : `to ${originOf(location, url)}`;
    const message = `${url} sends ${where}, where jobctl does not take its token; expected the portal's own address`;
    return new Invalid([{ field: namedBy, message }]);
  }
  const problem = problemOf(failure.text);
  if (problem === null) {
    const message = `${url} answered ${status} and not as this portal does. Is it the portal's address?`;
    return status >= 500 ? new StoreUnavailable(`${message} Or is the portal behind it down?`) : noPortal(message);
  }
  const { errors, requestId } = problem;
  // It goes on in a sentence.
  const detail = problem.detail.replace(/\.$/, "");
  switch (problem.code) {
    case "unauthorized":
      return new Forbidden(
        `${url} does not accept the token: ${detail}. It may have expired or been revoked. With another one: ` +
          `JOBTRIGGER_TOKEN, or jobctl login ${url}`,
      );
    case "forbidden":
      return new Forbidden(problem.detail);
    case "not_found":
      return new NotFound(problem.detail);
    case "conflict":
    case "precondition_failed":
      return new Conflict(problem.detail);
    case "invalid":
      return new Invalid(errors.length > 0 ? errors : [{ field: "input", message: problem.detail }]);
    case "too_large":
      return new Invalid([{ field: "input", message: `it is too large for the portal: ${detail}` }]);
    case "too_many_requests": {
      const when = retryAfter === null ? "later" : `in ${retryAfter} s`;
      return new StoreUnavailable(`${url} has too many requests: ${detail}. Try again ${when}`);
    }
    case "unavailable":
      return new StoreUnavailable(`${url} cannot answer now: ${detail}. Try again later (request ${requestId})`);
    case "internal":
      return new StoreUnavailable(
        `${url} failed: ${detail}. Its log has the details under request ${requestId}`,
      );
    case "misdirected":
      return noPortal(`${url} does not answer under this name: ${detail}`);
    case "malformed":
    case "method_not_allowed":
    case "not_acceptable":
    case "unsupported_media_type":
    case "range_not_satisfiable":
    case "precondition_required":
      return noPortal(`${url} does not understand this jobctl: ${detail}. Are both of one version?`);
  }
}

/** The error for a request that got no answer. `wasSent`: the portal may have carried it out. */
export function errorOfNetwork(
  { url }: Pick<PortalTarget, "url">,
  error: unknown,
  { wasSent }: { readonly wasSent: boolean },
): Error {
  const code = codeOf(error);
  if (isOfCertificate(code)) {
    return new StoreUnavailable(
      `Cannot trust ${url}: its certificate is not valid here (${code}), so nothing was sent. If its authority is your own, ` +
        "name its certificate in JOBTRIGGER_CA_FILE",
      { cause: error },
    );
  }
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  const unknown = wasSent ? " Whether the portal carried this out is not known: look before you repeat it." : "";
  return new StoreUnavailable(
    `Cannot reach the portal at ${url}: ${reason}${code === "" ? "" : ` (${code})`}. ` +
      `Is it running, and is this its address?${unknown}`,
    { cause: error },
  );
}

/** The error for an answer that cannot be read. */
export function errorOfReading({ url }: Pick<PortalTarget, "url">, reason: string): Error {
  return noPortal(`${url} answered what this jobctl cannot read: ${reason}. Are both of one version?`);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no such name",
  EAI_AGAIN: "the name cannot be looked up now",
  ECONNRESET: "the connection broke off",
  EPIPE: "the connection broke off",
  EHOSTUNREACH: "no way leads there",
  ENETUNREACH: "no way leads there",
  ETIMEDOUT: "it does not answer",
};

/** Codes of node:tls about a certificate. */
function isOfCertificate(code: string): boolean {
  return /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/.test(code);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function problemOf(text: string): ProblemDetails | null {
  try {
    return readProblemDetails.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** No try later helps: exit code 1, and no stack. */
function noPortal(message: string): Error {
  return new StoreUnavailable(message);
}

function originOf(location: string, base: string): string {
  return URL.canParse(location, base) ? new URL(location, base).origin : "somewhere else";
}
