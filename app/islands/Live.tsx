import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { applyWaiting, refreshRegions } from "../client/regions.ts";
import { type Connection, follow } from "../client/stream.ts";
import { refreshTimes } from "../client/times.ts";
import { ConnectionSign } from "../components/ConnectionSign.tsx";

/** Keeps the live parts of a page current and says whether it can. */
export default function Live(): JSX.Element {
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => {
    let seen = "";
    const stops = [
      follow({
        url: () => `/api/events?since=${seen}`,
        on: {
          hello: (_, id) => seen = id,
          change: (_, id) => {
            seen = id;
            void refreshRegions();
          },
        },
        onConnection: setConnection,
      }),
      refreshTimes(),
    ];
    const events = ["pointerleave", "pointerout", "focusout", "toggle"];
    const later = () => setTimeout(applyWaiting);
    for (const name of events) document.addEventListener(name, later, true);
    return () => {
      for (const name of events) document.removeEventListener(name, later, true);
      for (const stop of stops) stop();
    };
  }, []);
  return <ConnectionSign connection={connection} />;
}
