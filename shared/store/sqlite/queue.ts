import type { DispatchId, EpochMs } from "../../domain/mod.ts";
import { epochMs } from "../../domain/brand.ts";
import type {
  CancelRequest,
  Claim,
  ClaimRef,
  ClaimRequest,
  End,
  Heartbeat,
  HeartbeatAnswer,
  Output,
  QueueStore,
  Start,
} from "../queue_store.ts";
import { endHeld, insertRetry, release } from "./attempts.ts";
import type { Connection } from "./connection.ts";
import { type Ended, insertEnds } from "./events.ts";
import { type Choice, chooseRuns, mayServe } from "../../policy/queue_group.ts";
import { chunksOf } from "../output.ts";
import { chunkGap } from "../refusals.ts";
import { toCandidate, toQueueGroup, toQueueGroupNames, toTakenSlots } from "../need_rows.ts";
import { toCancelRequests } from "../cancel_rows.ts";
import { toSignAnswer } from "../worker_rows.ts";
import { toClaim, toClaimRef } from "../claim_rows.ts";
import { toInstant, toNumber } from "../rows.ts";

// The queue groups in which a run waits, each found by one step in the index from the one before. Index: job_dispatch_waiting.
const QUEUE_GROUPS = `
  WITH RECURSIVE groups (lane) AS (
    SELECT min(lane) FROM job_dispatch WHERE status = 'PENDING'
    UNION ALL
    SELECT (SELECT min(lane) FROM job_dispatch WHERE status = 'PENDING' AND lane > groups.lane)
    FROM groups WHERE groups.lane IS NOT NULL
  )
  SELECT lane FROM groups WHERE lane IS NOT NULL`;

// The head of one queue group. Index: job_dispatch_waiting, in its order.
const HEAD = `
  SELECT id, priority, available_at, lane FROM job_dispatch
  WHERE status = 'PENDING' AND lane = :group AND available_at <= :now
  ORDER BY priority DESC, available_at, id LIMIT :limit`;

// The runs of one queue group that their serial order lets start: those with fewer than `width` older unfinished runs of that
// order. Indexes: job_dispatch_waiting for the group, job_dispatch_unfinished for the job.
const SERIAL_HEAD = `
  SELECT id, priority, available_at, lane FROM (
    SELECT * FROM job_dispatch WHERE status = 'PENDING' AND lane = :group ORDER BY root_id LIMIT :width
  ) d
  WHERE available_at <= :now AND (
    SELECT count(*) FROM job_dispatch o
    WHERE o.job_id = d.job_id AND o.completed_at IS NULL AND o.backfill_id IS d.backfill_id AND o.root_id < d.root_id
  ) < :width
  LIMIT :limit`;

// Index: job_dispatch_places, all of it: it holds the running attempts that have a concurrency key.
const TAKEN_SLOTS = "SELECT place_key, place FROM job_dispatch WHERE place IS NOT NULL";

// Index: the primary key.
const WAITING = `
  SELECT d.id, d.job_id, j.name AS job_name, j.script_path, coalesce(d.args, j.script_args) AS args, j.policies, j.timezone,
    j.revision, d.scheduled_for, d.retry_count, d.correlation_id, d.log_seq, d.lane
  FROM job_dispatch d CROSS JOIN scheduled_jobs j ON j.id = d.job_id WHERE d.id = :id`;

// Takes new epochs. Answers the last of them.
const NEXT_EPOCHS = "UPDATE lease_epoch SET last = last + :count RETURNING last AS n";

// Index: the primary key, as in all that name a claim.
const HOLD = `
  UPDATE job_dispatch
  SET status = 'IN_PROGRESS', worker_id = :workerId, lease_epoch = :epoch, lease_until = :until, claimed_at = :now,
    job_revision = :jobRevision, place = :slot, place_key = :key
  WHERE id = :dispatchId AND status = 'PENDING'`;

// Index: job_dispatch_waiting, all of it.
const NEXT_AVAILABLE =
  "SELECT min(available_at) AS at FROM job_dispatch WHERE status = 'PENDING' AND available_at > :now";

const START = `
  UPDATE job_dispatch SET started_at = :startedAt, timeout_at = :timeoutAt
  WHERE id = :dispatchId AND status = 'IN_PROGRESS' AND lease_epoch = :epoch`;

const IS_HELD = "SELECT 1 FROM job_dispatch WHERE id = :dispatchId AND status = 'IN_PROGRESS' AND lease_epoch = :epoch";

const NEXT_SEQ = "SELECT coalesce(max(seq) + 1, 0) AS n FROM job_log_chunks WHERE dispatch_id = :dispatchId";

