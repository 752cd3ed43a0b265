import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { LogTail } from "../client/log_tail.tsx";
import { live } from "../client/live.ts";
import type { Connection } from "../format/connection.ts";
import type { LogState } from "../format/log_screen.ts";

/** The properties of the follower of a run's log. */
export interface RunLogProps {
  readonly runId: number;
  /** End of the log that the server rendered. */
  readonly state: LogState;
  /** Whether the run has ended: then no more output comes. */
  readonly hasEnded: boolean;
  /** Whether the end of the log is on this page. */
  readonly isTail: boolean;
  /** Most lines on a page: a link to another line loads the block around it. */
  readonly windowLines: number;
}

/** Follows a run: appends new output to `#log`, and scrolls along while the end is in view. */
export default function RunLog(props: RunLogProps): JSX.Element {
  const [connection, setConnection] = useState<Connection>(props.hasEnded ? "ended" : "connecting");
  const [isFollowing, setFollowing] = useState(true);
  const [isWrapped, setWrapped] = useState(true);
  const [tail, setTail] = useState<LogTail | null>(null);

  useEffect(() => {
    const box = document.getElementById("log");
    if (box === null) return;
    showLine(props.windowLines);
    const log = new LogTail(box, props.state, setFollowing);
    setTail(log);
    if (props.hasEnded) return () => log.stop();
    const stop = live({
      wants: () => ({ log: String(props.runId), from: props.isTail ? String(log.nextSeq) : "end" }),
      on: {
        chunk: (data) => log.add(JSON.parse(data)),
        "log-end": () => {
          stop();
          setConnection("ended");
        },
      },
      onConnection: setConnection,
    });
    return () => {
      stop();
      log.stop();
    };
  }, []);

  const toggleWrap = () => {
    document.getElementById("log")?.classList.toggle("unwrapped", isWrapped);
    setWrapped(!isWrapped);
  };
  return (
    <span class="row">
      {connection !== "connecting" && (
        <>
          <button type="button" class="button" aria-pressed={isWrapped} onClick={toggleWrap}>Wrap</button>
          {props.isTail && connection !== "ended" && (
            <button
              type="button"
              class="button"
              aria-pressed={isFollowing}
              onClick={() => tail?.setFollowing(!isFollowing)}
            >
              Follow
            </button>
          )}
        </>
      )}
    </span>
  );
}

/** Shows the line that the address names, and loads its page if it is on another. */
function showLine(windowLines: number): void {
  const line = /^#L([1-9]\d{0,8})$/.exec(location.hash)?.[1];
  if (line === undefined || document.getElementById(`L${line}`) !== null) return;
  const url = new URL(location.href);
  const asked = Number(url.searchParams.get("line") ?? 0);
  if (Math.ceil(asked / windowLines) === Math.ceil(Number(line) / windowLines)) return;
  url.searchParams.set("line", line);
  location.replace(url);
}
