import { AuthorizationResponseError, WWWAuthenticateChallengeError } from "openid-client";

/**
 * How an identity provider signs nobody in: it is `away`; it `refused` the person; its answer is `invalid`, so it proves nobody; or
 * the portal's `settings` do not fit it.
 */
export type ProviderFailureKind = "away" | "refused" | "invalid" | "settings";

/** What people read. What exactly was wrong is for the log. */
const SENTENCES: Readonly<Record<ProviderFailureKind, string>> = {
  away: "The identity provider does not answer. Try again in a while",
  refused: "The identity provider signed nobody in. Try again, or ask who manages it",
  invalid: "What the identity provider answered proves nobody. Start again",
  settings: "The portal is not set up for this identity provider. Its log says what is wrong",
};

/** The identity provider proves nobody. The message is for the log: it has codes and names of claims, never a token. */
export class ProviderFailure extends Error {
  override readonly name = "ProviderFailure";
  readonly kind: ProviderFailureKind;

  constructor(kind: ProviderFailureKind, message: string) {
    super(message);
    this.kind = kind;
  }

  /** The sentence for the person, without its full stop. */
  get sentence(): string {
    return SENTENCES[this.kind];
  }

  /** The status of the page that says so. */
  get status(): 401 | 503 {
    return this.kind === "away" || this.kind === "settings" ? 503 : 401;
  }

  /** What an error of `openid-client` means. */
  static of(error: unknown): ProviderFailure {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof ProviderFailure) return cause;
      if (cause.name === "TimeoutError") return new ProviderFailure("away", cause.message);
    }
    if (error instanceof AuthorizationResponseError) {
      return new ProviderFailure("refused", `It answers ${codeOf(error)}`);
    }
    if (codeOf(error) === "invalid_client" || error instanceof WWWAuthenticateChallengeError) {
      return new ProviderFailure("settings", "It does not take WEB_OIDC_CLIENT_ID with WEB_OIDC_CLIENT_SECRET");
    }
    return new ProviderFailure("invalid", messageOf(error));
  }
}

/** What was wrong, without what was sent: a claim by its name, an error of the provider by its code. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const claim = claimOf(cause.cause);
  return [error.message, codeOf(error), claim === null ? "" : `claim ${claim}`].filter((part) => part !== "").join(
    "; ",
  );
}

/** The code that the protocol has for an error; "": it has none. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("error" in error) || typeof error.error !== "string") return "";
  return /^[\w.-]{1,60}$/.test(error.error) ? error.error : "an error that is no code";
}

function claimOf(detail: unknown): string | null {
  if (detail === null || typeof detail !== "object" || !("claim" in detail)) return null;
  return typeof detail.claim === "string" ? detail.claim : null;
}
