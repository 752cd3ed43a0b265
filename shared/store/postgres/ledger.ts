import type { EpochMs, Job, JobId, LedgerEntry } from "../../domain/mod.ts";
import { partsBeside, pastOf } from "../../policy/ahead.ts";
import { continuesEntry } from "../ledger.ts";
import { toLedgerEntry, toSettled } from "../ledger_rows.ts";
import { toInstant, toNumber } from "../rows.ts";
import { type Session, statement } from "./connection.ts";
import { instant, type Value } from "./values.ts";

// Index: occurrence_ledger_by_job, its end for each job.
const LATEST_ENTRIES = statement(`
  SELECT latest.* FROM unnest($1::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT * FROM occurrence_ledger WHERE job_id = wanted.id ORDER BY id DESC LIMIT 1) latest`);

const CHANGE = `
  UPDATE occurrence_ledger l SET last_at = to_timestamp(x.last / 1000), count = x.count
  FROM unnest($1::bigint[], $2::float8[], $3::bigint[]) AS x (id, last, count) WHERE l.id = x.id`;

const CHANGE_ENTRIES = statement(CHANGE);

// $4…$8: new rows; $9: now; $10…$14: the additions, an event each.
const ENTER = statement(`
  WITH changed AS (${CHANGE}
  ), added AS (
    INSERT INTO occurrence_ledger (job_id, reason, first_at, last_at, count)
    SELECT job_id, reason, to_timestamp(first / 1000), to_timestamp(last / 1000), count
    FROM unnest($4::bigint[], $5::text[], $6::float8[], $7::float8[], $8::bigint[]) AS e (job_id, reason, first, last, count)
  )
  INSERT INTO run_events (at, job_id, reason, first_at, last_at, count)
  SELECT $9::timestamptz, job_id, reason, to_timestamp(first / 1000), to_timestamp(last / 1000), count
  FROM unnest($10::bigint[], $11::text[], $12::float8[], $13::float8[], $14::bigint[])
    AS e (job_id, reason, first, last, count)`);

/** A row of the ledger in the making: the id of one that is there, or null for a new one. */
interface Entering {
  readonly id: number | null;
  readonly entry: LedgerEntry;
}

/** New ledger entries of one job. */
export interface LedgerAddition {
  readonly jobId: JobId;
  /** Oldest first. */
  readonly entries: readonly Omit<LedgerEntry, "jobId">[];
  /** When the job got its schedule. */
  readonly since: EpochMs;
  /** Occurrences that were dispatched before and with it. */
  readonly occurred: readonly EpochMs[];
}

/**
 * Adds to the ledger: to each job's latest row if the new entry continues that, else as a new row. Each entry makes an event.
 */
export async function enterLedger(tx: Session, additions: readonly LedgerAddition[], now: EpochMs): Promise<void> {
  const some = additions.filter(({ entries }) => entries.length > 0);
  if (some.length === 0) return;
  const rows = await tx.all(LATEST_ENTRIES, [some.map(({ jobId }) => jobId)]);
  const latest = new Map<JobId, Entering>(rows.map((row) => {
    const entry = toLedgerEntry(row);
    return [entry.jobId, { id: toNumber({ n: row["id"] }), entry }];
  }));
  const entered = some.flatMap(({ jobId, entries, since, occurred }) =>
    entering(latest.get(jobId) ?? null, entries.map((entry) => ({ ...entry, jobId })), { since, occurred })
  );
  const extended = entered.filter(({ id }) => id !== null);
  const added = entered.filter(({ id }) => id === null).map(({ entry }) => entry);
  await tx.all(ENTER, [
    extended.map(({ id }) => id),
    extended.map(({ entry }) => entry.lastAt),
    extended.map(({ entry }) => entry.count),
    ...columnsOf(added),
    instant(now),
    ...columnsOf(some.flatMap(({ jobId, entries }) => entries.map((entry) => ({ ...entry, jobId })))),
  ]);
}

/** Job, reason, first, last and count of each. */
function columnsOf(entries: readonly LedgerEntry[]): Value[] {
  return [
    entries.map(({ jobId }) => jobId),
    entries.map(({ reason }) => reason),
    entries.map(({ firstAt }) => firstAt),
    entries.map(({ lastAt }) => lastAt),
    entries.map(({ count }) => count),
  ];
}

