import { epochMs, Invalid, parseDuration } from "@jobtrigger/shared/domain";
import { snoozeIncident } from "@jobtrigger/shared/operations";
import { SNOOZES } from "../../../components/Incidents.tsx";
import { incidentIdOf } from "../../../server/alert_pages.ts";
import { readFields } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Silences an incident for a while. */
export const handler = define.handlers({
  async POST({ req, params, url, state }) {
    await readFields(req, []);
    const [chosen] = SNOOZES.find(([value]) => value === url.searchParams.get("for")) ?? [];
    const seconds = chosen === undefined ? null : parseDuration(chosen);
    if (seconds === null) throw new Invalid([{ field: "for", message: "expected a time from the list" }]);
    const context = operating(state);
    const until = epochMs(context.now + seconds * 1000);
    await snoozeIncident(context, { id: incidentIdOf(params), until });
    return seeOther("/alerts?notice=alert_snoozed");
  },
});
