import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { watchPointer } from "../client/anchor.ts";
import { connectAgain, live, setPaused } from "../client/live.ts";
import { applyUpdate, applyWhenFree, askBy, isAsking, openRows } from "../client/regions.ts";
import { watchTabSign } from "../client/tab_sign.ts";
import { refreshTimes } from "../client/times.ts";
import { type Connection, CONNECTION_WORDS } from "../format/connection.ts";
import type { LiveUpdate } from "../format/live_update.ts";

/** Whether an island of this page keeps its regions current: more than one would do it twice. */
let isKept = false;

/** Keeps the live regions of a page current, and shows whether it is connected; a press pauses and resumes. */
export default function Live(): JSX.Element {
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => {
    if (isKept) return live({ wants: () => ({}), on: {}, onConnection: setConnection });
    isKept = true;
    const stops = [keepRegions(setConnection), applyWhenFree(), watchPointer(), refreshTimes(), watchTabSign()];
    return () => {
      isKept = false;
      for (const stop of stops) stop();
    };
  }, []);
  const isPaused = connection === "paused";
  return (
    <span data-keep>
      <button
        type="button"
        class={`live ${connection === "live" ? "is-on" : ""}`}
        data-connection={connection}
        hidden={connection === "connecting"}
        title={isPaused ? "Resume the updates of this page" : "Pause the updates of this page"}
        onClick={() => setPaused(!isPaused)}
      >
        {CONNECTION_WORDS[connection]}
      </button>
      <span class="sr" role="status" data-announce />
    </span>
  );
}

function keepRegions(onConnection: (connection: Connection) => void): () => void {
  let seen = "";
  let work = Promise.resolve();
  askBy(connectAgain);
  const update = (data: string, id: string) => {
    // One after another: to unpack a long one takes longer.
    work = work.then(async () => {
      if (data !== "") applyUpdate(await unpacked(data));
      seen = id;
      document.documentElement.dataset.seen = id;
    });
  };
  return live({
    wants: () => ({
      page: location.pathname + location.search,
      since: isAsking() ? "" : seen,
      rows: openRows().join(),
    }),
    on: { hello: update, change: update },
    onConnection,
  });
}

/** An update as the server has written it: JSON, or that compressed with gzip, in base64. */
async function unpacked(data: string): Promise<LiveUpdate> {
  if (data.startsWith("{")) return JSON.parse(data);
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}
