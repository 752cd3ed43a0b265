/**
 * Examines an installation from facts that others gather: each line says whether one part is fine, and if not, what to do.
 *
 * @module
 */
import {
  type ConsumerLag,
  type DatabaseFacts,
  type Diagnosis,
  type DirectoryFacts,
  type EpochMs,
  isSilent,
  type RelationSize,
  type Retention,
  type Service,
  shortDuration,
  type Snapshot,
  type Worker,
} from "../domain/mod.ts";
import { presenceOf, type SystemStatus, type Trouble } from "./status.ts";

/** A clock that differs by more than this is wrong, in milliseconds. Nothing here depends on it, but logs and scripts do. */
export const CLOCK_OFF_MS = 2000;
/** A snapshot, or an event of the outbox, is old after this, in milliseconds. */
export const OLD_MS = 300_000;
/** A disk is short below this many free bytes or this part of it, and nearly full below the second. */
export const DISK_SHORT = { bytes: 1_073_741_824, part: 0.05 } as const;
const DISK_FULL = { bytes: 134_217_728, part: 0.01 } as const;
/** A `-wal` that is larger than this is not written back: somebody reads without end. */
export const WAL_LARGE_BYTES = 268_435_456;
/** Most tables and indexes that are named. */
const MOST_SIZES = 15;

/** What an installation is judged from. */
export interface InstallationFacts {
  /** The database. */
  readonly database: DatabaseFacts;
  /** Why nothing can be written to it; null: it can. */
  readonly writeProblem: string | null;
  /** Its tables and indexes; null: nobody asked. */
  readonly sizes: readonly RelationSize[] | null;
  /** Whether the system is well. */
  readonly status: SystemStatus;
  /** Schedulers, portals and notifiers. */
  readonly services: readonly Service[];
  /** All workers. */
  readonly workers: readonly Worker[];
  /** The script directories, as this machine has them. */
  readonly directories: readonly DirectoryFacts[];
  /** How far this machine's clock is ahead of the database's, in milliseconds. */
  readonly aheadMs: number;
  /** The version of the program that asks. */
  readonly version: string;
  /** The time of the judgement. */
  readonly now: EpochMs;
}

/** What to do about a trouble of the system. */
const TROUBLE_ADVICE: Readonly<Record<Trouble["code"], string>> = {
  no_scheduler: "start a scheduler: systemctl start jtp-scheduler, or deno task scheduler",
  scheduler_silent: "look into its log; it is forgotten a day after its last report",
  no_worker: "start a worker: systemctl start jtp-worker, or deno task worker",
  worker_stale: "look into its log, and whether it reaches the database",
  worker_lost: "look into its log; its runs are tried again by their retry policies",
  notifier_silent: "start a notifier: systemctl start jtp-notifier, or deno task notifier",
  jobs_failing: "jobctl jobs list state:failing names them; jobctl runs logs shows what a run wrote",
  runs_stuck: "start a worker with these tags, or take the tags from the jobs",
  jobs_late: "look into the scheduler's log",
  queue_slow: "start more workers, or raise WORKER_CONCURRENCY",
};

/** All lines, in the order in which they are best read. */
export function diagnose(facts: InstallationFacts): readonly Diagnosis[] {
  const { database, writeProblem, sizes, status, directories, aheadMs, now } = facts;
  return [
    fine("database", `${database.product}, ${sizeText(database.bytes)}`),
    writeProblem === null
      ? fine("writing", "a row was written")
      : bad("critical", "writing", writeProblem, "see docs/operations.md: What happens when"),
    fine("schema", `${database.schema}, the newest that this version knows`),
    ...diskLines(database),
    ...fileLines(database),
    snapshotLine(database.oldestSnapshot, now),
    clockLine(aheadMs),
    ...versionLines(facts),
    ...retentionLines(facts),
    ...statusLines(status),
    ...outboxLines(database.consumers, now),
    ...directories.map(directoryLine),
    ...(sizes ?? []).slice(0, MOST_SIZES).map(({ name, isIndex, bytes }) =>
      fine("size", `${isIndex ? "index" : "table"} ${name}: ${sizeText(bytes)}`)
    ),
  ];
}

/** The line for a database that does not answer. */
export function unreachable(message: string): Diagnosis {
  return bad("critical", "database", message, "start the database, or correct DATABASE_URL");
}

/** The line for a database that this program refuses. */
export function refused(message: string): Diagnosis {
  return bad(
    "critical",
    "database",
    message,
    "correct DATABASE_URL, or see docs/troubleshoot.md: A service does not start",
  );
}

function diskLines({ disk, walBytes }: DatabaseFacts): readonly Diagnosis[] {
  const lines: Diagnosis[] = [];
  if (disk !== null) {
    const { freeBytes, totalBytes } = disk;
    const isBelow = ({ bytes, part }: { readonly bytes: number; readonly part: number }) =>
      freeBytes < bytes || freeBytes < totalBytes * part;
    const found = `${sizeText(freeBytes)} of ${sizeText(totalBytes)} are free`;
    const advice = "make room: a full disk stops everything; a lower CLEANUP_RETENTION_DAYS keeps less";
    lines.push(
      isBelow(DISK_FULL)
        ? bad("critical", "disk", found, advice)
        : isBelow(DISK_SHORT)
        ? bad("warning", "disk", found, advice)
        : fine("disk", found),
    );
  }
  if (walBytes !== null) {
    const found = `${sizeText(walBytes)} wait in the -wal to be written back`;
    const advice = "end the program that reads the database without end: fuser names those that have it open";
    lines.push(walBytes > WAL_LARGE_BYTES ? bad("warning", "wal", found, advice) : fine("wal", found));
  }
  return lines;
}