/** The rows that change or come when `entries` of one job, oldest first, follow its `latest` row. */
function entering(
  latest: Entering | null,
  entries: readonly LedgerEntry[],
  known: Pick<LedgerAddition, "since" | "occurred">,
): readonly Entering[] {
  const changed: Entering[] = [];
  let last = latest;
  for (const entry of entries) {
    if (last !== null && continuesEntry(last.entry, entry, known)) {
      if (changed.at(-1) === last) changed.pop();
      last = { id: last.id, entry: { ...last.entry, lastAt: entry.lastAt, count: last.entry.count + entry.count } };
    } else last = { id: null, entry };
    changed.push(last);
  }
  return changed;
}

// Index: occurrence_ledger_by_age, whose end is normally in the past.
const AHEAD = statement("SELECT * FROM occurrence_ledger WHERE last_at > $2 AND job_id = ANY($1::bigint[])");
const DELETE_ENTRIES = statement("DELETE FROM occurrence_ledger WHERE id = ANY($1::bigint[])");

// Index: job_dispatch_occurrence.
const LAST_DISPATCHED = statement(`
  UPDATE scheduled_jobs j
  SET last_dispatched_at = (
    SELECT max(scheduled_for) FROM job_dispatch WHERE job_id = j.id AND trigger = 'schedule' AND scheduled_for <= $2)
  WHERE id = ANY($1::bigint[]) AND last_dispatched_at > $2
  RETURNING id, last_dispatched_at AS at`);

/**
 * Forgets what a clock that was ahead has written of times to come: ledger entries after `now`, and which occurrence was the
 * last to be dispatched. The caller holds the jobs. Answers the latter, of the jobs where it changed.
 */
export async function forgetAhead(
  tx: Session,
  jobs: readonly Job[],
  now: EpochMs,
): Promise<ReadonlyMap<unknown, EpochMs | null>> {
  const ids = jobs.map(({ id }) => id);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const found = (await tx.all(AHEAD, [ids, instant(now)])).map((row) => {
    const entry = toLedgerEntry(row);
    const job = byId.get(entry.jobId);
    return { id: toNumber({ n: row["id"] }), past: job === undefined ? entry : pastOf(entry, job, now) };
  });
  if (found.length > 0) {
    const kept = found.flatMap(({ id, past }) => past === null ? [] : [{ id, past }]);
    await tx.all(DELETE_ENTRIES, [found.filter(({ past }) => past === null).map(({ id }) => id)]);
    await tx.all(CHANGE_ENTRIES, [
      kept.map(({ id }) => id),
      kept.map(({ past }) => past.lastAt),
      kept.map(({ past }) => past.count),
    ]);
  }
  const corrected = await tx.all(LAST_DISPATCHED, [ids, instant(now)]);
  return new Map(corrected.map((row) => [row["id"], toInstant(row)]));
}

// Index: job_dispatch_occurrence.
const SETTLED = statement(`
  SELECT json_agg((extract(epoch FROM scheduled_for) * 1000)::bigint ORDER BY scheduled_for)::text AS settled
  FROM job_dispatch WHERE job_id = $1 AND trigger = 'schedule' AND scheduled_for BETWEEN $2 AND $3`);

/**
 * Enters the occurrences that a person's change of a job skips, unless they were dispatched all the same, and forgets what a clock
 * that was ahead has written.
 */
export async function enterSkipped(
  tx: Session,
  job: Job,
  { entries, now }: { readonly entries: readonly Omit<LedgerEntry, "jobId">[]; readonly now: EpochMs },
): Promise<void> {
  const corrected = await forgetAhead(tx, [job], now);
  const lastDispatchedAt = corrected.has(job.id) ? corrected.get(job.id) ?? null : job.lastDispatchedAt;
  for (const entry of entries) {
    const [row = { settled: null }] = await tx.all(SETTLED, [job.id, instant(entry.firstAt), instant(entry.lastAt)]);
    const settled = toSettled(row);
    const occurred = lastDispatchedAt === null ? settled : [lastDispatchedAt, ...settled];
    const parts = partsBeside(entry, job, settled);
    await enterLedger(tx, [{ jobId: job.id, entries: parts, since: job.updatedAt, occurred }], now);
  }
}