const INSERT_CHUNK = `
  INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data) VALUES (:dispatchId, :seq, :stream, :at, :data)`;

const BEAT = `
  UPDATE worker_registration SET last_heartbeat = :now, status = :status WHERE worker_id = :workerId
  RETURNING drain_requested_at`;

// Index: job_dispatch_held.
const HELD_BY_WORKER = `
  SELECT id, lease_epoch AS epoch FROM job_dispatch WHERE status = 'IN_PROGRESS' AND worker_id = :workerId`;

const RENEW = `
  UPDATE job_dispatch SET lease_until = :until
  WHERE id = :dispatchId AND status = 'IN_PROGRESS' AND lease_epoch = :epoch`;

const CANCEL_REQUESTED = `
  SELECT d.id, d.cancel_reason, d.cancelled_for FROM json_each(:held) AS held CROSS JOIN job_dispatch d ON d.id = held.value ->> 0
  WHERE d.status = 'IN_PROGRESS' AND d.lease_epoch = held.value ->> 1 AND d.cancel_requested_at IS NOT NULL`;

const INSERT_EXECUTION = `
  INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, exit_code, duration_ms, log_bytes, truncated)
  SELECT id, job_id, completed_at, :execution, exit_code, :durationMs, :logBytes, :truncated
  FROM job_dispatch WHERE id = :dispatchId`;

const WAS_REPORTED = "SELECT 1 FROM job_dispatch WHERE id = :dispatchId AND reported_epoch = :epoch";

const COUNT_PROCESSED = `
  UPDATE worker_registration SET jobs_processed = jobs_processed + c.n
  FROM (
    SELECT d.worker_id, count(*) AS n FROM json_each(:ids) AS e CROSS JOIN job_dispatch d ON d.id = e.value GROUP BY d.worker_id
  ) c WHERE worker_registration.worker_id = c.worker_id`;

/** Most attempts that one transaction claims, so that it holds the lock for some milliseconds only. */
const CLAIM_AT_ONCE = 50;

