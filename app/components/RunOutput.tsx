import type { Dispatch, LogStream } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { LogLine } from "../format/log_screen.ts";
import { STATUS_WORDS } from "../format/words.ts";
import { formatDuration } from "@jobtrigger/shared/time";
import { Icon } from "./Icon.tsx";
import { LogGroups } from "../island_components/LogLines.tsx";
import { Menu, MenuLink } from "./Menu.tsx";
import { withParams } from "./Pager.tsx";
import { durationOf } from "./RunTable.tsx";

/** The streams that a page can show alone. */
export const SHOWN_STREAMS: readonly LogStream[] = ["stdout", "stderr"];

/** All attempts of an occurrence, as tabs. */
export function Attempts({ attempts, run, now }: {
  readonly attempts: readonly Dispatch[];
  readonly run: Dispatch;
  readonly now: number;
}): JSX.Element {
  return (
    <nav class="tabs" aria-label="Attempts">
      {attempts.map((attempt) => {
        const took = durationOf(attempt, now);
        const { icon, text } = STATUS_WORDS[attempt.state.status];
        return (
          <a
            key={attempt.id}
            href={`/runs/${attempt.id}`}
            aria-current={attempt.id === run.id ? "page" : undefined}
            data-row={attempt.id}
          >
            <Icon name={icon} />
            Attempt {attempt.retryCount + 1} <span class="sr">{text}</span>
            {took !== null && <small>{formatDuration(took)}</small>}
          </a>
        );
      })}
    </nav>
  );
}

/** What a search has found, as `findInLog()` of the server answers it. */
export interface FoundLines {
  readonly text: string;
  readonly from: number;
  readonly count: number;
  readonly line: number | null;
  readonly ordinal: number;
  readonly previous: number | null;
  readonly next: number | null;
  readonly nextFrom: number | null;
}

/** The tools of the output, one row on a phone: search with count, next and previous; the rest is in the menu. */
export function LogTools({ url, run, found, stream, firstError }: {
  readonly url: URL;
  readonly run: Dispatch;
  /** Null: nothing is looked for. */
  readonly found: FoundLines | null;
  /** Null: all streams. */
  readonly stream: LogStream | null;
  /** The first line that is on stderr; null: there is none. */
  readonly firstError: number | null;
}): JSX.Element {
  const plain = { find: null, at: null, from: null, line: null, notice: null };
  const streams = [null, ...SHOWN_STREAMS];
  return (
    <div class="logbar" role="group" aria-label="Output tools">
      <form method="get" action={`/runs/${run.id}`} class="find" role="search" data-find>
        {stream !== null && <input type="hidden" name="stream" value={stream} />}
        <div class="search">
          <Icon name="search" />
          <input
            type="search"
            name="find"
            value={found?.text ?? ""}
            maxLength={200}
            aria-label="Find in the output"
            placeholder="Find"
            autocomplete="off"
            spellcheck={false}
            data-filter
          />
        </div>
        {found !== null && <FoundWords url={url} found={found} />}
      </form>
      {firstError !== null && (
        <a class="button bare roomy" href={`${withParams(url, { ...plain, line: String(firstError) })}#L${firstError}`}>
          First line of stderr
        </a>
      )}
      <Menu of="the output">
        {streams.map((name) => (
          <MenuLink
            key={name}
            href={withParams(url, { ...plain, stream: name })}
            icon={name === stream ? "check" : "runs"}
            label={name === null ? "Both streams" : `Only ${name}`}
          />
        ))}
        <MenuLink href={`${withParams(url, { ...plain, line: "1" })}#L1`} icon="up" label="First lines" />
        <MenuLink href={withParams(url, plain)} icon="down" label="Last lines" />
        {firstError !== null && (
          <MenuLink
            href={`${withParams(url, { ...plain, line: String(firstError) })}#L${firstError}`}
            icon="cross"
            label="First line of stderr"
          />
        )}
        <MenuLink href={`/runs/${run.id}/log`} icon="download" label="Download" />
        <li class="scripted">
          <button type="button" data-copy>
            <Icon name="copy" />
            Copy the link to these lines
            <span role="status"></span>
          </button>
        </li>
        <li>
          <form method="get" action={`/runs/${run.id}`} class="jump">
            {stream !== null && <input type="hidden" name="stream" value={stream} />}
            <input
              name="go"
              inputMode="numeric"
              pattern="[0-9]*"
              aria-label="Line number"
              placeholder="Line"
              required
            />
            <button type="submit" class="button">Go to line</button>
          </form>
        </li>
      </Menu>
    </div>
  );
}

