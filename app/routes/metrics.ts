import { answerMetrics } from "../server/metrics/answer.ts";
import { define } from "../utils.ts";

/** For Prometheus. */
export const handler = define.handlers({ GET: ({ req, state }) => answerMetrics(req, state) });
