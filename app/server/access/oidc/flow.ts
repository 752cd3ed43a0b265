/**
 * How a browser signs in by the identity provider. It takes a secret along in a cookie, from which the state, the nonce and the PKCE
 * verifier follow: only the browser that began a sign-in can end it, once, within ten minutes. Then a session begins as with a
 * password, with a new secret.
 *
 * @module
 */
import { newSecret, rightsOf } from "@jobtrigger/shared/access";
import { Busy } from "@jobtrigger/shared/domain";
import { type SignInContext, signInExternally } from "@jobtrigger/shared/operations";
import { HttpError } from "fresh";
import { safePath } from "../../form.ts";
import { seeOther } from "../../redirect.ts";
import type { State } from "../../state.ts";
import { dropCookie, readCookie, setCookie } from "../cookies.ts";
import { signedIn } from "../sign_in.ts";
import { signInContext } from "../sign_in_context.ts";
import type { IdentityProvider } from "./provider.ts";
import { ProviderFailure } from "./provider_failure.ts";

/** Why nobody was signed in, for the page that signs people in. */
export interface FlowProblem {
  readonly status: 401 | 403 | 503;
  /** A sentence without its full stop. */
  readonly problem: string;
  /** Where the sign-in was to lead. */
  readonly next: string;
}

/** What the cookie has: the secret, and where the sign-in leads. */
const COOKIE = /^([\w-]{43})\.([\w-]*)$/;

const NOT_BEGUN = "This sign-in was not begun in this browser, or longer than 10 minutes ago. Start again";

/** Sends a browser to the identity provider; a problem: the provider does not answer. */
export async function beginFlow(state: State, url: URL): Promise<Response | FlowProblem> {
  const { portal, way } = state;
  const provider = providerOf(state);
  const next = safePath(url.searchParams.get("next") ?? "", "/");
  if (state.actor !== null) return seeOther(next);
  // The provider sends the browser back to the public address, and only there it finds the cookie again.
  const { publicUrl } = portal.config;
  if (publicUrl !== null && way.origin !== publicUrl) return seeOther(publicUrl + url.pathname + url.search);
  const secret = newSecret();
  try {
    const answer = seeOther((await provider.begin(secret)).href);
    setCookie(
      answer.headers,
      way,
      "oidc",
      `${secret}.${new TextEncoder().encode(next).toBase64({ alphabet: "base64url" }).replace(/=+$/, "")}`,
    );
    answer.headers.set("cache-control", "no-store");
    return answer;
  } catch (error) {
    return problemOf(state, error, next);
  }
}

/** Signs in whom the provider sent back; a problem: why it is nobody. */
export async function endFlow(state: State, request: Request, url: URL): Promise<Response | FlowProblem> {
  const { portal, way, requestId } = state;
  const provider = providerOf(state);
  const [, secret, encoded = ""] = COOKIE.exec(readCookie(request.headers, way, "oidc") ?? "") ?? [];
  const context = await signInContext(state);
  if (secret === undefined) return await failed(state, context, { status: 401, problem: NOT_BEGUN, next: "/" });
  const next = safePath(decoded(encoded), "/");
  try {
    const { externalId, name, groups } = await provider.finish({
      search: url.search,
      secret,
      skewMs: context.now - Date.now(),
    });
    const { oidcRoles: roles, oidcDefaultRole: defaultRole } = portal.config;
    const result = await signInExternally(context, {
      externalId,
      name,
      rights: rightsOf(groups, { roles, defaultRole }),
      isManaged: roles.length > 0,
      address: way.address,
      userAgent: request.headers.get("user-agent") ?? "",
    });
    if (result.outcome === "denied") return refused(state, { status: 403, problem: result.reason, next });
    portal.log.info("{actor} signed in from {address}", { actor: result.user.name, address: way.address, requestId });
    const answer = await signedIn(state, request, { secret: result.secret, device: null, next });
    dropCookie(answer.headers, way, "oidc");
    return answer;
  } catch (error) {
    const problem = problemOf(state, error, next);
    return error instanceof ProviderFailure && error.kind === "invalid"
      ? await failed(state, context, problem)
      : problem;
  }
}

function providerOf({ portal: { identityProvider } }: State): IdentityProvider {
  if (identityProvider === null) throw new HttpError(404);
  return identityProvider;
}

/** @throws what is no failure of the provider. */
function problemOf(state: State, error: unknown, next: string): FlowProblem {
  if (error instanceof Busy) return refused(state, { status: 503, problem: error.message, next });
  if (!(error instanceof ProviderFailure)) throw error;
  return refused(state, { status: error.status, problem: error.sentence, next }, error.message);
}

async function failed({ portal }: State, context: SignInContext, problem: FlowProblem): Promise<FlowProblem> {
  await portal.signInNotes.failed(context, problem.problem);
  return problem;
}

function refused(state: State, problem: FlowProblem, detail = ""): FlowProblem {
  const { portal, way, requestId } = state;
  portal.warnings.warn("Nobody was signed in by the identity provider from {address}: {reason}", {
    address: way.address,
    reason: problem.problem,
    ...(detail !== "" && { detail }),
    requestId,
    status: problem.status,
  });
  return problem;
}

function decoded(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(text, { alphabet: "base64url" }));
  } catch {
    return "";
  }
}
