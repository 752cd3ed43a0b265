/**
 * What commands read and change, in domain types. A database answers (`database.ts`), or a portal in front of one; commands do not
 * know which. Refusals are the same: {@linkcode Invalid}, {@linkcode NotFound}, {@linkcode Conflict}, {@linkcode Forbidden}.
 *
 * @module
 */
import type {
  AlertChannel,
  AlertRuleId,
  AuditEvent,
  AuditVerdict,
  BulkJob,
  ChannelId,
  Delivery,
  Diagnosis,
  DispatchId,
  EpochMs,
  ExternalId,
  Grant,
  Incident,
  IncidentId,
  Job,
  JobDefinition,
  JobId,
  LogChunk,
  Ranking,
  Role,
  SavedView,
  Session,
  SessionId,
  User,
  UserId,
  Webhook,
  WebhookId,
  Worker,
  WorkerId,
} from "@jobtrigger/shared/domain";
import type { QueueFilter } from "@jobtrigger/shared/api";
import type { ShownBulk } from "@jobtrigger/shared/api/schemas";
import type {
  AlertInput,
  ChannelInput,
  RevisionEntry,
  ShownExecution,
  ShownJobSummary,
  ShownQueue,
  ShownRun,
  StatisticsShown,
  TimelineShown,
} from "@jobtrigger/shared/api";
import type {
  BackfillPlan,
  Beginning,
  BulkRequest,
  NamedRule,
  NewChannelSecret,
  NewWebhookSecret,
  RunRequest,
  StatisticsRange,
  UserRequest,
  WebhookRequest,
} from "@jobtrigger/shared/operations";
import type { LogMatch, SoughtText } from "@jobtrigger/shared/policy";
import type { Crowd, SystemStatus } from "@jobtrigger/shared/policy";
import type { DstPolicy, Schedule } from "@jobtrigger/shared/schedule";
import type {
  AuditQuery,
  BulkPage,
  IncidentQuery,
  JobQuery,
  Page,
  PausedJob,
  RevisionPage,
  RunQuery,
  WebhookChange,
} from "@jobtrigger/shared/store";

/** Which part of the queue, and the zone of instants in reasons. */
export interface QueueRequest extends QueueFilter {
  readonly when: "now" | "later";
  readonly cursor?: string;
  readonly limit: number;
  readonly zone: string;
}

/** Everything that commands can read and change. */
export interface Client
  extends JobsClient, RunsClient, TimesClient, WebhooksClient, AlertsClient, UsersClient, SystemClient {}

/** Jobs and their revisions. */
export interface JobsClient {
  /**
   * The id of the job that `text` names: digits are an id, whether or not there is such a job; else it is a key, else a name, exactly.
   * @throws {NotFound} when there is none. @throws {Invalid} when several have the name; its problem is of `field`.
   */
  findJob(text: string, field?: string): Promise<JobId>;
  /** @throws {NotFound} */
  getJob(id: JobId): Promise<Job>;
  listJobs(query: Omit<JobQuery, "visible" | "ids">): Promise<Page<ShownJobSummary>>;
  /** @throws {Invalid} with fields as in `JobInput`. */
  createJob(definition: JobDefinition, beginning: { readonly isPaused: boolean }): Promise<Job>;
  /** Replaces the definition of a job as it was at `revision`. @throws {Conflict} when it has been changed since. */
  editJob(id: JobId, change: { readonly revision: number; readonly definition: JobDefinition }): Promise<Job>;
  /** Restores the definition of revision `to`. @throws {Conflict} when the job is not at `revision` any more. */
  rollBackJob(id: JobId, change: { readonly revision: number; readonly to: number }): Promise<Job>;
  pauseJob(id: JobId, pause: { readonly note: string | null; readonly cancelsWaiting: boolean }): Promise<PausedJob>;
  resumeJob(id: JobId): Promise<Job>;
  deleteJob(id: JobId): Promise<void>;
  /** Changes many jobs, one after the other; answers once all are settled, or nobody goes on with it. */
  changeJobs(request: BulkRequest, onProgress?: (change: ShownBulk) => void): Promise<ShownBulk>;
  /** The caller's own views of the list, by their names. */
  listViews(): Promise<readonly SavedView[]>;
  /** Keeps the query of a list under a name. @throws {Invalid} of `name` or `query`. */
  saveView(view: Pick<SavedView, "name" | "query">): Promise<SavedView>;
  /** @throws {NotFound} */
  removeView(id: number): Promise<void>;
  /** What became of jobs of a change of many. @throws {NotFound} */
  listBulkJobs(id: number, page: BulkPage): Promise<readonly BulkJob[]>;
  /** Starts a job now. @throws {Conflict} when its overlap policy leaves no room for another run. */
  runJob(id: JobId, request: Omit<RunRequest, "id">): Promise<ShownRun>;
  /** The newest revisions of a job, also of a deleted one; none where nothing is known of it. */
  listRevisions(id: JobId, page: RevisionPage): Promise<readonly RevisionEntry[]>;
  /**
   * Says why a job did or did not run `at` a time that somebody typed; null: what it is doing now.
   * @throws {Invalid} whose problem is of `at`.
   */
  explainJob(id: JobId, question: { readonly at: string | null; readonly zone: string }): Promise<readonly string[]>;
  /** Writes the runs of a plan, once for each `key`; answers how many. */
  backfillJob(job: Job, backfill: { readonly key: string; readonly plan: BackfillPlan }): Promise<number>;
}

