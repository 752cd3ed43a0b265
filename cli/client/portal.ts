import { definitionFields, formatFilter, JOB_ORDERS } from "@jobtrigger/shared/api";
import {
  readAuditPage,
  readAuditVerdict,
  readBackfill,
  readBulkJobPage,
  readCancelledRun,
  readDoctor,
  readJob,
  readJobPage,
  readLogMatches,
  readMe,
  readNewWebhook,
  readOthersThisMinute,
  readPausedJob,
  readQueuePage,
  readRevisionPage,
  readRun,
  readRunDetails,
  readRunPage,
  readSessions,
  readSessionsEnded,
  readSystemStatus,
  readUser,
  readUserPage,
  readView,
  readViews,
  readWebhook,
  readWebhooks,
  readWhy,
  readWorkers,
  statisticsShown,
  timelineShown,
} from "@jobtrigger/shared/api/schemas";
import { type EpochMs, epochMs, type JobId, NotFound } from "@jobtrigger/shared/domain";
import { findJobId } from "@jobtrigger/shared/operations";
import type { LogMatch } from "@jobtrigger/shared/policy";
import { formatSchedule } from "@jobtrigger/shared/schedule";
import { type Clock, isoUtc } from "@jobtrigger/shared/time";
import type {
  Client,
  JobsClient,
  RunsClient,
  SystemClient,
  TimesClient,
  UsersClient,
  WebhookRef,
  WebhooksClient,
} from "./client.ts";
import type { PortalConnection } from "./connection.ts";
import { alertsOf } from "./portal_alerts.ts";
import { portalChanges } from "./portal_changes.ts";
import { changeJobs } from "./portal_bulk.ts";
import { followPortalRun } from "./portal_follow.ts";

/** A client that works through the API of a portal; its token says who may. */
export function portalClient(connection: PortalConnection, clock: Clock): Client {
  return {
    ...jobsOf(connection, clock),
    ...runsOf(connection, clock),
    ...timesOf(connection),
    ...webhooksOf(connection),
    ...alertsOf(connection),
    ...usersOf(connection),
    ...systemOf(connection, clock),
  };
}

