import { define } from "../utils.ts";

/** The first page is the list of jobs. */
export const handler = define.handlers({ GET: (ctx) => ctx.redirect("/jobs") });
