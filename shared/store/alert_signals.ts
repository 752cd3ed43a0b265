/**
 * What monitors outside are called for: the start and the end of each run, and a heartbeat of the whole installation.
 *
 * Each of these is said once to a channel, however many notifiers see it: its delivery has a key that names it. A run's end is not
 * carried before its start has been, so that no monitor takes a run that has ended for one that has just begun.
 *
 * @module
 */
import type { AlertRule, ChannelId, DispatchId, EpochMs, NoticeText } from "../domain/mod.ts";
import { coversJob } from "../policy/mod.ts";
import { hold } from "./alert_consumer.ts";
import { insertDelivery } from "./alert_deliveries.ts";
import { type EndOfJob, toAlertRule, toChannel, toStartedRun } from "./alert_rows.ts";
import type { StartedRun } from "./alert_store.ts";
import { at, rowsOf, type Work } from "./alert_work.ts";

// Index: job_dispatch_running.
const STARTED = `
  SELECT d.id AS dispatch_id, d.job_id, j.name AS job_name, j.labels, d.started_at, d.correlation_id
  FROM job_dispatch d JOIN scheduled_jobs j ON j.id = d.job_id AND j.deleted_at IS NULL
  WHERE d.status = 'IN_PROGRESS' AND d.started_at >= :after ORDER BY +d.id LIMIT :limit`;
const RULES = "SELECT * FROM alert_rules WHERE is_enabled = {true} ORDER BY id";
const CHANNELS = "SELECT * FROM alert_channels WHERE is_enabled = {true} ORDER BY id";

// Index: deliveries_by_key.
const SAID = "SELECT 1 FROM deliveries WHERE key IN (:key, :other)";
const FORGET = "DELETE FROM deliveries WHERE key = :key AND ended_at IS NOT NULL";

/** The runs that have started since, of those that run. */
export function* startedRuns(
  { after, limit }: { readonly after: EpochMs; readonly limit: number },
): Work<readonly StartedRun[]> {
  return (yield* rowsOf(STARTED, { after: at(after), limit })).map(toStartedRun);
}

/** Writes a delivery for the start of each run, to the pings of the rules that cover it. Answers how many. */
export function* sendStarts(runs: readonly StartedRun[], now: EpochMs): Work<number> {
  yield* hold();
  const rules = (yield* rowsOf(RULES)).map(toAlertRule).filter(({ condition }) => condition.kind === "every_run");
  const pings = new Set((yield* rowsOf(CHANNELS)).map(toChannel).filter(({ kind }) => kind === "ping").map(idOf));
  let sent = 0;
  for (const run of runs) {
    const { jobId, dispatchId, jobName, labels, startedAt, correlationId } = run;
    for (const rule of rules) {
      if (startedAt < rule.createdAt || !coversJob(rule.scope, { id: jobId, labels })) continue;
      for (const channelId of rule.channelIds.filter((id) => pings.has(id))) {
        const key = keyOf("start", rule, channelId, dispatchId);
        // The end may have been read before the start was seen.
        const other = keyOf("run", rule, channelId, dispatchId);
        if ((yield* rowsOf(SAID, { key, other })).length > 0) continue;
        const notice = {
          title: `Job ${jobName} started`,
          text: `Run ${dispatchId} started.`,
          signal: "start",
        } as const;
        const about = { incidentId: null, jobId, kind: "run", notice, correlationId } as const;
        yield* insertDelivery({ ...about, channelId, key, now, nextAt: now });
        sent++;
      }
    }
  }
  return sent;
}

/** Writes a delivery for the end of a run to each channel of a rule. */
export function* sendEnd(rule: AlertRule, end: EndOfJob, now: EpochMs): Work<void> {
  const { jobId, jobName, dispatchId, execution, correlationId } = end;
  const isSuccess = execution === "SUCCESS";
  const how = isSuccess ? "succeeded" : execution === "CANCELLED" ? "was cancelled" : "failed";
  const reason = isSuccess || end.reason === null ? "" : `: ${end.reason}`;
  const notice = { title: `Job ${jobName} ${how}`, text: `Run ${dispatchId} ${how}${reason}`, isSuccess };
  for (const channelId of rule.channelIds) {
    const key = keyOf("run", rule, channelId, dispatchId);
    const about = { incidentId: null, jobId, kind: "run", notice, correlationId } as const;
    yield* insertDelivery({ ...about, channelId, key, now, nextAt: now });
  }
}

/**
 * Writes the heartbeats of rules whose time has come: one to each channel in each period of the rule, in place of the last one, so
 * that they do not drown the list of deliveries. As a trial it only answers how many are missing.
 */
export function* sendBeats(
  rules: readonly AlertRule[],
  now: EpochMs,
  { isTrial }: { readonly isTrial: boolean },
): Work<number> {
  if (!isTrial) yield* hold();
  const enabled = new Set((yield* rowsOf(CHANNELS)).map(toChannel).map(idOf));
  let sent = 0;
  for (const rule of rules) {
    const period = Math.floor(now / (rule.condition.limit * 1000));
    for (const channelId of rule.channelIds.filter((id) => enabled.has(id))) {
      const key = keyOf("beat", rule, channelId, period);
      if ((yield* rowsOf(SAID, { key, other: key })).length > 0) continue;
      sent++;
      if (isTrial) continue;
      yield* rowsOf(FORGET, { key: keyOf("beat", rule, channelId, period - 1) });
      yield* insertDelivery({
        channelId,
        incidentId: null,
        jobId: null,
        kind: "run",
        notice: BEAT,
        key,
        correlationId: null,
        now,
        nextAt: now,
      });
    }
  }
  return sent;
}

const BEAT: NoticeText = {
  title: "The installation is well",
  text: "A scheduler, a worker and the database are at work.",
  isSuccess: true,
  signal: "heartbeat",
};

function idOf({ id }: { readonly id: ChannelId }): ChannelId {
  return id;
}

function keyOf(
  what: "start" | "run" | "beat",
  { id }: AlertRule,
  channelId: ChannelId,
  of: DispatchId | number,
): string {
  return `${what}_${id}_${channelId}_${of}`;
}