function fileLines({ walBytes, openFiles }: DatabaseFacts): readonly Diagnosis[] {
  if (walBytes === null) return [];
  if (openFiles.length === 0) return [fine("files", "nobody but their owner and group may read the database's files")];
  return openFiles.map(({ path, mode }) =>
    bad("warning", "files", `others may read or write ${path}, whose mode is ${mode}`, `chmod o-rwx ${path}`)
  );
}

function snapshotLine(snapshot: Snapshot | null, now: EpochMs): Diagnosis {
  if (snapshot === null) return fine("snapshot", "nothing holds an old one");
  const { holder, ending, since } = snapshot;
  const ageMs = since === null ? Infinity : now - since;
  const found = `${holder} holds ${since === null ? "one" : `one for ${spanText(ageMs)}`}`;
  if (ageMs < OLD_MS) return fine("snapshot", found);
  return bad("warning", "snapshot", `${found}, so that claims slow down`, `end it if nobody needs it: ${ending}`);
}

function clockLine(aheadMs: number): Diagnosis {
  const found = `this machine is ${Math.abs(Math.round(aheadMs))} ms ${
    aheadMs < 0 ? "behind" : "ahead of"
  } the database`;
  if (Math.abs(aheadMs) <= CLOCK_OFF_MS) return fine("clock", found);
  return bad("warning", "clock", found, "set the clocks by NTP: timedatectl set-ntp true");
}

function versionLines({ services, workers, version, now }: InstallationFacts): readonly Diagnosis[] {
  const running = [
    ...services.filter((service) => !isSilent(service, now)).map((service) => ({
      name: `${service.kind} on ${service.hostname}`,
      version: service.version,
    })),
    ...workers.filter((worker) => presenceOf(worker, now) === "online").map((worker) => ({
      name: `worker on ${worker.hostname}`,
      version: worker.version,
    })),
  ];
  const others = running.filter((each) => each.version !== version);
  if (others.length === 0) {
    const count = running.length === 1 ? "1 service runs" : `${running.length} services run`;
    return [fine("versions", running.length === 0 ? `no service runs; this is ${version}` : `${count} ${version}`)];
  }
  return others.map((each) =>
    bad(
      "warning",
      "versions",
      `the ${each.name} runs ${each.version}, this is ${version}`,
      "bring all to one version",
    )
  );
}

/** What schedulers keep. Each deletes by its own settings, so where they differ the smallest counts. */
function retentionLines({ services, now }: InstallationFacts): readonly Diagnosis[] {
  const said = services.filter((service) => !isSilent(service, now)).flatMap(({ hostname, retention }) =>
    retention === undefined ? [] : [{ hostname, text: retentionText(retention) }]
  );
  const texts = new Set(said.map(({ text }) => text));
  if (texts.size <= 1) return [...texts].map((text) => fine("retention", `schedulers keep ${text}`));
  return said.map(({ hostname, text }) =>
    bad(
      "warning",
      "retention",
      `the scheduler on ${hostname} keeps ${text}; another keeps something else`,
      "give all schedulers the same CLEANUP_RETENTION_DAYS, RETENTION_RUNS_PER_JOB, AUDIT_RETENTION_DAYS and STATISTICS_RETENTION_DAYS: the smallest counts",
    )
  );
}

function retentionText({ historyDays, runsPerJob, auditDays, statisticsDays }: Retention): string {
  const most = runsPerJob === null ? "" : `, at most ${counted(runsPerJob, "run")} of a job`;
  return `runs, output and events for ${counted(historyDays, "day")}${most}, the audit list for ${
    counted(auditDays, "day")
  }, statistics for ${counted(statisticsDays, "day")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function statusLines({ troubles, services, workers }: SystemStatus): readonly Diagnosis[] {
  if (troubles.length === 0) {
    const { scheduler, web, notifier } = services;
    const up = `schedulers ${scheduler.up}, workers ${workers.online}, portals ${web.up}, notifiers ${notifier.up}`;
    return [fine("services", `${up}; nothing is late, fails or waits too long`)];
  }
  return troubles.map(({ code, level, message }) =>
    bad(level, code.replaceAll("_", " "), message, TROUBLE_ADVICE[code])
  );
}

function outboxLines(consumers: readonly ConsumerLag[], now: EpochMs): readonly Diagnosis[] {
  const late = consumers.filter(({ since }) => since !== null && now - since >= OLD_MS);
  if (late.length === 0) return [fine("outbox", `${counted(consumers.length, "consumer")}, none behind`)];
  return late.map(({ name, since }) => {
    const found = `the consumer ${name} is behind by ${spanText(now - (since ?? now))}`;
    const advice = name === "statistics"
      ? "schedulers count: look whether one runs, and into its log"
      : "start what reads under this name; until then its events are kept";
    return bad("warning", "outbox", found, advice);
  });
}

function directoryLine({ path, problem }: DirectoryFacts): Diagnosis {
  if (problem === null) return fine("scripts", path);
  return bad("warning", "scripts", `${path}: ${problem}`, "correct SCRIPTS_DIR, or the directory and its mode");
}

function fine(check: string, found: string): Diagnosis {
  return { check, level: "fine", found, advice: null };
}

function bad(level: "warning" | "critical", check: string, found: string, advice: string): Diagnosis {
  return { check, level, found, advice };
}

function spanText(ms: number): string {
  return shortDuration(Math.max(0, Math.floor(ms / 1000)));
}

/** A size in the largest unit of 1,024 that leaves at least one. */
function sizeText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${units[power]}`;
}
