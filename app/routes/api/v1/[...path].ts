import { answerApi } from "../../../server/api/answer.ts";
import { define } from "../../../utils.ts";

/** Every operation of the API: `server/api/operations.ts` is the table of them. */
export const handler = define.handlers((ctx) => answerApi(ctx));
