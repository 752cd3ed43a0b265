/**
 * How a session begins in a browser. It always has a new secret, and the session that the browser was in before ends: a cookie that
 * somebody else knows or has put there signs nobody in.
 *
 * @module
 */
import { type MustWait, signOut } from "@jobtrigger/shared/operations";
import { operating } from "../operating.ts";
import { seeOther } from "../redirect.ts";
import type { State } from "../state.ts";
import { dropCookie, readCookie, setCookie } from "./cookies.ts";
import { LOCAL_ADMINISTRATOR } from "./local.ts";
import { signInContext } from "./sign_in_context.ts";

/** Sends a browser on with the cookies of its new session; `device` null: it has the right one already. */
export async function signedIn(
  state: State,
  request: Request,
  { secret, device, next }: { readonly secret: string; readonly device: string | null; readonly next: string },
): Promise<Response> {
  await endSession(state, request.headers);
  const answer = seeOther(next);
  setCookie(answer.headers, state.way, "session", secret);
  if (device !== null) setCookie(answer.headers, state.way, "device", device);
  return answer;
}

/** Ends the session that the browser is in. */
export async function signedOut(state: State, request: Request): Promise<Response> {
  await endSession(state, request.headers);
  const answer = seeOther("/sign-in");
  dropCookie(answer.headers, state.way, "session");
  return answer;
}

/** What is said to whoever must wait, as a sentence without its full stop. */
export function mustWait({ retryAfterMs }: Pick<MustWait, "retryAfterMs">): string {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const [count, unit] = seconds < 120 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return `Too many attempts have failed. Try again in ${count} ${unit}${count === 1 ? "" : "s"}`;
}

async function endSession(state: State, headers: Headers): Promise<void> {
  const { session, portal, way } = state;
  const secret = readCookie(headers, way, "session");
  if (secret !== null && portal.access.sessions.isLive(secret)) {
    portal.access.sessions.end(secret);
    await portal.signInNotes.ended(await signInContext(state), LOCAL_ADMINISTRATOR);
  }
  if (session !== null) await signOut(operating(state), { userId: session.userId, id: session.id });
}
