import type { JSX } from "preact";
import type { LogLine } from "../format/log_screen.ts";

/** Lines in one group. The browser lays out only the groups on screen. */
export const GROUP_LINES = 200;

const PLAIN_TITLE =
  "This line asks for more colours and overwriting than the page draws; the download has it as it was written";

/** Some rows of a log, on the server and in a page that follows a run. */
export function LogLines({ lines }: { readonly lines: readonly LogLine[] }): JSX.Element {
  return <>{lines.map((line, i) => <Line key={i} line={line} />)}</>;
}

function Line({ line: { number, isContinued, stream, segments, isPlain } }: { readonly line: LogLine }): JSX.Element {
  return (
    <div class={stream === "stdout" ? "ln" : `ln ${stream}`} {...(isContinued ? {} : { id: `L${number}` })}>
      {isContinued ? <a aria-hidden="true">↳</a> : <a href={`#L${number}`} aria-label={`Line ${number}`}>{number}</a>}
      {stream !== "stdout" && <i>{stream === "stderr" ? "err" : "note"}</i>}
      {isPlain && <i title={PLAIN_TITLE}>plain</i>}
      <span>
        {segments.map(({ text, classes }, i) => classes === "" ? text : <b key={i} class={classes}>{text}</b>)}
        {"\n"}
      </span>
    </div>
  );
}

/** A whole log in groups. */
export function LogGroups({ lines }: { readonly lines: readonly LogLine[] }): JSX.Element {
  const groups: (readonly LogLine[])[] = [];
  for (let i = 0; i < lines.length; i += GROUP_LINES) groups.push(lines.slice(i, i + GROUP_LINES));
  return (
    <>
      {groups.map((group, i) => (
        <div key={i} class="group">
          <LogLines lines={group} />
        </div>
      ))}
    </>
  );
}
