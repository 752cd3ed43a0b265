import type { ApiTokenStore, SessionStore, UserStore } from "./account_store.ts";
import type { AlertStore } from "./alert_store.ts";
import type { AuditStore } from "./audit_store.ts";
import type {
  DiagnosticsStore,
  JobStore,
  LogStore,
  RunStore,
  ServiceStore,
  StatisticsStore,
  Store,
  WebhookStore,
  WorkerStore,
} from "./store.ts";

/** A store as one reads it: nothing here changes anything, and no hash of a password comes out of it. */
export interface StoreReader extends Pick<Store, "changes" | "now" | "close"> {
  /** Jobs and their revisions. */
  readonly jobs: Pick<
    JobStore,
    "get" | "list" | "page" | "count" | "find" | "failing" | "recent" | "plannedStarts" | "revisions" | "labels"
  >;
  /** Worker processes. */
  readonly workers: Pick<WorkerStore, "list">;
  /** Schedulers, portals and notifiers. */
  readonly services: Pick<ServiceStore, "list">;
  /** Runs and the ledger. */
  readonly runs: Omit<RunStore, "runNow" | "backfill" | "cancel">;
  /** The output of runs. */
  readonly logs: LogStore;
  /** What happened in each hour and day. */
  readonly statistics: Omit<StatisticsStore, "rollUp" | "pruneTallies">;
  /** Users and service accounts. */
  readonly users: Pick<UserStore, "get" | "findByName" | "findByExternal" | "list" | "hasAdmin">;
  /** The sessions of those who signed in. */
  readonly sessions: Pick<SessionStore, "find" | "list">;
  /** Who changed what. */
  readonly audit: Pick<AuditStore, "list" | "verify">;
  /** What the database says of itself. */
  readonly diagnostics: DiagnosticsStore;
  /** Webhooks of jobs. */
  readonly webhooks: Pick<WebhookStore, "get" | "list">;
  /** Channels, rules, incidents and deliveries. */
  readonly alerts: Pick<AlertStore, "channels" | "rules" | "incidents" | "incident" | "deliveries">;
  /** API tokens. */
  readonly tokens: Pick<ApiTokenStore, "get" | "find" | "findAny" | "list">;
}
