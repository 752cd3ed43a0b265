import type { Context } from "fresh";
import type { KeptFormProps } from "../components/KeptForm.tsx";
import { readParts } from "../format/schedule_parts.ts";
import { readForm } from "./form.ts";
import { emptyFields, fieldsOfForm, partsOf } from "./job_form.ts";
import type { State } from "./state.ts";

/** The form of a job, new or edited. */
const JOB_FORM = /^\/jobs\/(?:new|[1-9]\d{0,14}\/edit)$/;

/** What the form of an edited job carries along. */
const CARRIED = ["revision", "base"] as const;

/**
 * The form of a job as it was sent, to be sent again, for when the database does not answer; null: the request was something else.
 * Nobody knows then who sends it, so the page has nothing but what came with the request.
 */
export async function keptForm(
  { req, url, state: { portal: { config } } }: Context<State>,
): Promise<Omit<KeptFormProps, "requestId"> | null> {
  if (req.method !== "POST" || !JOB_FORM.test(url.pathname)) return null;
  const form = await readForm(req);
  const usual = emptyFields(config.displayTimezone);
  const fields = fieldsOfForm(form, usual);
  const carried = CARRIED.flatMap((name) => {
    const value = form.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    action: url.pathname,
    fields,
    parts: partsOf(fields.schedule, readParts(form)),
    usual,
    defaults: { timeoutSeconds: config.jobTimeoutMs / 1000, maxRetries: config.maxRetries },
    hidden: Object.fromEntries(carried),
  };
}
