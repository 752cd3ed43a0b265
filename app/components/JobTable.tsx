import { describeSchedule } from "@jobtrigger/shared/schedule";
import type { EpochMs, Job, JobSummary, Permission } from "@jobtrigger/shared/domain";
import { isShownTooLate } from "@jobtrigger/shared/policy";
import { formatDuration } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import type { Word } from "../format/words.ts";
import type { View } from "../format/view.ts";
import { Action } from "./Action.tsx";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { durationOf } from "./RunTable.tsx";
import { Badge, Status } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** The state of a job: paused, without a schedule, late because a clock was wrong, done for good, or active. */
export function jobWord(job: Job, now: EpochMs): Word {
  const { isActive, schedule, nextRun } = job;
  if (!isActive) return { text: "Paused", icon: "pause", tone: "calm" };
  if (schedule.kind === "manual") return { text: "By hand", icon: "hand", tone: "calm" };
  if (isShownTooLate(job, now)) return { text: "Next run too late", icon: "late", tone: "warn" };
  if (nextRun === null) return { text: "No more runs", icon: "end", tone: "calm" };
  return { text: "Active", icon: "check", tone: "ok" };
}

/** The rows of a table of jobs, and what its reader may do. */
export interface JobTableProps {
  readonly jobs: readonly JobSummary[];
  /** The current state of jobs that are on screen but have left the list. */
  readonly left: readonly JobSummary[];
  readonly view: View;
  /** The address of this list, to which actions return. */
  readonly back: string;
  /** An idempotency key for each job, in the same order, so that a click runs it once. */
  readonly keys: readonly string[];
  /** Whether the reader has a permission on jobs with these labels. */
  readonly may: (permission: Permission, labels: readonly string[]) => boolean;
}

/** Jobs as a table; as cards on a narrow screen. */
export function JobTable({ jobs, left, view, back, keys, may }: JobTableProps): JSX.Element {
  return (
    <Cards kind="jobs acting" head={["Job", "State", "Next run", "Schedule", ""]}>
      <tbody role="rowgroup">
        {jobs.map((job, i) => (
          <JobRow
            key={job.id}
            job={job}
            view={view}
            back={back}
            runKey={keys[i] ?? ""}
            may={may}
          />
        ))}
      </tbody>
      {left.length > 0 && (
        <tbody role="rowgroup" hidden data-left>
          {left.map((job) => (
            <JobRow key={job.id} job={job} view={view} back={back} runKey={crypto.randomUUID()} may={may} />
          ))}
        </tbody>
      )}
    </Cards>
  );
}

function JobRow(
  { job, view, back, runKey, may }: Pick<JobTableProps, "view" | "back" | "may"> & {
    readonly job: JobSummary;
    readonly runKey: string;
  },
): JSX.Element {
  const path = `/jobs/${job.id}`;
  return (
    <CardRow row={job.id}>
      <CardCell isName place="lead">
        <a class="name" href={path}>
          <bdi>{job.name}</bdi>
        </a>
        <small class="wide">{job.scriptPath}</small>
      </CardCell>
      <CardCell place="line">
        <Badge {...jobWord(job, view.now)} />
        <LastRun job={job} view={view} />
      </CardCell>
      <CardCell place="aside" kind="tight">
        {job.nextRun === null ? "–" : <Time at={job.nextRun} view={view} />}
      </CardCell>
      <CardCell place="wide">
        {describeSchedule(job.schedule)}
        {job.schedule.kind !== "manual" && <small>{job.timezone}</small>}
      </CardCell>
      <CardCell place="do">
        <div class="acts">
          {may("jobs.run", job.labels) && (
            <Action to={`${path}/run`} icon="play" label="Run now" of={job.name} fields={{ key: runKey }} isSmall />
          )}
          {!may("jobs.pause", job.labels)
            ? null
            : job.isActive
            ? <Action to={`${path}/pause`} icon="pause" label="Pause" of={job.name} fields={{ back }} isSmall />
            : <Action to={`${path}/resume`} icon="resume" label="Resume" of={job.name} fields={{ back }} isSmall />}
        </div>
      </CardCell>
    </CardRow>
  );
}

function LastRun({ job: { lastRun }, view }: { readonly job: JobSummary; readonly view: View }): JSX.Element {
  if (lastRun === null) return <small>has not run yet</small>;
  const duration = durationOf(lastRun, view.now);
  return (
    <small>
      <a href={`/runs/${lastRun.id}`}>
        <Status status={lastRun.state.status} />
      </a>{" "}
      <Time at={lastRun.scheduledFor} view={view} />
      {duration !== null && `, took ${formatDuration(duration)}`}
    </small>
  );
}
