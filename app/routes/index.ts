import type { RouteHandler } from "fresh";
import type { State } from "../utils.ts";

/** The first page is the list of jobs. */
export const handler: RouteHandler<unknown, State> = { GET: (ctx) => ctx.redirect("/jobs") };
