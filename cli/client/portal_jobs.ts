import { definitionFields, JOB_ORDERS } from "@jobtrigger/shared/api";
import {
  readBackfill,
  readBulkJobPage,
  readJob,
  readJobPage,
  readPausedJob,
  readRevisionPage,
  readRun,
  readView,
  readViews,
  readWhy,
} from "@jobtrigger/shared/api/schemas";
import type { JobId } from "@jobtrigger/shared/domain";
import { findJobId } from "@jobtrigger/shared/operations";
import { type Clock, isoUtc } from "@jobtrigger/shared/time";
import type { JobsClient } from "./client.ts";
import type { PortalConnection } from "./connection.ts";
import { changeJobs } from "./portal_bulk.ts";
import { filterText, whole } from "./portal_query.ts";

/** Changes of many jobs, and the kept views that name them. */
type OfMany = "changeJobs" | "listBulkJobs" | "listViews" | "saveView" | "removeView";
/** When jobs run. */
type OfRuns = "runJob" | "explainJob" | "backfillJob";

/** Jobs through the API of a portal. */
export function jobsOf(connection: PortalConnection, clock: Clock): JobsClient {
  return { ...definitionsOf(connection), ...manyOf(connection, clock), ...runsOfJobs(connection) };
}

function at(id: JobId, rest = ""): string {
  return `/jobs/${id}${rest}`;
}

function keyed(key: string | null): Readonly<Record<string, string>> {
  return key === null ? {} : { "idempotency-key": key };
}

/** Jobs one by one, and their definitions. */
function definitionsOf(connection: PortalConnection): Omit<JobsClient, OfMany | OfRuns> {
  const onRevision = (revision: number) => ({ "if-match": `"${revision}"` });
  const find = async (named: string) => (await connection.read(readJobPage, { path: "/jobs", query: { named } })).items;
  return {
    findJob: (text, field) => findJobId({ jobs: { find } }, text, field),
    getJob: (id) => connection.read(readJob, { path: at(id) }),
    // The portal knows the present.
    listJobs: ({ search, states, labels, jobs, sort, cursor, limit, now: _, ...rest }) => {
      const filter = filterText({ state: states, job: jobs, label: labels });
      const order = sort === undefined ? undefined : JOB_ORDERS[sort];
      const query = whole({ filter, q: search, sort: order, cursor, limit }, rest);
      return connection.read(readJobPage, { path: "/jobs", query });
    },
    createJob: (definition, { isPaused }) => {
      const body = { ...definitionFields(definition), ...(isPaused && { paused: true }) };
      return connection.read(readJob, { method: "POST", path: "/jobs", body });
    },
    editJob: (id, { revision, definition }) =>
      connection.read(readJob, {
        method: "PUT",
        path: at(id),
        headers: onRevision(revision),
        body: definitionFields(definition),
      }),
    rollBackJob: (id, { revision, to }) =>
      connection.read(readJob, {
        method: "POST",
        path: at(id, "/rollback"),
        headers: onRevision(revision),
        body: { to },
      }),
    pauseJob: (id, { note, cancelsWaiting }) =>
      connection.read(readPausedJob, {
        method: "POST",
        path: at(id, "/pause"),
        body: { note, cancel_waiting: cancelsWaiting },
      }),
    resumeJob: (id) => connection.read(readJob, { method: "POST", path: at(id, "/resume") }),
    deleteJob: (id) => connection.send({ method: "DELETE", path: at(id) }),
    listRevisions: async (id, { limit, before }) => {
      const query = { limit, cursor: before };
      return (await connection.read(readRevisionPage(id), { path: at(id, "/revisions"), query })).items;
    },
  };
}

/** Changes of many jobs, and the views of lists. */
function manyOf(connection: PortalConnection, clock: Clock): Pick<JobsClient, OfMany> {
  return {
    changeJobs: (request, onProgress) => changeJobs(connection, clock, request, onProgress),
    listViews: () => connection.read(readViews, { path: "/views" }),
    saveView: ({ name, query }) => {
      const filter = new URLSearchParams(query).get("q") ?? undefined;
      return connection.read(readView, { method: "POST", path: "/views", body: { name, filter } });
    },
    removeView: (id) => connection.send({ method: "DELETE", path: `/views/${id}` }),
    listBulkJobs: async (id, { isRefused = false, after, limit }) => {
      const query = { outcome: isRefused ? "refused" : undefined, cursor: after, limit };
      return (await connection.read(readBulkJobPage, { path: `/bulk/${id}/jobs`, query })).items;
    },
  };
}

/** Runs of jobs: started, explained, backfilled. */
function runsOfJobs(connection: PortalConnection): Pick<JobsClient, OfRuns> {
  return {
    runJob: (id, { args, force, idempotencyKey }) =>
      connection.read(readRun, {
        method: "POST",
        path: at(id, "/runs"),
        headers: keyed(idempotencyKey),
        body: { args, force },
      }),
    explainJob: async (id, { at: time, zone }) => {
      const query = { at: time ?? undefined, timezone: zone };
      return (await connection.read(readWhy, { path: at(id, "/why"), query })).why;
    },
    backfillJob: async ({ id }, { key, plan: { from, until, atOnce } }) => {
      const body = { from: isoUtc(from), to: isoUtc(until), at_once: atOnce };
      const request = { method: "POST", path: at(id, "/backfill"), headers: keyed(key), body } as const;
      return (await connection.read(readBackfill, request)).written;
    },
  };
}