function FoundWords({ url, found }: { readonly url: URL; readonly found: FoundLines }): JSX.Element {
  const { count, line, ordinal, previous, next, from, nextFrom } = found;
  const to = (at: number) => `${withParams(url, { at: String(at), line: null, notice: null })}#L${at}`;
  const total = `${count.toLocaleString("en")}${nextFrom === null ? "" : "+"}`;
  return (
    <>
      <span class="small quiet nowrap" role="status">
        {line === null ? "None" : `${ordinal.toLocaleString("en")} of ${total}`}
        <span class="sr">
          {line === null ? " of the lines has it" : ` lines that have it; this is line ${line}`}
          {from > 1 && `, from line ${from} on`}
        </span>
      </span>
      {count > 1 && (
        <span class="row">
          <Step to={previous === null ? null : to(previous)} icon="up" label="Previous match" rel="prev" />
          <Step to={next === null ? null : to(next)} icon="down" label="Next match" rel="next" />
        </span>
      )}
      {nextFrom !== null && (
        <a class="button bare" href={withParams(url, { from: String(nextFrom), at: null, line: null })}>
          Search on from line {nextFrom.toLocaleString("en")}
        </a>
      )}
    </>
  );
}

function Step({ to, icon, label, rel }: {
  readonly to: string | null;
  readonly icon: string;
  readonly label: string;
  readonly rel: "prev" | "next";
}): JSX.Element | null {
  if (to === null) return null;
  return (
    <a class="button icon bare" href={to} title={label} rel={rel}>
      <Icon name={icon} />
      <span class="sr">{label}</span>
    </a>
  );
}

/** A part of an output. */
export interface LogProps {
  readonly url: URL;
  readonly lines: readonly LogLine[];
  /** The row that is being written; null: there is none. */
  readonly open: LogLine | null;
  readonly earlierLine: number | null;
  readonly laterLine: number | null;
  readonly hasEnded: boolean;
  readonly stream: LogStream | null;
  /** The line that a search has found. */
  readonly hit: number | null;
}

/** The lines of an output, with ways to those before and after. */
export function Log({ url, lines, open, earlierLine, laterLine, hasEnded, stream, hit }: LogProps): JSX.Element {
  const isEmpty = lines.length === 0 && open === null;
  const to = (line: number) => `${withParams(url, { line: String(line), at: null, notice: null })}#L${line}`;
  const what = stream === null ? "It" : `Its ${stream}`;
  return (
    <>
      {(earlierLine !== null || !hasEnded) && (
        <p class="earlier">
          <a href={to(earlierLine ?? 1)} hidden={earlierLine === null} data-earlier>Earlier lines</a>
        </p>
      )}
      <div id="log" class="log" role="log" aria-live="off" tabIndex={0} aria-labelledby="run-log-title">
        {isEmpty && (
          <p data-empty class="quiet">
            {!hasEnded
              ? "Nothing yet: output appears here as it comes."
              : stream === null
              ? "It wrote nothing."
              : `${what} is empty.`}
          </p>
        )}
        <LogGroups lines={lines} {...(hit !== null && { hit })} />
        {open !== null && (
          <div data-open>
            <LogGroups lines={[open]} {...(hit !== null && { hit })} />
          </div>
        )}
      </div>
      {laterLine !== null && (
        <p class="earlier">
          <a href={to(laterLine)}>Later lines</a>
        </p>
      )}
    </>
  );
}
