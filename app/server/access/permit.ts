import { HttpError, type Middleware } from "fresh";
import { PERMISSION_RULES } from "@jobtrigger/shared/access";
import type { Permission } from "@jobtrigger/shared/domain";
import type { State } from "../state.ts";
import { permissionOf } from "./route_permissions.ts";

/**
 * Lets a request through to its route where its sender has the permission of that route on something, and refuses all others: 401
 * who is not signed in, 403 who is. On what exactly, the operations ask.
 */
export function permit(): Middleware<State> {
  return (ctx) => {
    const { state, route, req } = ctx;
    const takes = route === null ? "signed in" : permissionOf(route, req.method);
    if (takes === "public") return ctx.next();
    if (state.actor === null) throw new HttpError(401);
    if (takes === "none") throw new HttpError(403, "Nothing says who may open this page, so nobody may");
    if (takes === "no method") throw new HttpError(405);
    if (takes !== "signed in" && !state.mayAnywhere(takes)) {
      throw new HttpError(403, refusal(takes, state));
    }
    return ctx.next();
  };
}

function refusal(permission: Permission, { user }: State): string {
  const { sentence, role } = PERMISSION_RULES[permission];
  const has = user === null || user.role === null ? "" : `; yours is ${user.role}`;
  return `To ${sentence} takes the role ${role}${has}. An administrator can give it to you`;
}
