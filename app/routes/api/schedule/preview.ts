import { jobId } from "@jobtrigger/shared/domain";
import { PREVIEW_NAMES } from "../../../components/JobForm.tsx";
import { emptyFields } from "../../../server/job_form.ts";
import { previewTyped } from "../../../server/preview.ts";
import { define } from "../../../utils.ts";

/** Longest text of one field. */
const FIELD_LENGTH = 1000;

/** The preview of a job being typed, as JSON; null while it has no schedule. `?job=` names the edited job. */
export const handler = define.handlers({
  async GET({ url, state }) {
    const fields = emptyFields(state.portal.config.displayTimezone);
    for (const name of PREVIEW_NAMES) {
      fields[name] = (url.searchParams.get(name) ?? fields[name]).slice(0, FIELD_LENGTH);
    }
    const asked = url.searchParams.get("job") ?? "";
    const id = /^[1-9]\d{0,14}$/.test(asked) ? jobId(Number(asked)) : null;
    return Response.json(await previewTyped(fields, id, state));
  },
});