/** Runs and their output. */
export interface RunsClient {
  /** @throws {NotFound} */
  getRun(id: DispatchId): Promise<RunDetails>;
  /** @throws {NotFound} when there is neither a job with the id nor a run of it. */
  listRuns(query: Omit<RunQuery, "visible" | "ids">): Promise<Page<ShownRun>>;
  /** What waits, each run with the reason. */
  listQueue(query: QueueRequest): Promise<ShownQueue>;
  /** @throws {Conflict} when it has ended. */
  cancelRun(id: DispatchId): Promise<"cancelled" | "requested">;
  /** Why a run waits, in a sentence; null: it does not wait. */
  whyWaits(run: ShownRun, zone: string): Promise<string | null>;
  /**
   * Calls `onChunk` with the output of a run, in order. With `signal` it continues until the run has ended and all its output was
   * passed on, or the signal aborts; without (null) it passes on the stored output and returns. Returns the run as last read.
   * @throws {NotFound} when there is no such run, or no longer.
   */
  followRun(id: DispatchId, following: Following): Promise<ShownRun>;
  /** The lines of the output stored so far that have a text, in order and in batches. @throws {NotFound} */
  searchRun(id: DispatchId, sought: SoughtText): AsyncGenerator<readonly LogMatch[]>;
}

/** What happened and will happen in a range of time, as programs are shown it. */
export interface TimesClient {
  /** One page. @throws {Invalid} of `until`, or of the filter. */
  readTimeline(query: TimelineRequest): Promise<TimelineShown>;
  /** @throws {Invalid} of `label`. */
  readStatistics(query: StatisticsRequest): Promise<StatisticsShown>;
}

/** Which timeline. */
export interface TimelineRequest {
  readonly from: EpochMs;
  readonly until: EpochMs;
  /** A filter of jobs as it is typed. */
  readonly filter: string;
  readonly cursor?: string;
}

/** Which statistics. */
export interface StatisticsRequest {
  readonly range: StatisticsRange;
  readonly ranking: Ranking;
  readonly labels: readonly (readonly string[])[];
}

/** A run and all attempts of its occurrence. */
export interface RunDetails {
  readonly run: ShownRun;
  /** Null: it has not ended. */
  readonly execution: ShownExecution | null;
  /** First to last. */
  readonly attempts: readonly ShownRun[];
}

/** How the output of a run is read. */
export interface Following {
  /** Absent: from the start. */
  readonly beginning?: Beginning;
  readonly onChunk: (chunk: OutputChunk) => Promise<void>;
  readonly signal: AbortSignal | null;
}

/** A chunk, or the rest of the chunk in which reading began. */
export interface OutputChunk extends Omit<LogChunk, "data"> {
  /** Bytes of output before it. */
  readonly offset: number;
  /** UTF-8; begins with the rest of a character where reading began within one. */
  readonly bytes: Uint8Array;
}

/** A webhook of a job. */
export interface WebhookRef {
  readonly jobId: JobId;
  readonly id: WebhookId;
}

/** The webhooks of jobs. */
export interface WebhooksClient {
  /** @throws {NotFound} when there is no such job. */
  listWebhooks(jobId: JobId): Promise<readonly Webhook[]>;
  /** @throws {Invalid} with the fields `name`, `args`, `perMinute`. @throws {Conflict} when the job has too many. */
  createWebhook(request: WebhookRequest): Promise<NewWebhookSecret>;
  /** @throws {NotFound} @throws {Invalid} */
  changeWebhook(ref: WebhookRef, change: Omit<WebhookChange, "rotated">): Promise<Webhook>;
  /** @throws {NotFound} */
  rotateWebhook(ref: WebhookRef): Promise<NewWebhookSecret>;
  /** @throws {NotFound} */
  deleteWebhook(ref: WebhookRef): Promise<void>;
}

