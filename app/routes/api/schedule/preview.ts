import type { RouteHandler } from "fresh";
import { previewTyped } from "../../../server/preview.ts";
import type { State } from "../../../utils.ts";

/** Longest text of one field. */
const FIELD_LENGTH = 1000;

/** What the engine makes of a schedule being typed, as JSON; null while there is none. */
export const handler: RouteHandler<unknown, State> = {
  GET({ url, state }) {
    const of = (name: string) => (url.searchParams.get(name) ?? "").slice(0, FIELD_LENGTH);
    const fields = { schedule: of("schedule"), timezone: of("timezone"), gap: of("gap"), fold: of("fold") };
    return Response.json(previewTyped(fields, state.view), { headers: { "cache-control": "no-store" } });
  },
};
