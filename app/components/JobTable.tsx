import { formatFilter } from "@jobtrigger/shared/api";
import { describeSchedule } from "@jobtrigger/shared/schedule";
import type { Job, JobSummary, Permission, Worker } from "@jobtrigger/shared/domain";
import { type JobCondition, judgeJob } from "@jobtrigger/shared/policy";
import { formatDuration } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { outcomesOf, successRate } from "../format/bars.ts";
import { STATUS_WORDS, type Word } from "../format/words.ts";
import type { View } from "../format/view.ts";
import { CardCell, type CardHead, CardRow, Cards } from "./Cards.tsx";
import { Icon } from "./Icon.tsx";
import { NameLink } from "./NameLink.tsx";
import { JOB_STATE_WORDS } from "./job_state.ts";
import { withParams } from "./Pager.tsx";
import { durationOf } from "./RunTable.tsx";
import { Spark } from "./Spark.tsx";
import { Badge } from "./Status.tsx";
import { ShortTime, Time } from "./Time.tsx";

/** Labels that a row names; the others are on the job's page. */
const MOST_LABELS = 4;

/** The orders of the list, by the parameter of its address; the first is the default. */
export const JOB_SORTS = ["worst", "name", "nextRun", "lastRun", "id"] as const;

/** The rows of a table of jobs, and what its reader may do. */
export interface JobTableProps {
  readonly jobs: readonly JobSummary[];
  /** The current state of jobs that are on screen but have left the list. */
  readonly left: readonly JobSummary[];
  /** All workers: a job waits for one with its tags. */
  readonly workers: readonly Worker[];
  readonly view: View;
  /** The address of this list, to which headings and labels add. */
  readonly url: URL;
  readonly sort: typeof JOB_SORTS[number];
  /** So that a click on "Run now" runs a job once, however often it is sent; keys are each job's own. */
  readonly runKey: string;
  /** Whether rows can be selected. */
  readonly isSelectable: boolean;
  /** On a small screen the whole card is the check box. */
  readonly isSelecting: boolean;
  /** Whether the reader has a permission on jobs with these labels. */
  readonly may: (permission: Permission, labels: readonly string[]) => boolean;
}

/** The states whose reason stands in the row: the others say it already. */
const SAID: ReadonlySet<JobCondition> = new Set([
  "damaged",
  "failing",
  "late",
  "stuck",
  "misplaced",
  "retrying",
  "paused",
]);

/** A schedule of more characters may take more than two lines; the whole is its title then. */
const LONG_SCHEDULE = 32;

/** The form that the check boxes and the buttons of rows belong to. */
export const JOBS_FORM = "jobs-form";

/** Jobs as a table; as cards on a narrow screen. */
export function JobTable(props: JobTableProps): JSX.Element {
  const { jobs, left, url, sort, isSelectable, isSelecting } = props;
  const head = (
    name: string,
    by: JobTableProps["sort"],
    direction: "ascending" | "descending",
    title?: string,
  ): CardHead => ({
    name: <a href={withParams(url, { sort: by === JOB_SORTS[0] ? null : by, cursor: null })} title={title}>{name}</a>,
    ...(sort === by && { sort: direction }),
  });
  return (
    <Cards
      kind={`acting jobs${isSelecting ? " selecting" : ""}`}
      head={[
        ...isSelectable ? [{ name: <SelectAll /> }] : [],
        head("State", "worst", "descending"),
        head("Job", "name", "ascending"),
        "Schedule",
        head("Next run", "nextRun", "ascending"),
        head("Last run", "lastRun", "descending", "In the order of their last starts by schedule"),
        "Last 20",
        "",
      ]}
    >
      <tbody role="rowgroup">
        {jobs.map((job) => <JobRow key={job.id} {...props} job={job} />)}
      </tbody>
      {left.length > 0 && (
        <tbody role="rowgroup" hidden data-left>
          {left.map((job) => <JobRow key={job.id} {...props} job={job} />)}
        </tbody>
      )}
    </Cards>
  );
}

/** Selects the rows of the page, with script. */
function SelectAll(): JSX.Element {
  return (
    <label hidden>
      <input type="checkbox" data-select-all autocomplete="off" />
      <span class="sr">Select all on this page</span>
    </label>
  );
}

interface JobRowProps extends Pick<JobTableProps, "view" | "workers" | "url" | "may" | "isSelectable" | "runKey"> {
  readonly job: JobSummary;
}

