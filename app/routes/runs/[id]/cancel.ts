import { Conflict } from "@jobtrigger/shared/domain";
import { cancelRun } from "@jobtrigger/shared/operations";
import { backTo, readForm } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { runIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Cancels a waiting run, asks a running one to stop, and says which it was. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const id = runIdOf(params);
    const back = backTo(await readForm(req), `/runs/${id}`);
    const to = (notice: string) => seeOther(`${back}${back.includes("?") ? "&" : "?"}notice=${notice}`);
    try {
      return to(await cancelRun(operating(state), { id }));
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return to("ended");
    }
  },
});
