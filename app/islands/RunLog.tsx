import { copyText } from "../client/copy.ts";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { LogTail } from "../client/log_tail.tsx";
import { live } from "../client/live.ts";
import type { Connection } from "../format/connection.ts";
import type { LogStream } from "@jobtrigger/shared/domain";
import { showNamedLines, textOfLines } from "../client/log_lines.ts";
import type { LogState, Output } from "../format/log_screen.ts";

/** The properties of the follower of a run's log. */
export interface RunLogProps {
  readonly runId: number;
  /** End of the log that the server rendered. */
  readonly state: LogState;
  /** Whether the run has ended: then no more output comes. */
  readonly hasEnded: boolean;
  /** Whether the end of the log is on this page. */
  readonly isTail: boolean;
  /** The stream that the page shows alone; null: all. */
  readonly stream: LogStream | null;
}

/** Follows a run: appends new output to `#log`, and scrolls along while the end is in view. */
export default function RunLog(props: RunLogProps): JSX.Element {
  const [connection, setConnection] = useState<Connection>(props.hasEnded ? "ended" : "connecting");
  const [isFollowing, setFollowing] = useState(true);
  const [isWrapped, setWrapped] = useState(true);
  const [isAnnouncing, setAnnouncing] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const [tail, setTail] = useState<LogTail | null>(null);

  useEffect(() => {
    const box = document.getElementById("log");
    if (box === null) return;
    const log = new LogTail(box, props.state, setFollowing);
    setTail(log);
    const stops = [() => log.stop(), showNamedLines(box), enterIsNext()];
    if (!props.hasEnded) {
      const stop = live({
        wants: () => ({ log: String(props.runId), from: props.isTail ? String(log.nextSeq) : "end" }),
        on: {
          chunk: (data) => {
            const chunk: Output = JSON.parse(data);
            log.add(chunk, props.stream === null || chunk.stream === props.stream);
          },
          "log-end": () => {
            stop();
            setConnection("ended");
          },
        },
        onConnection: setConnection,
      });
      stops.push(stop);
    }
    return () => {
      for (const stop of stops) stop();
    };
  }, []);

  const box = () => document.getElementById("log");
  const toggleWrap = () => {
    box()?.classList.toggle("unwrapped", isWrapped);
    setWrapped(!isWrapped);
  };
  const toggleAnnouncing = () => {
    box()?.setAttribute("aria-live", isAnnouncing ? "off" : "polite");
    setAnnouncing(!isAnnouncing);
  };
  const copy = async () => {
    const log = box();
    if (log !== null) setCopied(await copyText(textOfLines(log)));
  };
  return (
    <span class="row push" hidden={connection === "connecting"}>
      <button type="button" class="button" title="Copy the highlighted lines, or all on the page" onClick={copy}>
        {isCopied ? "Copied" : "Copy"}
      </button>
      <button type="button" class="button" aria-pressed={isWrapped} onClick={toggleWrap}>Wrap</button>
      {props.isTail && !props.hasEnded && (
        // Once the run has ended they are hidden in their place: the page would become shorter, and the lines being read would move.
        <span class={connection === "ended" ? "row over" : "row"}>
          <button
            type="button"
            class="button"
            aria-pressed={isFollowing}
            onClick={() => tail?.setFollowing(!isFollowing)}
          >
            Follow
          </button>
          <button type="button" class="button" aria-pressed={isAnnouncing} onClick={toggleAnnouncing}>
            Announce new lines
          </button>
        </span>
      )}
    </span>
  );
}

/** Enter in the field of a search that is shown goes to the next match. Returns the function that stops it. */
function enterIsNext(): () => void {
  const form = document.querySelector<HTMLFormElement>("form[data-find]");
  const onSubmit = (event: SubmitEvent) => {
    const field = form?.querySelector<HTMLInputElement>("input[type=search]");
    const next = form?.querySelector<HTMLAnchorElement>("a[rel=next]");
    if (!field || !next || field.value !== field.defaultValue) return;
    event.preventDefault();
    next.click();
  };
  form?.addEventListener("submit", onSubmit);
  return () => form?.removeEventListener("submit", onSubmit);
}
