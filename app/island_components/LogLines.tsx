import type { ComponentChildren, JSX } from "preact";
import type { LogLine, Segment } from "../format/log_screen.ts";

/** Lines in one group. The browser lays out only the groups on screen. */
export const GROUP_LINES = 200;

const PLAIN_TITLE =
  "This line asks for more colours and overwriting than the page draws; the download has it as it was written";

/** Some rows of a log, on the server and in a page that follows a run; `hit`: the line that a search has found. */
export function LogLines({ lines, hit }: { readonly lines: readonly LogLine[]; readonly hit?: number }): JSX.Element {
  return <>{lines.map((line, i) => <Line key={i} line={line} isHit={line.number === hit} />)}</>;
}

function Line({ line, isHit }: { readonly line: LogLine; readonly isHit: boolean }): JSX.Element {
  const { number, isContinued, stream, segments, isPlain } = line;
  const names = ["ln", ...(stream === "stdout" ? [] : [stream]), ...(isHit ? ["hit"] : [])].join(" ");
  return (
    <div class={names} {...(isContinued ? {} : { id: `L${number}` })}>
      {isContinued
        ? <a aria-hidden="true">↳</a>
        : <a href={`#L${number}`} tabIndex={-1} aria-label={`Line ${number}`}>{number}</a>}
      {stream !== "stdout" && <i>{stream === "stderr" ? "err" : "note"}</i>}
      {isPlain && <i title={PLAIN_TITLE}>plain</i>}
      <span>
        {segments.map((segment, i) => <Piece key={i} {...segment} />)}
        {"\n"}
      </span>
    </div>
  );
}

function Piece({ text, classes, isMarked }: Segment): ComponentChildren {
  const words = isMarked ? <mark>{text}</mark> : text;
  return classes === "" ? words : <b class={classes}>{words}</b>;
}

/** A whole log in groups. */
export function LogGroups({ lines, hit }: { readonly lines: readonly LogLine[]; readonly hit?: number }): JSX.Element {
  const groups: (readonly LogLine[])[] = [];
  for (let i = 0; i < lines.length; i += GROUP_LINES) groups.push(lines.slice(i, i + GROUP_LINES));
  return (
    <>
      {groups.map((group, i) => (
        <div key={i} class="group">
          <LogLines lines={group} {...(hit !== undefined && { hit })} />
        </div>
      ))}
    </>
  );
}
