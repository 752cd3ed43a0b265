import { Conflict } from "@jobtrigger/shared/domain";
import { cancelRun } from "@jobtrigger/shared/operations";
import { operating } from "../../../server/operating.ts";
import { runIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Cancels a waiting run, asks a running one to stop, and says which it was. */
export const handler = define.handlers({
  async POST({ params, state }) {
    const id = runIdOf(params);
    try {
      return seeOther(`/runs/${id}?notice=${await cancelRun(operating(state), { id })}`);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return seeOther(`/runs/${id}?notice=ended`);
    }
  },
});
