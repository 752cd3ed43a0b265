import { acknowledgeIncident } from "@jobtrigger/shared/operations";
import { incidentIdOf } from "../../../server/alert_pages.ts";
import { readFields } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Takes an incident on. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    await acknowledgeIncident(operating(state), { id: incidentIdOf(params) });
    return seeOther("/alerts?notice=alert_acknowledged");
  },
});
