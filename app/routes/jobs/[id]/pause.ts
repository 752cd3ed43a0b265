import type { RouteHandler } from "fresh";
import { pauseJob } from "@jobtrigger/shared/jobs";
import { backTo, readForm } from "../../../server/form.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import type { State } from "../../../utils.ts";

/** Longest note that is kept. */
const NOTE_LENGTH = 500;

/** Pauses a job, with a note on why if one was typed. */
export const handler: RouteHandler<unknown, State> = {
  async POST({ req, params, state }) {
    const { store, clock } = state.portal;
    const form = await readForm(req);
    const id = jobIdOf(params);
    const note = (form.get("note") ?? "").trim().slice(0, NOTE_LENGTH);
    await pauseJob(store, id, note === "" ? null : note, clock.now());
    return seeOther(backTo(form, `/jobs/${id}`));
  },
};
