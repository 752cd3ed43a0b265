import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { watchPointer } from "../client/anchor.ts";
import { prepareMore } from "../client/more.ts";
import { applyWhenFree, refreshRegions } from "../client/regions.ts";
import { follow } from "../client/stream.ts";
import type { Connection } from "../format/connection.ts";
import { refreshTimes } from "../client/times.ts";
import { ConnectionSign } from "../components/ConnectionSign.tsx";

/** Keeps the live regions of a page current, and shows whether it is connected. */
export default function Live(): JSX.Element {
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => {
    let seen = "";
    prepareMore();
    const refresh = (_: string, id: string) => {
      if (id === seen) return;
      seen = id;
      void refreshRegions();
    };
    const stops = [
      // The first greeting refreshes too, because something may have changed since the server rendered the page.
      follow({
        url: () => `/api/events?since=${seen}`,
        on: { hello: refresh, change: refresh },
        onConnection: setConnection,
      }),
      applyWhenFree(),
      watchPointer(),
      refreshTimes(),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  return <ConnectionSign connection={connection} />;
}