/** Alert channels, rules and incidents. */
export interface AlertsClient {
  listIncidents(query: Omit<IncidentQuery, "visible">): Promise<Page<Incident>>;
  /** @throws {NotFound} @throws {Conflict} when it has ended. */
  acknowledgeIncident(id: IncidentId): Promise<Incident>;
  /** @throws {NotFound} @throws {Conflict} @throws {Invalid} of `until`. */
  snoozeIncident(id: IncidentId, until: EpochMs): Promise<Incident>;
  /** All, or those that cover a job. @throws {NotFound} of the job. */
  listAlertRules(query?: { readonly jobId?: JobId }): Promise<readonly NamedRule[]>;
  /** @throws {Invalid} with fields as in `AlertInput`. */
  createAlertRule(input: AlertInput): Promise<NamedRule>;
  /** @throws {NotFound} @throws {Invalid} */
  replaceAlertRule(
    id: AlertRuleId,
    change: { readonly input: AlertInput; readonly isEnabled?: boolean },
  ): Promise<NamedRule>;
  /** @throws {NotFound} @throws {Conflict} when none of its channels is enabled. */
  testAlertRule(id: AlertRuleId): Promise<readonly Delivery[]>;
  /** @throws {NotFound} */
  deleteAlertRule(id: AlertRuleId): Promise<void>;
  listChannels(): Promise<readonly AlertChannel[]>;
  /** @throws {Invalid} with fields as in `ChannelInput`. */
  createChannel(input: ChannelInput): Promise<NewChannelSecret>;
  /** @throws {NotFound} */
  switchChannel(id: ChannelId, isEnabled: boolean): Promise<AlertChannel>;
  /** @throws {NotFound} */
  testChannel(id: ChannelId): Promise<Delivery>;
  /** @throws {NotFound} */
  deleteChannel(id: ChannelId): Promise<void>;
  /** Newest first. */
  listDeliveries(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<Delivery>>;
}

/** Users and service accounts. */
export interface UsersClient {
  /** The user with this name, in any case. @throws {NotFound} */
  findUser(name: string): Promise<User>;
  /** By name. */
  listUsers(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<User>>;
  createUser(request: Omit<UserRequest, "externalId">): Promise<User>;
  disableUser(id: UserId): Promise<User>;
  enableUser(id: UserId): Promise<User>;
  setPassword(id: UserId, password: string): Promise<User>;
  /** Null: no identity provider signs the user in. */
  setExternalId(id: UserId, externalId: ExternalId | null): Promise<User>;
  /** The browsers in which a user is signed in, newest first. */
  listSessions(id: UserId): Promise<readonly Session[]>;
  /** @throws {NotFound} when the user has no such session. */
  revokeSession(id: UserId, session: SessionId): Promise<void>;
  /** Ends all sessions of a user. Answers how many. */
  revokeSessions(id: UserId): Promise<number>;
  setRole(id: UserId, rights: { readonly role: Role | null; readonly grants: readonly Grant[] }): Promise<User>;
}

/** What is about no one job or user. */
export interface SystemClient {
  /** The database's time. */
  now(): Promise<EpochMs>;
  /** How a list hears that it may have changed. */
  readonly changes: Changes;
  /** Whether schedulers, workers and the queue are well. */
  readStatus(): Promise<SystemStatus>;
  /** Looks at the whole installation: a portal at its own machine, else this process at this one. */
  examine(request: Examination): Promise<readonly Diagnosis[]>;
  listWorkers(): Promise<readonly Worker[]>;
  /** @throws {NotFound} when there is no such worker. @throws {Conflict} when it has ended. */
  drainWorker(id: WorkerId): Promise<void>;
  /** @throws {NotFound} @throws {Conflict} */
  resumeWorker(id: WorkerId): Promise<void>;
  /** How many jobs are due in the minute of a schedule's next time; null: it has none. */
  crowdOf(schedule: AskedSchedule): Promise<Crowd | null>;
  listAudit(query: AuditQuery): Promise<Page<AuditEvent>>;
  verifyAudit(): Promise<AuditVerdict>;
}

/** How an installation is looked at. */
export interface Examination {
  /** Whether to tell the sizes of tables and indexes. */
  readonly withSizes: boolean;
  /** This machine's script directories. */
  readonly scriptsDirs: readonly string[];
  /** This machine's clock. */
  readonly localNow: () => EpochMs;
}

/** A schedule that no job has yet. */
export interface AskedSchedule {
  readonly schedule: Schedule;
  readonly timezone: string;
  readonly dst: DstPolicy;
}

/** How a list hears that it may have changed. */
export interface Changes {
  /** Grows with each change; compare, do not calculate. */
  version(): number;
  /** Resolves once the version is beyond `since`, or `signal` aborts. Never rejects. */
  after(since: number, signal: AbortSignal): Promise<void>;
}
