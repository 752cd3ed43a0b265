import type { JobSummary, Permission, Worker } from "@jobtrigger/shared/domain";
import { judgeJob } from "@jobtrigger/shared/policy";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { Action } from "./Action.tsx";
import { Icon } from "./Icon.tsx";
import { JOB_STATE_WORDS } from "./job_state.ts";
import { Menu, MenuAction, MenuLink } from "./Menu.tsx";
import { Note } from "./Note.tsx";
import { Badge } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** A job and what its state follows from. */
export interface JobVerdictProps {
  readonly job: JobSummary;
  readonly workers: readonly Worker[];
  readonly view: View;
}

/** The worst that can be said of a job, since when, and when it runs next. */
export function JobVerdict({ job, workers, view }: JobVerdictProps): JSX.Element {
  const { lastRun, failure, nextRun } = job;
  const { condition, reason, since } = judgeJob({ job, lastRun, failure, workers, now: view.now });
  const isAhead = since !== null && since > view.now;
  return (
    <>
      <Badge {...JOB_STATE_WORDS[condition]} />
      <span>
        <b>{reason}</b>
        {since !== null && (
          <>
            {isAhead ? " " : condition === "failing" ? ", first " : ", since "}
            <Time at={since} view={view} />
          </>
        )}
        .{nextRun !== null && condition !== "fine" && condition !== "late" && (
          <>
            {" "}Runs next <Time at={nextRun} view={view} />.
          </>
        )}
      </span>
    </>
  );
}

/** Why the last run failed: the last line of its output. */
export function LastError({ job: { failure, recent }, line, view }: {
  readonly job: JobSummary;
  /** The last line that the failed run wrote; null: it wrote nothing. */
  readonly line: string | null;
  readonly view: View;
}): JSX.Element | null {
  if (failure === null) return null;
  const { dispatchId, message } = failure;
  const success = recent.findLast(({ status }) => status === "SUCCESS");
  return (
    <Note
      tone="bad"
      role={null}
      what={line === null ? message ?? "The last run failed" : <code class="last-line">{line}</code>}
      step={<a class="button" href={`/runs/${dispatchId}`}>Open log</a>}
    >
      <p>
        {line !== null && message !== null && `${message.replace(/\.$/, "")}. `}Run #{dispatchId}.{" "}
        {success === undefined ? "None of its last runs succeeded." : (
          <>
            It succeeded last <Time at={success.endedAt} view={view} />.
          </>
        )}
      </p>
    </Note>
  );
}

/** What to do about a job of which something cannot be read. */
export function Damage({ job: { id, damage }, mayEdit }: {
  readonly job: JobSummary;
  readonly mayEdit: boolean;
}): JSX.Element | null {
  if (damage === null) return null;
  return (
    <Note
      tone="bad"
      role={null}
      what="No scheduler runs this job: a part of it cannot be read."
      step={<a class="button" href={`/jobs/${id}/revisions`}>Revisions</a>}
    >
      <p>
        {damage}. In place of that part, this page shows a stand-in: no labels, no arguments, no schedule, UTC, or the
        usual policies.
        {mayEdit && " Restore a revision, or edit and save the job: both write all of it anew."}
      </p>
    </Note>
  );
}

/** What can be done with a job: one click runs it, the rest is behind "⋯". */
export function JobActions({ job, runKey, may }: {
  readonly job: JobSummary;
  readonly runKey: string;
  readonly may: (permission: Permission) => boolean;
}): JSX.Element {
  const path = `/jobs/${job.id}`;
  return (
    <>
      {may("jobs.run") && (
        <Action to={`${path}/run`} icon="play" label="Run now" tone="primary" fields={{ key: runKey }} />
      )}
      {may("jobs.edit") && (
        <a class="button" href={`${path}/edit`} data-key="e">
          <Icon name="edit" />Edit
        </a>
      )}
      <Menu of={job.name}>
        {may("jobs.run") && <MenuLink href={`${path}/run`} icon="play" label="Run with arguments…" />}
        {may("jobs.pause") && (job.isActive
          ? <MenuLink href={`${path}/pause`} icon="pause" label="Pause…" />
          : <MenuAction to={`${path}/resume`} icon="resume" label="Resume" fields={{ back: path }} />)}
        {may("jobs.edit") && <MenuLink href={`/jobs/new?from=${job.id}`} icon="copy" label="Clone…" />}
        {may("jobs.run") && <MenuLink href={`${path}/backfill`} icon="again" label="Backfill a range…" />}
        {may("webhooks.edit") && <MenuLink href={`${path}/webhooks`} icon="key" label="Webhooks…" />}
        <MenuLink href={`${path}/revisions`} icon="edit" label="Revisions" />
        {may("jobs.delete") && <MenuLink href={`${path}/delete`} icon="trash" label="Delete…" isBad />}
      </Menu>
    </>
  );
}