function JobRow({ job, workers, view, url, runKey, may, isSelectable }: JobRowProps): JSX.Element {
  const { lastRun, failure, recent } = job;
  const state = judgeJob({ job, lastRun, failure, workers, now: view.now });
  const word = JOB_STATE_WORDS[state.condition];
  const rate = successRate(outcomesOf(recent));
  const path = `/jobs/${job.id}`;
  const rights = mayOf(job, may);
  return (
    <CardRow row={job.id}>
      {isSelectable && (
        <CardCell place="pick">
          <label>
            <input type="checkbox" name="id" value={job.id} form={JOBS_FORM} autocomplete="off" />
            <span class="sr">Select {job.name}</span>
          </label>
        </CardCell>
      )}
      <CardCell place="wide">
        <Badge {...word} />
      </CardCell>
      <CardCell isName place="lead">
        <NameLink href={path} name={job.name} />
        {job.labels.length > 0 && (
          <span class="chips wide">
            {job.labels.slice(0, MOST_LABELS).map((label) => (
              <a key={label} class="chip" href={labelled(url, label)}>{label}</a>
            ))}
            {job.labels.length > MOST_LABELS && (
              <a class="chip" href={path} title={job.labels.slice(MOST_LABELS).join(", ")}>
                {job.labels.length - MOST_LABELS} more
              </a>
            )}
          </span>
        )}
      </CardCell>
      <CardCell place="wide" kind="schedule">
        <Schedule words={describeSchedule(job.schedule)} />
        {job.schedule.kind !== "manual" && job.timezone !== view.zone && <small>{job.timezone}</small>}
      </CardCell>
      <CardCell place="aside" kind="tight">
        {job.nextRun === null ? <span class="quiet">–</span> : <ShortTime at={job.nextRun} view={view} />}
      </CardCell>
      <CardCell place="line">
        <span class="in-card">
          <Badge {...word} />
        </span>
        <LastRun job={job} reason={SAID.has(state.condition) ? state.reason : null} tone={word.tone} view={view} />
      </CardCell>
      <CardCell place="end">
        <Spark runs={recent} last={lastRun} />
        <small class="wide">{rate === null ? "–" : `${rate} %`}</small>
      </CardCell>
      <CardCell place="do">
        <div class="acts">
          {may("jobs.run", job.labels) && (
            <button
              type="submit"
              class="button icon bare run"
              form={JOBS_FORM}
              formMethod="post"
              formAction={`${path}/run`}
              name="key"
              value={runKey}
              title="Run now"
              aria-label={`Run now: ${job.name}`}
            >
              <Icon name="play" />
            </button>
          )}
          {rights !== "" && (
            <a
              class="button icon bare"
              href={`${path}#actions`}
              data-menu={job.id}
              data-may={rights}
              aria-label={`More for ${job.name}`}
            >
              <Icon name="more" />
            </a>
          )}
        </div>
      </CardCell>
    </CardRow>
  );
}

/** Two lines of what may be longer. */
function Schedule({ words }: { readonly words: string }): JSX.Element {
  return <span class="two-lines" title={words.length > LONG_SCHEDULE ? words : undefined}>{words}</span>;
}

function LastRun(
  { job: { lastRun }, reason, tone, view }: {
    readonly job: JobSummary;
    readonly reason: string | null;
    readonly tone: Word["tone"];
    readonly view: View;
  },
): JSX.Element {
  if (lastRun === null) return <span class="quiet">{reason ?? "has not run yet"}</span>;
  const duration = durationOf(lastRun, view.now);
  const { status } = lastRun.state;
  // A card of a job that is fine need not say that its last run succeeded.
  const kind = status === "COMPLETED" ? "result wide" : "result";
  const ended = <a class={kind} href={`/runs/${lastRun.id}`}>{STATUS_WORDS[status].text}</a>;
  return (
    <>
      {reason === null ? ended : <Reason words={reason} tone={tone} />}
      <small>
        {reason !== null && ended} <Time at={lastRun.scheduledFor} view={view} />
        {duration !== null && <span class="wide">, {formatDuration(duration)}</span>}
      </small>
    </>
  );
}

/** Why a job is in its state, in the colour of the state. */
function Reason({ words, tone }: { readonly words: string; readonly tone: Word["tone"] }): JSX.Element {
  const colour = tone === "alarm" || tone === "bad" ? " bad" : tone === "warn" ? " late" : "";
  return (
    <span class={`reason two-lines${colour}`} title={words}>
      {words.replace(/^The script exited with code (?=\d+$)/, "exit ")}
    </span>
  );
}

/** The same list, narrowed to a label. */
function labelled(url: URL, label: string): string {
  const term = formatFilter([{ field: "label", values: [label] }]) ?? "";
  const q = url.searchParams.get("q") ?? "";
  return withParams(url, { q: q.includes(term) ? q : `${q} ${term}`.trim(), cursor: null });
}

/** What of the shared menu a reader may do with a job: `r`un, `p`ause or r`e`sume, e`d`it, `x` delete, `w`ebhooks. */
function mayOf(job: Job, may: JobTableProps["may"]): string {
  const letters: readonly (readonly [Permission, string])[] = [
    ["jobs.run", "r"],
    ["jobs.pause", job.isActive ? "p" : "e"],
    ["jobs.edit", "d"],
    ["webhooks.edit", "w"],
    ["jobs.delete", "x"],
  ];
  return letters.filter(([permission]) => may(permission, job.labels)).map(([, letter]) => letter).join("");
}
