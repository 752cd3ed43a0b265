import type { BulkChange } from "@jobtrigger/shared/domain";
import { readJobFilter, revisionEntries, statisticsForm, timelineForm } from "@jobtrigger/shared/api";
import { FULL_ACCESS } from "@jobtrigger/shared/access";
import {
  acknowledgeIncident,
  backfillJob,
  cancelRun,
  changeRule,
  changeWebhook,
  createChannel,
  createJob,
  createRule,
  createUser,
  createWebhook,
  deleteChannel,
  deleteJob,
  deleteRule,
  deleteWebhook,
  disableUser,
  drainWorker,
  editJob,
  enableUser,
  examine,
  explainJob,
  findJobId,
  findUser,
  getJob,
  getRun,
  type GuardedStore,
  listChannels,
  listDeliveries,
  listIncidents,
  listRules,
  listViews,
  listWebhooks,
  type OperationContext,
  pauseJob,
  readBulkJobs,
  readCrowd,
  readQueue,
  readStatistics,
  readStatus,
  readTimeline,
  removeView,
  resumeJob,
  resumeWorker,
  revokeSession,
  revokeSessions,
  rollBackJob,
  rotateWebhook,
  runNow,
  saveView,
  SEARCH_BUDGET,
  searchOutput,
  setExternalId,
  setPassword,
  setRole,
  snoozeIncident,
  startBulk,
  switchChannel,
  testChannel,
  testRule,
  whyWaits,
  workOnBulk,
} from "@jobtrigger/shared/operations";
import type { LogMatch } from "@jobtrigger/shared/policy";
import { calculateNextRun } from "@jobtrigger/shared/schedule";
import { inspectDirectories } from "@jobtrigger/shared/scripts";
import type {
  AlertsClient,
  Client,
  JobsClient,
  RunsClient,
  SystemClient,
  TimesClient,
  UsersClient,
  WebhooksClient,
} from "./client.ts";
import { followRun } from "./follow.ts";

/** Most found lines of one batch. */
const BATCH_LINES = 1000;

/** A database that is reached directly; the operating system says who may. */
export interface DatabaseReach {
  readonly store: GuardedStore;
  /** The context for operations, with the database's time. */
  readonly operating: () => Promise<OperationContext>;
}

/** A client that works on a database itself. */
export function databaseClient(reach: DatabaseReach): Client {
  return {
    ...jobsOf(reach),
    ...runsOf(reach),
    ...timesOf(reach),
    ...webhooksOf(reach),
    ...alertsOf(reach),
    ...usersOf(reach),
    ...systemOf(reach),
  };
}

function jobsOf({ store, operating }: DatabaseReach): JobsClient {
  return {
    findJob: (text, field) => findJobId(store, text, field),
    getJob: (id) => getJob(store, id),
    listJobs: (query) => store.jobs.list(query),
    createJob: async (definition, { isPaused }) =>
      await createJob(await operating(), definition, isPaused ? { paused: { note: null } } : {}),
    editJob: async (id, change) => await editJob(await operating(), { id, ...change }),
    rollBackJob: async (id, change) => await rollBackJob(await operating(), { id, ...change }),
    pauseJob: async (id, pause) => await pauseJob(await operating(), { id, ...pause }),
    resumeJob: async (id) => await resumeJob(await operating(), { id }),
    deleteJob: async (id) => await deleteJob(await operating(), { id }),
    changeJobs: async (request, onProgress) => {
      const { id } = await startBulk(await operating(), request);
      const shown = ({ action: { kind }, ...counts }: BulkChange) => ({ ...counts, kind });
      return shown(await workOnBulk(operating, id, { onProgress: (change) => onProgress?.(shown(change)) }));
    },
    listViews: async () => await listViews(await operating()),
    saveView: async (view) => await saveView(await operating(), view),
    removeView: async (id) => await removeView(await operating(), id),
    listBulkJobs: async (id, page) => await readBulkJobs(await operating(), id, page),
    runJob: async (id, request) => await runNow(await operating(), { id, ...request }),
    // One more than is asked for, to compare the last with.
    listRevisions: async (id, { limit, ...page }) =>
      revisionEntries(await store.jobs.revisions(id, { limit: limit + 1, ...page }), limit),
    explainJob: async (id, { at, zone }) => {
      const { now } = await operating();
      return await explainJob(store, await getJob(store, id), at, { now, zone, access: FULL_ACCESS });
    },
    backfillJob: async ({ id }, backfill) => await backfillJob(await operating(), { id, ...backfill }),
  };
}

