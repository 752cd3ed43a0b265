import { deleteChannel } from "@jobtrigger/shared/operations";
import { channelIdOf } from "../../../../server/alert_pages.ts";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Deletes an alert channel. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    const id = channelIdOf(params);
    await deleteChannel(operating(state), { id });
    return seeOther("/settings/alerts?notice=channel_deleted");
  },
});
