import { Conflict } from "@jobtrigger/shared/domain";
import { resumeWorker } from "@jobtrigger/shared/operations";
import { operating } from "../../../server/operating.ts";
import { workerIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Takes the request to drain back, and says so. */
export const handler = define.handlers({
  async POST({ params, state }) {
    try {
      await resumeWorker(operating(state), { id: workerIdOf(params) });
      return seeOther("/workers?notice=undrained");
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return seeOther("/workers?notice=worker_gone");
    }
  },
});
