import { answerHook } from "../../server/hooks/answer.ts";
import { define } from "../../utils.ts";

/** Takes a delivery to a webhook. */
export const handler = define.handlers({ POST: answerHook });
