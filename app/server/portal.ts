import type { OidcConfig, Setting, WebConfig } from "@jobtrigger/shared/config";
import { DatabaseClock, JUMP_MESSAGE, type LabelCount, type Store } from "@jobtrigger/shared/store";
import { type GuardedStore, guardStore } from "@jobtrigger/shared/operations";
import type { Clock } from "@jobtrigger/shared/time";
import { administratorOf, type LocalAccess } from "./access/local.ts";
import { Network, type NetworkConfig } from "./access/network.ts";
import { SignInNotes } from "./access/sign_in_notes.ts";
import { IdentityProvider } from "./access/oidc/provider.ts";
import type { ProviderFetch } from "./access/oidc/provider_fetch.ts";
import type {
  ApiTokenId,
  EpochMs,
  JobId,
  Statistics,
  TallyOfPeriod,
  UserId,
  WebhookId,
} from "@jobtrigger/shared/domain";
import { Once } from "./api/once.ts";
import { AuditCheck } from "./audit_check.ts";
import { PortalMetrics } from "./metrics/portal_metrics.ts";
import { RequestCounts } from "./metrics/request_counts.ts";
import { RunCounts } from "./metrics/run_counts.ts";
import { RateLimits } from "./api/rate_limits.ts";
import { BoundedWarnings } from "./bounded_warnings.ts";
import { Feed } from "./feed.ts";
import { LivePages } from "./live/live_pages.ts";
import { LastingAnswers } from "./lasting_answers.ts";
import type { PortalLog } from "./portal_log.ts";
import { ShownOnce } from "./shown_once.ts";
import { Health } from "./health.ts";
import { Kept } from "./kept.ts";
import { StatusReads } from "./status_reads.ts";

/** The parts of a portal; tests pass their own. */
export interface PortalParts {
  readonly store: Store;
  /** The machine's clock. */
  readonly clock: Clock;
  readonly config:
    & NetworkConfig
    & OidcConfig
    & Pick<
      WebConfig,
      | "scriptsDirs"
      | "displayTimezone"
      | "maxRetries"
      | "jobTimeoutMs"
      | "apiPerMinute"
      | "corsOrigins"
      | "metricsToken"
    >;
  readonly log: PortalLog;
  readonly access: LocalAccess;
  /** How the portal reaches its identity provider. */
  readonly providerFetch: ProviderFetch;
  /** What its environment says, for administrators to see. Default: nothing. */
  readonly settings?: readonly Setting[];
}

/** A portal at work. */
export interface Portal extends Omit<PortalParts, "clock" | "store" | "providerFetch"> {
  /** To read, and for operations. */
  readonly store: GuardedStore;
  /** For waiting only. The time of a request is the database's: `state.view.now`. */
  readonly clock: Pick<Clock, "sleep">;
  readonly databaseClock: DatabaseClock;
  /** Tells the pages when something changed. */
  readonly feed: Feed;
  /** Warnings about requests, bounded in number. */
  readonly warnings: BoundedWarnings;
  readonly health: Health;
  /** The text for Prometheus. */
  readonly metrics: PortalMetrics;
  /** The requests that were answered. */
  readonly requestCounts: RequestCounts;
  /** What happened to runs. */
  readonly runCounts: RunCounts;
  /** The earliest next run of an active job; null: there is none. @throws {StoreUnavailable} */
  readonly nextDueAt: () => Promise<EpochMs | null>;
  /** What takes long to read. */
  readonly kept: {
    readonly labels: Kept<readonly LabelCount[]>;
    readonly hours: Kept<readonly TallyOfPeriod[]>;
    readonly statistics: Kept<Statistics>;
  };
  /** Whether the system is well, read once for all pages. */
  readonly statusReads: StatusReads;
  /** Where the portal is, and who stands before it. */
  readonly network: Network;
  /** By whom people sign in beside the password; null: nobody else. */
  readonly identityProvider: IdentityProvider | null;
  /** Whether there is an administrator, who signs in with an account; until then the printed address signs in. */
  readonly hasAdministrator: () => Promise<boolean>;
  /** Writes into the audit list who got in and who did not, where that comes with every request. */
  readonly signInNotes: SignInNotes;
  /** How much each API token may ask. */
  readonly rateLimits: RateLimits<ApiTokenId>;
  /** How much the tokens of each user may ask together. */
  readonly userLimits: RateLimits<UserId>;
  /** How many deliveries each webhook takes. */
  readonly hookLimits: RateLimits<WebhookId>;
  /** Secrets that were just made, until they are shown. */
  readonly shownOnce: ShownOnce;
  /** The pages that are open in browsers, which are kept up to date. */
  readonly livePages: LivePages;
  /** The event streams and waits that are open. */
  readonly lasting: LastingAnswers;
  /** The jobs that were created under an idempotency key. */
  readonly created: Once<JobId>;
  /** The check of the audit list: one at a time. */
  readonly auditCheck: AuditCheck;
  /** Aborts when the portal stops; open event streams end then. */
  readonly stopping: AbortSignal;
  /** Ends the event streams. The store is the caller's to close. */
  stop(): void;
}

