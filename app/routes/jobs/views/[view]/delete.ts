import { removeView } from "@jobtrigger/shared/operations";
import { operating } from "../../../../server/operating.ts";
import { viewIdOf } from "../../../../server/params.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Removes a saved view. */
export const handler = define.handlers({
  async POST({ params, state }) {
    await removeView(operating(state), viewIdOf(params));
    return seeOther("/jobs");
  },
});
