import type { Role } from "../domain/account.ts";
import type { OidcConfig } from "./oidc_variables.ts";

/** The values of the variables WEB_…, checked. */
export interface WebValues {
  /** WEB_HOST. */
  readonly host: string;
  /** WEB_PORT. */
  readonly port: number;
  /** WEB_PUBLIC_URL, an origin such as `https://jobs.example.com`; null: people open the portal where it listens. */
  readonly publicUrl: string | null;
  /** WEB_TRUSTED_PROXIES: addresses and networks (CIDR). */
  readonly trustedProxies: readonly string[];
  /** WEB_PROXY_USER_HEADER, in lower case; null: no header signs anybody in. */
  readonly proxyUserHeader: string | null;
  /** WEB_PROXY_SECRET, by which a proxy proves that a request came through it; null: none is set. */
  readonly proxySecret: string | null;
  /** WEB_PROXY_USER_ROLE; null: whom the proxy names must have an account. */
  readonly proxyUserRole: Role | null;
  /** WEB_API_REQUESTS, each minute and token. */
  readonly apiPerMinute: number;
  /** WEB_METRICS_TOKEN; null: a session alone reads the metrics. */
  readonly metricsToken: string | null;
  /** WEB_CORS_ORIGINS. */
  readonly corsOrigins: readonly string[];
}

/** The values of the variables JOBTRIGGER_…, checked. */
export interface JobctlValues {
  /** JOBTRIGGER_URL, an origin; null: jobctl works with a database. */
  readonly portalUrl: string | null;
  /** JOBTRIGGER_TOKEN, a secret; null: none is set. */
  readonly portalToken: string | null;
  /** JOBTRIGGER_ALLOW_HTTP. */
  readonly allowsHttp: "yes" | "no";
  /** JOBTRIGGER_CA_FILE; null: the public authorities. */
  readonly caFile: string | null;
}

/** The values of all variables, checked. A process reads those it needs. Durations are milliseconds. */
export interface Config extends WebValues, JobctlValues, OidcConfig {
  /** DATABASE_URL, as it was given. */
  readonly databaseUrl: string;
  /** SCHEDULER_POLL_INTERVAL. */
  readonly schedulerPollMs: number;
  /** SCHEDULER_HEALTH_PORT; null: none. */
  readonly schedulerHealthPort: number | null;
  /** DISPATCH_LOCK_DURATION. */
  readonly dispatchLockMs: number;
  /** JOB_TIMEOUT_THRESHOLD. */
  readonly timeoutThresholdMs: number;
  /** MAX_RETRY_ATTEMPTS. */
  readonly maxRetries: number;
  /** CLEANUP_RETENTION_DAYS, in days. */
  readonly retentionDays: number;
  /** RETENTION_RUNS_PER_JOB; null: age alone decides. */
  readonly retentionRunsPerJob: number | null;
  /** AUDIT_RETENTION_DAYS, in days. */
  readonly auditRetentionDays: number;
  /** STATISTICS_RETENTION_DAYS, in days. */
  readonly statisticsRetentionDays: number;
  /** WORKER_OFFLINE_THRESHOLD, the length of a lease. */
  readonly workerOfflineMs: number;
  /** WORKER_POLL_INTERVAL. */
  readonly workerPollMs: number;
  /** WORKER_HEALTH_PORT; null: none. */
  readonly workerHealthPort: number | null;
  /** WORKER_MAX_POLL_INTERVAL. */
  readonly workerMaxPollMs: number;
  /** WORKER_HEARTBEAT_INTERVAL. */
  readonly heartbeatMs: number;
  /** WORKER_JOB_TIMEOUT. */
  readonly jobTimeoutMs: number;
  /** WORKER_CONCURRENCY. */
  readonly concurrency: number;
  /** WORKER_TAGS: sorted, each once. */
  readonly tags: readonly string[];
  /** WORKER_DRAIN_SECONDS. */
  readonly drainMs: number;
  /** WORKER_KILL_GRACE. */
  readonly killGraceMs: number;
  /** Null: the worker's own. */
  readonly scriptUser: string | null;
  /** LOG_MAX_BYTES. */
  readonly logMaxBytes: number;
  /** SCRIPTS_DIR, one path for each directory. */
  readonly scriptsDirs: readonly string[];
  /** NOTIFIER_HEALTH_PORT; null: it listens nowhere. */
  readonly notifierHealthPort: number | null;
  /** NOTIFIER_ALLOW_HOSTS: names, addresses and networks (CIDR) inside. */
  readonly allowedHosts: readonly string[];
  /** DISPLAY_TIMEZONE, an IANA zone. */
  readonly displayTimezone: string;
  /** LOG_FORMAT. */
  readonly logFormat: "auto" | "json" | "text";
  /** LOG_LEVEL. */
  readonly logLevel: "debug" | "info" | "warning" | "error";
}
