/**
 * All metrics of a portal: those of its own requests, and those that it reads from the database. A scrape reads what the first line of
 * a page reads, a few rows of statistics, and the dispatches since the last one; many scrapes at once share one reading.
 *
 * @module
 */
import { FULL_ACCESS } from "@jobtrigger/shared/access";
import {
  type DatabaseFacts,
  type EpochMs,
  isSilent,
  SERVICE_KINDS,
  StoreUnavailable,
  VERSION,
} from "@jobtrigger/shared/domain";
import { type GuardedStore, readStatus } from "@jobtrigger/shared/operations";
import type { SystemStatus } from "@jobtrigger/shared/policy";
import type { DatabaseClock } from "@jobtrigger/shared/store";
import type { LastingAnswers } from "../lasting_answers.ts";
import { formatMetrics, type Metric, type Sample } from "./exposition.ts";
import type { RequestCounts } from "./request_counts.ts";
import type { RunCounts } from "./run_counts.ts";

/** How long a reading serves later scrapes, in milliseconds. */
const FRESH_MS = 1000;

/** The parts of a portal that its metrics are read from. */
export interface MeasuredPortal {
  readonly store: GuardedStore;
  readonly databaseClock: Pick<DatabaseClock, "now">;
  readonly lasting: Pick<LastingAnswers, "count">;
  readonly requestCounts: RequestCounts;
  readonly runCounts: RunCounts;
  /** The earliest next run of an active job; null: there is none. @throws {StoreUnavailable} */
  readonly nextDueAt: () => Promise<EpochMs | null>;
}

/** Metrics of a portal. */
export class PortalMetrics {
  #read: { readonly at: number; readonly text: Promise<string> } | null = null;
  #isReading = false;

