import { readBulk } from "@jobtrigger/shared/operations";
import { followerOf } from "../../../../server/access/follower.ts";
import { goOnWithBulk } from "../../../../server/bulk.ts";
import { backTo, readForm } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { bulkIdOf } from "../../../../server/params.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Goes on with a change of many jobs that was interrupted. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const form = await readForm(req);
    const context = operating(state);
    const { accessNow } = followerOf(state, req.headers);
    const { id } = await goOnWithBulk(state.portal, { context, accessNow }, await readBulk(context, bulkIdOf(params)));
    return seeOther(`/jobs/bulk/${id}?back=${encodeURIComponent(backTo(form, "/jobs"))}`);
  },
});
