import type { RouteHandler } from "fresh";
import { answerApi } from "../../../server/api/answer.ts";
import type { State } from "../../../utils.ts";

/** Every operation of the API: `server/api/operations.ts` is the table of them. */
export const handler: RouteHandler<unknown, State> = (ctx) => answerApi(ctx);
