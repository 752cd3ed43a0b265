/**
 * What programs are shown, as schemas: each describes what the form of the same name in `output.ts` and its neighbours makes.
 *
 * @module
 */
import type { z } from "zod";
import { ACCOUNT_SHOWN, type AccountName } from "./account.ts";
import { ALERT_SHOWN, type AlertName } from "./alert.ts";
import { JOB_SHOWN, type JobName } from "./job.ts";
import { RUN_SHOWN, type RunName } from "./run.ts";
import { SYSTEM_SHOWN, type SystemName } from "./system.ts";
import { WEBHOOK_SHOWN, type WebhookName } from "./webhook.ts";

/** The names of what is shown, as the OpenAPI document has them. */
export type ShownName = JobName | RunName | AccountName | AlertName | WebhookName | SystemName;

/** The schemas of all that is shown, by their names. */
export const SHOWN: Readonly<Record<ShownName, z.ZodType>> = {
  ...JOB_SHOWN,
  ...RUN_SHOWN,
  ...SYSTEM_SHOWN,
  ...ACCOUNT_SHOWN,
  ...WEBHOOK_SHOWN,
  ...ALERT_SHOWN,
};