function jobsOf(connection: PortalConnection, clock: Clock): JobsClient {
  const at = (id: JobId, rest = "") => `/jobs/${id}${rest}`;
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
    runJob: (id, { args, force, idempotencyKey }) =>
      connection.read(readRun, {
        method: "POST",
        path: at(id, "/runs"),
        headers: keyed(idempotencyKey),
        body: { args, force },
      }),
    listRevisions: async (id, { limit, before }) => {
      const query = { limit, cursor: before };
      return (await connection.read(readRevisionPage(id), { path: at(id, "/revisions"), query })).items;
    },
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

/** Most found lines of one answer: as many as the API gives. */
const PAGE_LINES = 200;

/** A query with all that was asked for: the compiler refuses a filter of the store that is not sent. */
function whole<Query>(query: Query, _rest: Readonly<Record<string, never>>): Query {
  return query;
}

/** The part of a query that the API takes as a filter. */
function filterText(
  { label = [], ...lists }: {
    readonly state?: readonly string[] | undefined;
    readonly job?: readonly string[] | undefined;
    /** Groups of labels, of which one each must hold. */
    readonly label?: readonly (readonly string[])[] | undefined;
    readonly worker?: readonly string[] | undefined;
    readonly trigger?: readonly string[] | undefined;
    readonly tag?: readonly string[] | undefined;
    readonly reason?: readonly string[] | undefined;
  },
): string | undefined {
  const terms = Object.entries(lists).flatMap(([field, values]) => values === undefined ? [] : [{ field, values }]);
  return formatFilter([...terms, ...label.map((values) => ({ field: "label", values }))]) ?? undefined;
}

function isoOrNone(at: EpochMs | undefined): string | undefined {
  return at === undefined ? undefined : isoUtc(at);
}

function keyed(key: string | null): Readonly<Record<string, string>> {
  return key === null ? {} : { "idempotency-key": key };
}

function runsOf(connection: PortalConnection, clock: Clock): RunsClient {
  return {
    getRun: (id) => connection.read(readRunDetails, { path: `/runs/${id}` }),
    listRuns: ({ jobId, jobs, labels, statuses, triggers, workers, since, until, cursor, limit, ...rest }) => {
      const filter = filterText({ job: jobs, label: labels, worker: workers, trigger: triggers });
      const times = { since: isoOrNone(since), until: isoOrNone(until) };
      const query = whole({ filter, job: jobId, status: statuses, ...times, cursor, limit }, rest);
      return connection.read(readRunPage, { path: "/runs", query });
    },
    listQueue: ({ when, cursor, limit, zone: timezone, jobs, labels, tags, triggers, reasons }) => {
      const filter = filterText({ job: jobs, label: labels, tag: tags, trigger: triggers, reason: reasons });
      return connection.read(readQueuePage, { path: "/queue", query: { filter, when, cursor, limit, timezone } });
    },
    cancelRun: async (id) =>
      (await connection.read(readCancelledRun, { method: "POST", path: `/runs/${id}/cancel` })).result,
    whyWaits: async ({ id, state: { status } }, timezone) => {
      if (status !== "PENDING") return null;
      const { why } = await connection.read(readWhy, { path: `/runs/${id}/why`, query: { timezone } });
      return why[0] ?? null;
    },
    followRun: (id, following) => followPortalRun(connection, clock, id, following),
    searchRun: async function* (id, { text, stream, fromLine = 1 }) {
      const path = `/runs/${id}/log/matches`;
      for (let next: number | null = fromLine; next !== null;) {
        const found: { readonly items: readonly LogMatch[]; readonly nextLine: number | null } = await connection.read(
          readLogMatches,
          { path, query: { text, stream, from_line: next, limit: PAGE_LINES } },
        );
        yield found.items;
        next = found.nextLine;
      }
    },
  };
}

function timesOf(connection: PortalConnection): TimesClient {
  return {
    readTimeline: ({ from, until, filter, cursor }) =>
      connection.read(timelineShown, {
        path: "/timeline",
        query: { from: isoUtc(from), until: isoUtc(until), filter: filter === "" ? undefined : filter, cursor },
      }),
    readStatistics: ({ range, ranking, labels }) =>
      connection.read(statisticsShown, {
        path: "/statistics",
        query: { range, sort: ranking, label: labels.map((group) => group.join(",")) },
      }),
  };
}

function webhooksOf(connection: PortalConnection): WebhooksClient {
  const of = (jobId: JobId) => `/jobs/${jobId}/webhooks`;
  const at = ({ jobId, id }: WebhookRef) => `${of(jobId)}/${id}`;
  return {
    listWebhooks: async (jobId) => (await connection.read(readWebhooks, { path: of(jobId) })).items,
    createWebhook: ({ jobId, name, kind, args, perMinute }) =>
      connection.read(readNewWebhook, {
        method: "POST",
        path: of(jobId),
        body: { name, kind, args, per_minute: perMinute },
      }),
    changeWebhook: (ref, { name, args, perMinute, isEnabled }) =>
      connection.read(readWebhook, {
        method: "PUT",
        path: at(ref),
        body: {
          ...(name !== undefined && { name }),
          ...(args !== undefined && { args }),
          ...(perMinute !== undefined && { per_minute: perMinute }),
          ...(isEnabled !== undefined && { is_enabled: isEnabled }),
        },
      }),
    rotateWebhook: (ref) => connection.read(readNewWebhook, { method: "POST", path: `${at(ref)}/rotate` }),
    deleteWebhook: (ref) => connection.send({ method: "DELETE", path: at(ref) }),
  };
}

function usersOf(connection: PortalConnection): UsersClient {
  return {
    findUser: async (name) => {
      const { items: [user] } = await connection.read(readUserPage, { path: "/users", query: { name } });
      if (user !== undefined) return user;
      throw new NotFound(`There is no user ${JSON.stringify(name)}`);
    },
    listUsers: ({ cursor, limit }) => connection.read(readUserPage, { path: "/users", query: { cursor, limit } }),
    createUser: ({ name, role, grants, password, isService }) =>
      connection.read(readUser, {
        method: "POST",
        path: "/users",
        body: { name, role, grants, ...(password !== null && { password }), is_service: isService },
      }),
    disableUser: (id) => connection.read(readUser, { method: "POST", path: `/users/${id}/disable` }),
    enableUser: (id) => connection.read(readUser, { method: "POST", path: `/users/${id}/enable` }),
    setPassword: (id, password) =>
      connection.read(readUser, { method: "PUT", path: `/users/${id}/password`, body: { password } }),
    setExternalId: (id, externalId) =>
      connection.read(
        readUser,
        externalId === null
          ? { method: "DELETE", path: `/users/${id}/external-id` }
          : { method: "PUT", path: `/users/${id}/external-id`, body: { ...externalId } },
      ),
    listSessions: (id) => connection.read(readSessions, { path: `/users/${id}/sessions` }),
    revokeSession: (id, session) => connection.send({ method: "DELETE", path: `/users/${id}/sessions/${session}` }),
    revokeSessions: (id) => connection.read(readSessionsEnded, { method: "DELETE", path: `/users/${id}/sessions` }),
    setRole: (id, { role, grants }) =>
      connection.read(readUser, { method: "PUT", path: `/users/${id}/role`, body: { role, grants } }),
  };
}

function systemOf(connection: PortalConnection, clock: Clock): SystemClient {
  /** The portal's time and this machine's when it was asked for. */
  let asked: Promise<{ readonly time: EpochMs; readonly at: number }> | null = null;
  const ask = async () => {
    const { time } = await connection.read(readMe, { path: "/me" });
    return { time, at: clock.monotonic() };
  };
  return {
    now: async () => {
      const { time, at } = await (asked ??= ask());
      return epochMs(Math.round(time + clock.monotonic() - at));
    },
    changes: portalChanges(connection),
    readStatus: () => connection.read(readSystemStatus, { path: "/status" }),
    examine: async ({ withSizes }) =>
      (await connection.read(readDoctor, { path: "/doctor", query: withSizes ? { sizes: "1" } : {} })).items,
    drainWorker: (id) => connection.send({ method: "POST", path: `/workers/${encodeURIComponent(id)}/drain` }),
    resumeWorker: (id) => connection.send({ method: "POST", path: `/workers/${encodeURIComponent(id)}/resume` }),
    listWorkers: async () => (await connection.read(readWorkers, { path: "/workers" })).items,
    crowdOf: ({ schedule, timezone, dst }) => {
      const query = { schedule: formatSchedule(schedule), timezone, ...dst, count: 1 };
      return connection.read(readOthersThisMinute, { path: "/schedule/preview", query });
    },
    listAudit: ({ actor, action, subject, outcome, since, until, cursor, limit, ...rest }) => {
      const query = {
        actor,
        action,
        subject: subject?.kind,
        subject_id: subject?.id,
        outcome,
        since: isoOrNone(since),
        until: isoOrNone(until),
        cursor,
        limit,
      };
      return connection.read(readAuditPage, { path: "/audit", query: whole(query, rest) });
    },
    // It reads the whole list before it says anything.
    verifyAudit: () => connection.read(readAuditVerdict, { path: "/audit/verify", silenceMs: 600_000 }),
  };
}