function runsOf({ store, operating }: DatabaseReach): RunsClient {
  return {
    getRun: async (id) => {
      const run = await getRun(store, id);
      const [execution, attempts] = await Promise.all([store.runs.execution(id), store.runs.attempts(run.rootId)]);
      return { run, execution, attempts };
    },
    listRuns: async (query) => {
      const page = await store.runs.list(query);
      // A deleted job may still have runs; without a job and runs, the id is wrong.
      if (page.items.length === 0 && query.jobId !== undefined) await getJob(store, query.jobId);
      return page;
    },
    listQueue: async ({ zone, ...query }) => await readQueue({ ...await operating(), zone }, query),
    cancelRun: async (id) => await cancelRun(await operating(), { id }),
    whyWaits: async ({ id }, zone) =>
      await whyWaits(store, await getRun(store, id), { now: (await operating()).now, zone, access: FULL_ACCESS }),
    followRun: (id, following) => followRun(store, id, following),
    searchRun: async function* (id, sought) {
      await getRun(store, id);
      for (let next: number | null = sought.fromLine ?? 1; next !== null;) {
        const found: LogMatch[] = [];
        const onMatch = (match: LogMatch) => found.push(match) < BATCH_LINES;
        next = await searchOutput(store, id, { sought: { ...sought, fromLine: next }, budget: SEARCH_BUDGET, onMatch });
        yield found;
      }
    },
  };
}

function timesOf({ operating }: DatabaseReach): TimesClient {
  return {
    readTimeline: async ({ filter, ...query }) => {
      const context = await operating();
      return timelineForm(await readTimeline(context, { ...query, filter: readJobFilter(filter) }, context.now));
    },
    readStatistics: async (query) => {
      const context = await operating();
      return statisticsForm(await readStatistics(context, query, context.now));
    },
  };
}

function webhooksOf({ operating }: DatabaseReach): WebhooksClient {
  return {
    listWebhooks: async (jobId) => await listWebhooks(await operating(), jobId),
    createWebhook: async (request) => await createWebhook(await operating(), request),
    changeWebhook: async (ref, change) => await changeWebhook(await operating(), { ...ref, ...change }),
    rotateWebhook: async (ref) => await rotateWebhook(await operating(), ref),
    deleteWebhook: async (ref) => await deleteWebhook(await operating(), ref),
  };
}

function alertsOf({ operating }: DatabaseReach): AlertsClient {
  return {
    listIncidents: async (query) => await listIncidents(await operating(), query),
    acknowledgeIncident: async (id) => await acknowledgeIncident(await operating(), { id }),
    snoozeIncident: async (id, until) => await snoozeIncident(await operating(), { id, until }),
    listAlertRules: async (query) => await listRules(await operating(), query),
    createAlertRule: async (input) => await createRule(await operating(), input),
    replaceAlertRule: async (id, change) => await changeRule(await operating(), { id, ...change }),
    testAlertRule: async (id) => await testRule(await operating(), { id }),
    deleteAlertRule: async (id) => await deleteRule(await operating(), { id }),
    listChannels: async () => await listChannels(await operating()),
    createChannel: async (input) => await createChannel(await operating(), input),
    switchChannel: async (id, isEnabled) => await switchChannel(await operating(), { id, isEnabled }),
    testChannel: async (id) => await testChannel(await operating(), { id }),
    deleteChannel: async (id) => await deleteChannel(await operating(), { id }),
    listDeliveries: async (query) => await listDeliveries(await operating(), query),
  };
}

function usersOf({ store, operating }: DatabaseReach): UsersClient {
  return {
    findUser: (name) => findUser(store, name),
    listUsers: (query) => store.users.list(query),
    createUser: async (request) => await createUser(await operating(), { ...request, externalId: null }),
    disableUser: async (id) => await disableUser(await operating(), { id }),
    enableUser: async (id) => await enableUser(await operating(), { id }),
    setPassword: async (id, password) => await setPassword(await operating(), { id, password }),
    setExternalId: async (id, externalId) => await setExternalId(await operating(), { id, externalId }),
    listSessions: async (id) => await store.sessions.list(id, (await operating()).now),
    revokeSession: async (userId, id) => await revokeSession(await operating(), { userId, id }),
    revokeSessions: async (userId) => await revokeSessions(await operating(), { userId }),
    setRole: async (id, rights) => await setRole(await operating(), { id, ...rights }),
  };
}

function systemOf({ store, operating }: DatabaseReach): SystemClient {
  return {
    now: async () => (await operating()).now,
    changes: store.changes,
    readStatus: async () => await readStatus(await operating()),
    examine: async ({ scriptsDirs, ...request }) =>
      await examine(await operating(), { ...request, directories: await inspectDirectories(scriptsDirs) }),
    listWorkers: () => store.workers.list(),
    drainWorker: async (id) => await drainWorker(await operating(), { id }),
    resumeWorker: async (id) => await resumeWorker(await operating(), { id }),
    crowdOf: async ({ schedule, timezone, dst }) => {
      const { now, access } = await operating();
      const at = calculateNextRun(schedule, { timezone, dst, after: now });
      return at === null ? null : await readCrowd({ store, access }, { at, except: null });
    },
    listAudit: (query) => store.audit.list(query),
    verifyAudit: () => store.audit.verify(),
  };
}
