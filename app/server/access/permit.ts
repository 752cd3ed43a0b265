import { HttpError, type Middleware } from "fresh";
import { PERMISSION_RULES } from "@jobtrigger/shared/access";
import { Forbidden, type Permission } from "@jobtrigger/shared/domain";
import { authorize } from "@jobtrigger/shared/operations";
import { isReading } from "../changes.ts";
import { operating } from "../operating.ts";
import type { State } from "../state.ts";
import { permissionOf } from "./route_permissions.ts";

/**
 * Lets a request through to its route where its sender has the permission of that route on something, and refuses all others: 401
 * who is not signed in, 403 who is. On what exactly, the operations ask.
 */
export function permit(): Middleware<State> {
  return async (ctx) => {
    const { state, route, req } = ctx;
    const takes = route === null ? "signed in" : permissionOf(route, req.method);
    if (takes === "public") return await ctx.next();
    if (state.actor === null) throw new HttpError(401);
    if (takes === "none") throw new HttpError(403, "Nothing says who may open this page, so nobody may");
    if (takes === "no method") throw new HttpError(405);
    if (takes !== "signed in" && !state.mayAnywhere(takes)) {
      if (!isReading(req.method)) await noteDenied(state, takes, ctx.url.pathname);
      throw new HttpError(403, refusal(takes, state));
    }
    return await ctx.next();
  };
}

/** Has the operations refuse a change too: they write into the audit list who was denied what. */
async function noteDenied(state: State, permission: Permission, name: string): Promise<void> {
  try {
    await authorize(operating(state), permission, { kind: "system", id: null, name });
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
  }
}

function refusal(permission: Permission, { user }: State): string {
  const { sentence, role } = PERMISSION_RULES[permission];
  const has = user === null || user.role === null ? "" : `; yours is ${user.role}`;
  return `To ${sentence} takes the role ${role}${has}. An administrator can give it to you`;
}
