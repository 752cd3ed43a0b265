/**
 * The contract between the services and a database. It is authoritative for every state change of a dispatch:
 *
 * ```
 *          claim()                finish()
 *  PENDING ───────▶ IN_PROGRESS ───────────▶ COMPLETED | FAILED | TIMEOUT | CANCELLED
 *     ▲                 │                                  │ with a retry: a new PENDING row
 *     └── release() ────┘ ── rescue(): lease over ─▶ TIMEOUT┘
 *  PENDING ── cancel(), pause(), remove(), dispatchDue() and runNow() under cancel_running ─▶ CANCELLED
 * ```
 *
 * Each end of an attempt and each addition to the ledger makes one event, in the same transaction: `event_store.ts`.
 *
 * Each transition is one guarded statement. If nothing changed because somebody else was first, the answer says so (`false`, an empty
 * list, `null`); an error means that the database failed or the arguments are wrong.
 * No method reads a clock: the caller passes `now`, in the database's time.
 *
 * Every method may throw {@linkcode StoreUnavailable}. One conformance suite, `tests/store/`, holds for every database.
 *
 * @module
 */
import type { EpochMs } from "../domain/mod.ts";
import type { ApiTokenStore, GuessStore, SessionStore, UserStore } from "./account_store.ts";
import type { AlertStore } from "./alert_store.ts";
import type { AuditStore } from "./audit_store.ts";
import type { BulkStore } from "./bulk_store.ts";
import type { Changes } from "./changes.ts";
import type { DiagnosticsStore } from "./diagnostics_store.ts";
import type { EventStore } from "./event_store.ts";
import type { HistoryStore } from "./history_store.ts";
import type { JobStore } from "./job_store.ts";
import type { LogStore } from "./log_store.ts";
import type { QueueStore } from "./queue_store.ts";
import type { RunStore } from "./run_store.ts";
import type { SchedulingStore } from "./scheduling_store.ts";
import type { ServiceStore } from "./service_store.ts";
import type { StatisticsStore } from "./statistics_store.ts";
import type { ViewStore } from "./view_store.ts";
import type { WebhookStore } from "./webhook_store.ts";
import type { WorkerStore } from "./worker_store.ts";

export type * from "./account_store.ts";
export * from "./alert_store.ts";
export * from "./audit_store.ts";
export * from "./bulk_store.ts";
export { type By, byOf } from "./by.ts";
export * from "./changes.ts";
export type { DiagnosticsStore, Dispatched, DispatchedQuery } from "./diagnostics_store.ts";
export type { EventRange, EventStore, PositionMove } from "./event_store.ts";
export type { History, HistoryStore } from "./history_store.ts";
export * from "./job_store.ts";
export * from "./log_store.ts";
export { MOST_IDS, type Page, type Visible } from "./page.ts";
export * from "./queue_store.ts";
export * from "./run_store.ts";
export * from "./scheduling_store.ts";
export type { ServiceStore } from "./service_store.ts";
export * from "./statistics_store.ts";
export type { NewView, ViewOwner, ViewStore } from "./view_store.ts";
export type { NewWebhook, WebhookChange, WebhookSecret, WebhookStore } from "./webhook_store.ts";
export type { DrainRequest, SignAnswer, WorkerStore } from "./worker_store.ts";

/** An open database. Made by {@linkcode openStore}. */
export interface Store {
  /** Jobs and their definitions. */
  readonly jobs: JobStore;
  /** The calls of schedulers. */
  readonly scheduling: SchedulingStore;
  /** The calls of workers. */
  readonly queue: QueueStore;
  /** Worker processes. */
  readonly workers: WorkerStore;
  /** Schedulers, portals and notifiers. */
  readonly services: ServiceStore;
  /** Runs, for people. */
  readonly runs: RunStore;
  /** The output of runs. */
  readonly logs: LogStore;
  /** Runs of other systems. */
  readonly history: HistoryStore;
  /** The outbox. */
  readonly events: EventStore;
  /** What happened in each hour and day. */
  readonly statistics: StatisticsStore;
  /** Users and service accounts. */
  readonly users: UserStore;
  /** The sessions of those who signed in. */
  readonly sessions: SessionStore;
  /** Saved filters of lists. */
  readonly views: ViewStore;
  /** Changes of many jobs. */
  readonly bulk: BulkStore;
  /** API tokens. */
  readonly tokens: ApiTokenStore;
  /** Webhooks of jobs. */
  readonly webhooks: WebhookStore;
  /** Channels, rules, incidents and deliveries. */
  readonly alerts: AlertStore;
  /** Counters of failed sign-ins. */
  readonly guesses: GuessStore;
  /** Who changed what. */
  readonly audit: AuditStore;
  /** What the database says of itself. */
  readonly diagnostics: DiagnosticsStore;
  /** Notices changes. */
  readonly changes: Changes;
  /** The database's own clock. */
  now(): Promise<EpochMs>;
  /** Writes and commits a row that nobody reads. @throws {StoreUnavailable} where nothing can be written. */
  tryWrite(): Promise<void>;
  /** Finishes calls under way and closes the database. Idempotent. */
  close(): Promise<void>;
}
