import {
  readAuditPage,
  readAuditVerdict,
  readCancelledRun,
  readDoctor,
  readLogMatches,
  readMe,
  readNewWebhook,
  readOthersThisMinute,
  readQueuePage,
  readRunDetails,
  readRunPage,
  readSessions,
  readSessionsEnded,
  readSystemStatus,
  readUser,
  readUserPage,
  readWebhook,
  readWebhooks,
  readWhy,
  readWorkers,
  statisticsShown,
  timelineShown,
} from "@jobtrigger/shared/api/schemas";
import { type EpochMs, epochMs, type JobId, NotFound } from "@jobtrigger/shared/domain";
import type { LogMatch } from "@jobtrigger/shared/policy";
import { formatSchedule } from "@jobtrigger/shared/schedule";
import { type Clock, isoUtc } from "@jobtrigger/shared/time";
import type {
  Client,
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
import { followPortalRun } from "./portal_follow.ts";
import { jobsOf } from "./portal_jobs.ts";
import { filterText, whole } from "./portal_query.ts";

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

/** Most found lines of one answer: as many as the API gives. */
const PAGE_LINES = 200;

function isoOrNone(at: EpochMs | undefined): string | undefined {
  return at === undefined ? undefined : isoUtc(at);
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
