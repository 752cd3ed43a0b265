import { downloadLog } from "../../../server/log_download.ts";
import { runIdOf } from "../../../server/params.ts";
import { runFor } from "../../../server/visible.ts";
import { define } from "../../../utils.ts";

/** The stored output of a run as a text file, or with `Range` a part of it. */
export const handler = define.handlers({
  async GET({ req, params, state }) {
    const { store } = state.portal;
    const id = runIdOf(params);
    await runFor(state, id, "logs.read");
    // A validator is never given out, so one that is asked about is not ours.
    return await downloadLog(store.logs, id, req.headers.has("if-range") ? null : req.headers.get("range"));
  },
});