  /** The text for Prometheus. Without a database it has the portal's own metrics, and `jobtrigger_database_up` is 0. */
  text(portal: MeasuredPortal): Promise<string> {
    const at = performance.now();
    // One at a time, however long it takes: two at once would count the same runs twice.
    if (this.#read !== null && (this.#isReading || at - this.#read.at <= FRESH_MS)) return this.#read.text;
    this.#isReading = true;
    const text = write(portal).finally(() => this.#isReading = false);
    this.#read = { at, text };
    return text;
  }
}

async function write(portal: MeasuredPortal): Promise<string> {
  return formatMetrics([...own(portal), ...portal.requestCounts.metrics(), ...await ofDatabase(portal)]);
}

function own({ lasting }: MeasuredPortal): readonly Metric[] {
  return [
    gauge("jobtrigger_build_info", "Always 1; the label says which version this portal is.", [
      { labels: { version: VERSION }, value: 1 },
    ]),
    gauge("jobtrigger_event_streams", "Event streams and waits that are open on this portal.", lasting.count),
    gauge("process_resident_memory_bytes", "Memory of this portal's process.", Deno.memoryUsage().rss),
    gauge("process_start_time_seconds", "When this portal's process started.", performance.timeOrigin / 1000),
  ];
}

async function ofDatabase(portal: MeasuredPortal): Promise<readonly Metric[]> {
  const up = (value: 0 | 1) => gauge("jobtrigger_database_up", "Whether this portal could read the database.", value);
  try {
    const { store, databaseClock, runCounts } = portal;
    const now = await databaseClock.now();
    const [status, services, facts, dueAt, runs] = await Promise.all([
      readStatus({ store, access: FULL_ACCESS, now }),
      store.services.list(),
      store.diagnostics.facts(),
      portal.nextDueAt(),
      runCounts.metrics(now),
    ]);
    const passes = services.filter(({ kind }) => kind === "scheduler").map(({ lastPassAt }) => now - lastPassAt);
    return [
      up(1),
      ...runs,
      ...ofQueue(status, now),
      gauge(
        "jobtrigger_services",
        "Schedulers, portals and notifiers, by whether they report in time.",
        SERVICE_KINDS.flatMap((kind) => {
          const some = services.filter((service) => service.kind === kind);
          const silent = some.filter((service) => isSilent(service, now)).length;
          const sample = (state: string, value: number) => ({ labels: { kind, state }, value });
          return [sample("up", some.length - silent), sample("silent", silent)];
        }),
      ),
      gauge(
        "jobtrigger_scheduler_last_pass_age_seconds",
        "Since the newest pass that any scheduler has reported.",
        passes.length === 0 ? [] : seconds(Math.max(0, Math.min(...passes))),
      ),
      gauge(
        "jobtrigger_scheduler_lag_seconds",
        "Since when the first job is due that no scheduler has dealt with.",
        seconds(dueAt === null ? 0 : Math.max(0, now - dueAt)),
      ),
      ...ofFacts(facts, now),
    ];
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return [up(0)];
  }
}

function ofQueue({ totals, stuck, workers }: SystemStatus, now: EpochMs): readonly Metric[] {
  const { running, waiting, waitingSince, late, failing } = totals;
  return [
    gauge("jobtrigger_runs_running", "Attempts that are running; at most 10,000 are counted.", running),
    gauge(
      "jobtrigger_queue_runs",
      "Attempts that could run and wait for a worker; at most 10,000 are counted.",
      waiting,
    ),
    gauge(
      "jobtrigger_queue_oldest_age_seconds",
      "How long the oldest of them has waited.",
      seconds(waitingSince === null ? 0 : Math.max(0, now - waitingSince)),
    ),
    gauge("jobtrigger_queue_stuck_runs", "Attempts that wait although no online worker has their tags.", stuck.runs),
    gauge("jobtrigger_jobs_late", "Active jobs that are due and that no scheduler has picked up for 30 s.", late),
    gauge("jobtrigger_jobs_failing", "Active jobs whose last occurrence failed, without a retry left.", failing),
    gauge(
      "jobtrigger_workers",
      "Workers by whether they are at work.",
      (["online", "silent", "stale", "offline"] as const).map((state) => ({
        labels: { state },
        value: workers[state],
      })),
    ),
    gauge("jobtrigger_worker_slots", "How many scripts the online workers run at once.", workers.slots),
    gauge("jobtrigger_worker_slots_busy", "How many of these slots are taken.", workers.busy),
  ];
}

function ofFacts({ bytes, disk, walBytes, oldestSnapshot, consumers }: DatabaseFacts, now: EpochMs): readonly Metric[] {
  return [
    gauge(
      "jobtrigger_outbox_lag_seconds",
      "Since when the oldest event has waited that a consumer of the outbox has not dealt with.",
      consumers.map(({ name: consumer, since }) => ({
        labels: { consumer },
        value: since === null ? 0 : Math.max(0, now - since) / 1000,
      })),
    ),
    gauge("jobtrigger_database_size_bytes", "Size of the database.", bytes),
    gauge(
      "jobtrigger_database_disk_free_bytes",
      "Free room on the disk of a SQLite file.",
      disk === null ? [] : [{ value: disk.freeBytes }],
    ),
    gauge(
      "jobtrigger_database_wal_bytes",
      "What waits in the -wal of a SQLite file to be written back.",
      walBytes === null ? [] : [{ value: walBytes }],
    ),
    gauge(
      "jobtrigger_database_oldest_snapshot_age_seconds",
      "Age of the oldest snapshot that somebody else holds of a PostgreSQL database.",
      oldestSnapshot?.since == null ? [] : seconds(Math.max(0, now - oldestSnapshot.since)),
    ),
  ];
}

function gauge(name: string, help: string, value: number | readonly Sample[]): Metric {
  return { name, help, type: "gauge", samples: typeof value === "number" ? [{ value }] : value };
}

function seconds(ms: number): readonly Sample[] {
  return [{ value: ms / 1000 }];
}