/** Starts a portal on its parts. */
export function createPortal(parts: PortalParts): Portal {
  const { store, clock, providerFetch, ...rest } = parts;
  const { log, config } = rest;
  const stopping = new AbortController();
  const databaseClock = new DatabaseClock(store, clock, (jump) => log.warn(JUMP_MESSAGE, { ...jump }));
  const feed = new Feed(store.changes, clock, stopping.signal);
  const warnings = new BoundedWarnings(log, clock, stopping.signal);
  const health = new Health(store, clock);
  const guarded = guardStore(store);
  return {
    ...rest,
    clock,
    store: guarded,
    databaseClock,
    feed,
    warnings,
    health,
    metrics: new PortalMetrics(),
    requestCounts: new RequestCounts(),
    runCounts: new RunCounts(guarded),
    nextDueAt: () => store.scheduling.nextDueAt(),
    livePages: new LivePages({
      feed,
      changes: store.changes,
      clock,
      stopping: stopping.signal,
      onFailed: (error) => warnings.warn("Cannot bring an open page up to date: {error}", { error }),
    }),
    kept: {
      labels: new Kept(store.changes, clock),
      hours: new Kept(store.changes, clock),
      statistics: new Kept(store.changes, clock),
    },
    statusReads: new StatusReads(guarded, clock),
    network: new Network(config),
    identityProvider: providerOf(config, providerFetch, clock),
    hasAdministrator: administratorOf(store),
    signInNotes: new SignInNotes(clock),
    rateLimits: new RateLimits("token", clock),
    userLimits: new RateLimits("user", clock),
    hookLimits: new RateLimits("webhook", clock),
    shownOnce: new ShownOnce(clock),
    lasting: new LastingAnswers(),
    created: new Once(clock),
    auditCheck: new AuditCheck(store.audit, clock, {
      stopping: stopping.signal,
      onFailed: (error) => log.error("Cannot check the audit list: {error}", { error }),
    }),
    stopping: stopping.signal,
    stop: () => stopping.abort(),
  };
}

/** The identity provider of the settings, which have been checked: with the issuer, all that it takes is there. */
function providerOf(
  config: PortalParts["config"],
  fetch: ProviderFetch,
  clock: Pick<Clock, "monotonic">,
): IdentityProvider | null {
  const { oidcIssuer, oidcClientId, oidcClientSecret, publicUrl } = config;
  if (oidcIssuer === null || oidcClientId === null || oidcClientSecret === null || publicUrl === null) return null;
  const settings = { ...config, oidcIssuer, oidcClientId, oidcClientSecret, publicUrl };
  return new IdentityProvider(settings, fetch, () => clock.monotonic());
}
