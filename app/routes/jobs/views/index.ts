import { Conflict, Invalid } from "@jobtrigger/shared/domain";
import { saveView } from "@jobtrigger/shared/operations";
import { readForm } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Keeps the filter of a list under a name. */
export const handler = define.handlers({
  async POST({ req, state }) {
    const form = await readForm(req);
    const query = form.get("query") ?? "";
    try {
      const view = await saveView(operating(state), { name: form.get("name") ?? "", query });
      return seeOther(`/jobs?${view.query}`);
    } catch (error) {
      if (!(error instanceof Invalid || error instanceof Conflict)) throw error;
      const params = new URLSearchParams(query);
      params.set("notice", error instanceof Conflict ? "too_many_views" : "view_without_name");
      return seeOther(`/jobs?${params}`);
    }
  },
});