/** What a worker does, in SQLite. */
export class SqliteQueue implements QueueStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async claim(request: ClaimRequest): Promise<readonly Claim[]> {
    const { limit } = request;
    if (limit < 1 || (await this.#db.read(() => this.#choose({ ...request, limit: 1 }))).length === 0) return [];
    const claims: Claim[] = [];
    try {
      while (claims.length < limit) {
        const most = Math.min(CLAIM_AT_ONCE, limit - claims.length);
        const taken = await this.#db.write(() => this.#take({ ...request, limit: most }));
        claims.push(...taken);
        if (taken.length < most) break;
      }
    } catch (error) {
      // Committed claims belong to this worker, so it must learn of them. The next claim meets the error again, unless it has passed.
      if (claims.length === 0) throw error;
    }
    return claims;
  }

  nextAvailableAt(now: EpochMs): Promise<EpochMs | null> {
    return this.#db.read(() => toInstant(this.#db.one(NEXT_AVAILABLE, { now })));
  }

  markStarted(starts: readonly Start[]): Promise<readonly DispatchId[]> {
    return this.#lostOf(starts, (start) => {
      const { startedAt, timeoutAt } = start;
      return this.#db.run(START, { ...claimOf(start), startedAt, timeoutAt }) === 1;
    });
  }

  appendLogs(outputs: readonly Output[]): Promise<readonly DispatchId[]> {
    // One transaction, so that nothing is written where there is a gap.
    return this.#db.write(() => {
      const lost: DispatchId[] = [];
      for (const output of outputs) if (!this.#append(output)) lost.push(output.dispatchId);
      return lost;
    });
  }

  heartbeat(beat: Heartbeat): Promise<HeartbeatAnswer> {
    const { workerId, held, status, leaseMs, now } = beat;
    const until = epochMs(now + leaseMs);
    return this.#db.writeNow(() => {
      const answer = toSignAnswer(this.#db.get(BEAT, { workerId, status, now }));
      const recorded = new Map(
        this.#db.all(HELD_BY_WORKER, { workerId }).map(toClaimRef).map((ref) => [nameOf(ref), ref]),
      );
      const lost: DispatchId[] = [];
      for (const ref of held) {
        if (recorded.delete(nameOf(ref))) this.#db.run(RENEW, { ...claimOf(ref), until });
        else lost.push(ref.dispatchId);
      }
      for (const unanswered of recorded.values()) release(this.#db, unanswered, now);
      return { lost, ...answer };
    });
  }

  cancelRequested(held: readonly ClaimRef[]): Promise<readonly CancelRequest[]> {
    const pairs = JSON.stringify(held.map(({ dispatchId, epoch }) => [dispatchId, epoch]));
    return this.#db.read(() => toCancelRequests(this.#db.all(CANCEL_REQUESTED, { held: pairs })));
  }

  finish(ends: readonly End[]): Promise<readonly DispatchId[]> {
    let written: Ended[] = [];
    const write = (end: End): boolean => {
      const { dispatchId, outcome, startedAt, endedAt: now, retryAt } = end;
      const { execution, durationMs, logBytes, truncated } = outcome;
      if (!endHeld(this.#db, end, { ...outcome, startedAt, isReported: true, now })) {
        return this.#db.get(WAS_REPORTED, claimOf(end)) !== undefined;
      }
      this.#db.run(INSERT_EXECUTION, { dispatchId, execution, durationMs, logBytes, truncated });
      const isRetried = retryAt !== null && insertRetry(this.#db, dispatchId, { retryAt, now });
      written.push({ id: dispatchId, execution, isRetried });
      return true;
    };
    // Events and counts are written once for all ends of one transaction.
    const conclude = (): void => {
      insertEnds(this.#db, written);
      this.#db.run(COUNT_PROCESSED, { ids: JSON.stringify(written.map(({ id }) => id)) });
      written = [];
    };
    return this.#lostOf(ends, write, conclude);
  }

  async release(refs: readonly ClaimRef[], now: EpochMs): Promise<void> {
    await this.#db.writeEach(refs, (ref) => release(this.#db, ref, now));
  }

  #take(request: ClaimRequest): readonly Claim[] {
    const { workerId, leaseMs, now } = request;
    const until = epochMs(now + leaseMs);
    const choices = this.#choose(request);
    if (choices.length === 0) return [];
    const last = toNumber(this.#db.one(NEXT_EPOCHS, { count: choices.length }));
    const claims: Claim[] = [];
    for (const [index, { id, key, slot }] of choices.entries()) {
      const claim = toClaim(this.#db.one(WAITING, { id }), { epoch: last - choices.length + 1 + index, until });
      const { dispatchId, epoch, jobRevision } = claim;
      this.#db.run(HOLD, { dispatchId, epoch, jobRevision, workerId, until, now, key, slot });
      claims.push(claim);
    }
    return claims;
  }

  #choose({ tags, limit, now }: Pick<ClaimRequest, "tags" | "limit" | "now">): readonly Choice[] {
    const groups = toQueueGroupNames(this.#db.all(QUEUE_GROUPS)).map((name) => ({ name, needs: toQueueGroup(name) }))
      .filter(({ needs }) => mayServe(needs, tags));
    const candidates = groups.flatMap(({ name, needs: { serial } }) =>
      serial?.width == null
        ? this.#db.all(HEAD, { group: name, now, limit })
        : this.#db.all(SERIAL_HEAD, { group: name, now, limit, width: serial.width })
    ).map(toCandidate);
    const hasKeys = candidates.some(({ needs }) => needs.concurrency !== null);
    return chooseRuns(candidates, { taken: hasKeys ? toTakenSlots(this.#db.all(TAKEN_SLOTS)) : new Map(), limit });
  }

  /** Appends the output of one claim. False: its lease is lost. */
  #append(output: Output): boolean {
    const { dispatchId } = output;
    const chunks = chunksOf(output);
    if (this.#db.get(IS_HELD, claimOf(output)) === undefined) return false;
    const next = toNumber(this.#db.one(NEXT_SEQ, { dispatchId }));
    const first = chunks[0]?.seq ?? next;
    if (first > next) throw chunkGap(dispatchId, { found: first, next });
    for (const { seq, stream, at, data } of chunks) {
      // Sent again because the answer was lost: the first writing stands.
      if (seq >= next) this.#db.run(INSERT_CHUNK, { dispatchId, seq, stream, at, data });
    }
    return true;
  }

  /** Writes about each claim; `write` answers false for those that are lost. */
  async #lostOf<Note extends ClaimRef>(
    notes: readonly Note[],
    write: (note: Note) => boolean,
    conclude?: () => void,
  ): Promise<readonly DispatchId[]> {
    const isOurs = await this.#db.writeEach(notes, write, conclude);
    return notes.filter((_, index) => !isOurs[index]).map(({ dispatchId }) => dispatchId);
  }
}

/** The parameters that name a claim, without the rest of a {@linkcode Claim}. */
function claimOf({ dispatchId, epoch }: ClaimRef): { readonly dispatchId: DispatchId; readonly epoch: number } {
  return { dispatchId, epoch };
}

function nameOf({ dispatchId, epoch }: ClaimRef): string {
  return `${dispatchId} ${epoch}`;
}
