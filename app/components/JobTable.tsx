import { describeSchedule } from "@jobtrigger/shared/schedule";
import type { EpochMs, Job, JobSummary, Permission } from "@jobtrigger/shared/domain";
import { isShownTooLate } from "@jobtrigger/shared/policy";
import { formatDuration } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import type { Word } from "../format/words.ts";
import type { View } from "../format/view.ts";
import { Action } from "./Action.tsx";
import { durationOf } from "./RunTable.tsx";
import { Badge, Status } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** The state of a job: paused, without a schedule, late because a clock was wrong, done for good, or active. */
export function jobWord(job: Job, now: EpochMs): Word {
  const { isActive, schedule, nextRun } = job;
  if (!isActive) return { text: "Paused", icon: "pause", tone: "warn" };
  if (schedule.kind === "manual") return { text: "By hand", icon: "hand", tone: "calm" };
  if (isShownTooLate(job, now)) return { text: "Next run too late", icon: "clock", tone: "warn" };
  if (nextRun === null) return { text: "No more runs", icon: "end", tone: "calm" };
  return { text: "Active", icon: "active", tone: "ok" };
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
    <table class="list jobs">
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">State</th>
          <th scope="col">Schedule</th>
          <th scope="col">Next run</th>
          <th scope="col">Last run</th>
          <th scope="col">
            <span class="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
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
        <tbody hidden data-left>
          {left.map((job) => (
            <JobRow key={job.id} job={job} view={view} back={back} runKey={crypto.randomUUID()} may={may} />
          ))}
        </tbody>
      )}
    </table>
  );
}

function JobRow(
  { job, view, back, runKey, may }: Pick<JobTableProps, "view" | "back" | "may"> & {
    readonly job: JobSummary;
    readonly runKey: string;
  },
): JSX.Element {
  const { lastRun } = job;
  const duration = lastRun === null ? null : durationOf(lastRun, view.now);
  const path = `/jobs/${job.id}`;
  return (
    <tr data-row={job.id}>
      <th scope="row" data-label="Job">
        <a href={path}>
          <bdi>{job.name}</bdi>
        </a>
        <span class="quiet path">{job.scriptPath}</span>
      </th>
      <td data-label="State">
        <Badge {...jobWord(job, view.now)} />
      </td>
      <td data-label="Schedule">
        {describeSchedule(job.schedule)}
        {job.schedule.kind !== "manual" && <span class="quiet path">{job.timezone}</span>}
      </td>
      <td data-label="Next run">{job.nextRun === null ? "–" : <Time at={job.nextRun} view={view} />}</td>
      <td data-label="Last run">
        {lastRun === null
          ? (
            <>
              <span class="quiet">never</span>
              <span class="path">&nbsp;</span>
            </>
          )
          : (
            <>
              <a href={`/runs/${lastRun.id}`}>
                <Status status={lastRun.state.status} />
              </a>
              <span class="quiet path">
                <Time at={lastRun.scheduledFor} view={view} />
                {duration !== null && `, took ${formatDuration(duration)}`}
              </span>
            </>
          )}
      </td>
      <td class="row-actions">
        {may("jobs.run", job.labels) && (
          <Action to={`${path}/run`} icon="play" label="Run now" of={job.name} fields={{ key: runKey }} isSmall />
        )}
        {!may("jobs.pause", job.labels)
          ? null
          : job.isActive
          ? <Action to={`${path}/pause`} icon="pause" label="Pause" of={job.name} fields={{ back }} isSmall />
          : <Action to={`${path}/resume`} icon="resume" label="Resume" of={job.name} fields={{ back }} isSmall />}
      </td>
    </tr>
  );
}
