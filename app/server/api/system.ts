import { type EpochMs, epochMs, Invalid, VERSION, workerId } from "@jobtrigger/shared/domain";
import {
  auditForm,
  auditVerdictForm,
  doctorForm,
  narrowedBy,
  parseJobInput,
  previewForm,
  readAuditFilter,
  statusForm,
  tokenForm,
  userForm,
  workerForm,
} from "@jobtrigger/shared/api";
import { auditQuery, doctorQuery, eventsQuery, lastEventHeaders, scheduleQuery } from "@jobtrigger/shared/api/schemas";
import { permissionsOf } from "@jobtrigger/shared/access";
import { drainWorker, examine, readCrowd, readStatus, readWorkers, resumeWorker } from "@jobtrigger/shared/operations";
import { isoUtc } from "@jobtrigger/shared/time";
import { ownExamination } from "../examination.ts";
import { followChanges } from "../follow_changes.ts";
import { MEDIA_TYPE } from "../metrics/exposition.ts";
import { PAGE_ROWS } from "./jobs.ts";
import { type ApiOperation, operation, PLAIN } from "./operation.ts";

/** What is about no one job: who asks, workers, schedules, the installation. */
export const SYSTEM_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "getMe",
    method: "GET",
    path: "/me",
    permission: null,
    summary: "Say who asks, what they may do, and which time the database has",
    answer: { status: 200, shown: "Me" },
    handle: ({ view, caller: { actor: { kind, name }, access, user, token } }) => ({
      body: {
        actor: { kind, name },
        user: user === null ? null : userForm(user),
        token: token === null ? null : tokenForm(token),
        permissions: permissionsOf(access),
        time: isoUtc(view.now),
      },
    }),
  }),
  operation({
    ...PLAIN,
    id: "listWorkers",
    method: "GET",
    path: "/workers",
    permission: "workers.read",
    summary: "List workers, those online first",
    answer: { status: 200, shown: "Workers" },
    handle: async ({ context }) => ({ body: { items: (await readWorkers(context)).map(workerForm) } }),
  }),
  ...([["drainWorker", "drain", drainWorker], ["resumeWorker", "resume", resumeWorker]] as const).map((
    [id, verb, change],
  ) =>
    operation({
      ...PLAIN,
      id,
      method: "POST",
      path: `/workers/{worker}/${verb}`,
      permission: "workers.drain",
      summary: verb === "drain"
        ? "Ask a worker to claim nothing more; its scripts go on"
        : "Take the request to drain a worker back",
      answer: { status: 204 },
      errors: ["not_found", "conflict"],
      handle: async ({ context, params: { worker = "" } }) => {
        await change(context, { id: workerId(worker) });
        return { body: null };
      },
    })
  ),
  operation({
    ...PLAIN,
    id: "previewSchedule",
    method: "GET",
    path: "/schedule/preview",
    permission: null,
    summary: "Say what a schedule means and when it is due next, by the scheduler's own engine",
    query: scheduleQuery,
    answer: { status: 200, shown: "SchedulePreview" },
    errors: ["invalid"],
    handle: async ({ context, view: { now, zone }, query: { schedule, timezone, gap, fold, count = 10 } }) => {
      const dst = Object.fromEntries(Object.entries({ gap, fold }).filter(([, value]) => value !== undefined));
      const input = { name: "preview", script: "preview.sh", schedule: jsonOr(schedule), timezone, dst };
      const definition = await parseJobInput(input, { scriptsDirs: [], defaultTimezone: zone });
      const crowdAt = (at: EpochMs) => readCrowd(context, { at, except: null });
      return { body: await previewForm({ ...definition, id: null }, { now, count, crowdAt }) };
    },
  }),
  operation({
    ...PLAIN,
    id: "getSystem",
    method: "GET",
    path: "/system",
    permission: "system.read",
    summary: "Say whether the database can be read and written, and which time it has",
    answer: { status: 200, shown: "System" },
    handle: async ({ portal, view }) => {
      await portal.health.check();
      return { body: { status: "ok", version: VERSION, time: isoUtc(view.now) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "getStatus",
    method: "GET",
    path: "/status",
    permission: "system.read",
    summary: "Say whether schedulers, workers and the queue are well, and what runs, waits and failed",
    answer: { status: 200, shown: "Status" },
    handle: async ({ context }) => ({ body: statusForm(await readStatus(context)) }),
  }),
  operation({
    ...PLAIN,
    id: "getMetrics",
    method: "GET",
    path: "/metrics",
    permission: "system.inspect",
    summary: "Read the metrics of this portal and of the installation, as Prometheus does",
    answer: { status: 200, type: "text/plain" },
    handle: async ({ portal }) =>
      new Response(await portal.metrics.text(portal), {
        headers: { "content-type": MEDIA_TYPE, "cache-control": "no-store" },
      }),
  }),
  operation({
    ...PLAIN,
    id: "getDoctor",
    method: "GET",
    path: "/doctor",
    permission: "system.inspect",
    summary: "Look at the whole installation from the portal's machine: what is fine, and what to do about the rest",
    query: doctorQuery,
    answer: { status: 200, shown: "Doctor" },
    errors: ["invalid"],
    handle: async ({ portal, context, query: { sizes } }) => {
      // All of a SQLite file is read for the sizes: how many do that at once is bounded.
      using _waiting = portal.lasting.begin(context.actor);
      const request = await ownExamination(portal, { withSizes: sizes !== undefined });
      return { body: doctorForm(await examine(context, request)) };
    },
  }),
  operation({
    ...PLAIN,
    id: "listAudit",
    method: "GET",
    path: "/audit",
    permission: "audit.read",
    summary: "List who changed what, and who was denied it, newest first",
    query: auditQuery,
    answer: { status: 200, shown: "AuditPage" },
    errors: ["invalid"],
    handle: async (
      { context: { store }, view, query: { subject, subject_id: id, since, until, limit = PAGE_ROWS, ...query } },
    ) => {
      if (id !== undefined && subject === undefined) {
        throw new Invalid([{ field: "subject_id", message: "it needs a subject that it is about", code: "conflict" }]);
      }
      const { filter = "", actor, action, outcome, cursor } = query;
      const narrowed = narrowedBy(readAuditFilter(filter, view), {
        ...(actor !== undefined && { actor }),
        ...(action !== undefined && { action }),
        ...(outcome !== undefined && { outcome }),
        ...(subject !== undefined && { subject: { kind: subject, ...(id !== undefined && { id }) } }),
        ...(since !== undefined && { since: epochMs(Date.parse(since)) }),
        ...(until !== undefined && { until: epochMs(Date.parse(until)) }),
      });
      const { items, next } = await store.audit.list({ limit, ...narrowed, ...(cursor !== undefined && { cursor }) });
      return { body: { items: items.map(auditForm), next } };
    },
  }),
  operation({
    ...PLAIN,
    id: "verifyAudit",
    method: "GET",
    path: "/audit/verify",
    permission: "audit.read",
    summary: "Check that no event of the audit list was changed, removed or inserted; else name the first that was",
    answer: { status: 200, shown: "AuditVerdict" },
    handle: async ({ portal, context }) => {
      // The whole list is read: how many do that at once is bounded.
      using _waiting = portal.lasting.begin(context.actor);
      return { body: auditVerdictForm(await context.store.audit.verify()) };
    },
  }),
  operation({
    ...PLAIN,
    id: "followChanges",
    method: "GET",
    path: "/events",
    permission: "system.read",
    summary: "Hear that something changed: hello with where the stream stands, then change each time",
    query: eventsQuery,
    headers: lastEventHeaders,
    answer: { status: 200, type: "text/event-stream" },
    errors: ["invalid"],
    handle: ({ portal, caller, query: { since = "", poll }, headers }) =>
      followChanges(portal, { ...caller, since: headers["last-event-id"] ?? since, isPoll: poll !== undefined }),
  }),
];

/** A schedule in its JSON form, or the text itself. */
function jsonOr(schedule: string): unknown {
  if (!schedule.trimStart().startsWith("{")) return schedule;
  try {
    return JSON.parse(schedule);
  } catch (error) {
    const message = `is no JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new Invalid([{ field: "schedule", message }]);
  }
}
