import { decide } from "@jobtrigger/shared/access";
import type { JobSummary, Permission } from "@jobtrigger/shared/domain";
import type { Found, FoundAction, FoundJob } from "../format/found.ts";
import type { State } from "./state.ts";
import { visibleTo } from "./visible.ts";

/** Most jobs that a search answers: a person types one more letter sooner than they read further. */
const MOST_FOUND = 8;

/** Longest text that is searched for. */
const MOST_CHARACTERS = 100;

/** The jobs that a text finds by name, key or script, of those that the sender may see, each with what they may do with it. */
export async function searchJobs(state: State, text: string): Promise<Found> {
  const search = text.trim().slice(0, MOST_CHARACTERS);
  if (search === "") return { jobs: [], isMore: false };
  const { items, next } = await state.portal.store.jobs.list({
    search,
    limit: MOST_FOUND,
    ...visibleTo(state, "jobs.read"),
  });
  return { jobs: items.map((job) => foundJob(state, job)), isMore: next !== null };
}

function foundJob({ access }: Pick<State, "access">, job: JobSummary): FoundJob {
  const path = `/jobs/${job.id}`;
  const may = (permission: Permission) => decide(access, permission, job).allowed;
  const action = (permission: Permission, label: string, to: string, isPosted = false): FoundAction[] =>
    may(permission) ? [{ label, to, isPosted }] : [];
  return {
    path,
    name: job.name,
    key: job.key,
    isPaused: !job.isActive,
    actions: [
      ...action("jobs.run", "Run now", `${path}/run`, true),
      ...action("jobs.run", "Run with arguments…", `${path}/run`),
      ...action("jobs.pause", job.isActive ? "Pause" : "Resume", `${path}/${job.isActive ? "pause" : "resume"}`, true),
      ...action("jobs.edit", "Edit", `${path}/edit`),
      ...action("jobs.edit", "Clone", `/jobs/new?from=${job.id}`),
      ...action("runs.read", "Its runs", `/runs?job=${job.id}`),
    ],
  };
}
