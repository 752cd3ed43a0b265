import { HttpError, type RouteHandler } from "fresh";
import type { DispatchId } from "@jobtrigger/shared/domain";
import type { LogStore } from "@jobtrigger/shared/store";
import { runIdOf } from "../../../server/params.ts";
import type { State } from "../../../utils.ts";

/** Bytes read at once: what a download holds in memory. */
const READ_BYTES = 524_288;

/** The whole stored output of a run as a text file, both streams in the order they came, only as fast as it is taken. */
export const handler: RouteHandler<unknown, State> = {
  async GET({ params, state }) {
    const { store } = state.portal;
    const id = runIdOf(params);
    if (await store.runs.get(id) === null) throw new HttpError(404, `There is no run ${id}`);
    return new Response(download(store.logs, id), {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename="run-${id}.log"`,
      },
    });
  },
};

function download(logs: LogStore, id: DispatchId): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let fromSeq = 0;
  return new ReadableStream({
    async pull(controller) {
      const chunks = await logs.read(id, { fromSeq, maxBytes: READ_BYTES });
      const last = chunks.at(-1);
      if (last === undefined) return controller.close();
      fromSeq = last.seq + 1;
      controller.enqueue(encoder.encode(chunks.map(({ data }) => data).join("")));
    },
  });
}
