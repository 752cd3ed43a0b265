/**
 * "Why did it (not) run at 02:00?", answered in sentences: reads the rows, lets the policies explain them, finds the words.
 *
 * @module
 */
import type { Access } from "../access/mod.ts";
import type { Decision, Dispatch, DispatchId, EpochMs, Job, LedgerReason, Trigger, Worker } from "../domain/mod.ts";
import { readMinute, type TimeContext } from "../api/mod.ts";
import { visibleRuns } from "./runs.ts";
import { parsed } from "./users.ts";
import { explainSpan, explainWait, isShownTooLate, soonestRun, type Span, type Wait, type Why } from "../policy/mod.ts";
import type { StoreReader } from "../store/store_reader.ts";
import { formatInstant } from "../time/mod.ts";

/** When it is, the zone, and who asks: no run of a job that they may not see is named. */
export interface WhyContext extends TimeContext {
  /** What the reader may do. */
  readonly access: Access;
}

/**
 * Why a job did or did not run `at` a time that somebody typed; null: what it is doing now. @throws {Invalid} with a problem of `at`.
 */
export async function explainJob(
  store: StoreReader,
  job: Job,
  at: string | null,
  context: WhyContext,
): Promise<readonly string[]> {
  if (at === null) return await whyNow(store, job, context);
  // Two spans where clocks show the time twice.
  const { spans } = parsed("at", () => readMinute(at.trim(), context));
  const answers = await Promise.all(spans.map((span) => whyAt(store, job, span, context)));
  return [...new Set(answers.flat())];
}

/** Why a job did or did not run in a span of time: a sentence for each run, else one; then one for each backfilled run. */
export async function whyAt(
  store: StoreReader,
  job: Job,
  span: Span,
  context: WhyContext,
): Promise<readonly string[]> {
  const known = await store.runs.occurrences(job.id, span);
  const explained = explainSpan({ job, span, now: context.now, ...known });
  return await Promise.all(
    explained.map(async (why) =>
      why.kind === "dispatched" ? await dispatchedWords(store, why.run, context) : wordsOf(why, context.zone)
    ),
  );
}

/** What a job is doing now: each unfinished run, else when it runs next, and why it last did not. */
export async function whyNow(store: StoreReader, job: Job, context: WhyContext): Promise<readonly string[]> {
  const { zone } = context;
  const unfinished = await store.runs.unfinished(job.id);
  const around = { unfinished, workers: unfinished.length === 0 ? [] : await store.workers.list() };
  const sentences = await Promise.all(unfinished.map((run) => dispatchedWords(store, run, context, around)));
  const [entry] = await store.runs.ledger(job.id, 1);
  if (entry !== undefined) sentences.push(wordsOf({ kind: "entered", at: entry.lastAt, entry }, zone));
  if (job.damage !== null) sentences.push(`${job.damage}. No scheduler runs it.`);
  else if (!job.isActive) sentences.push(`It is paused${job.pausedNote === null ? "" : `: ${job.pausedNote}`}.`);
  else if (isShownTooLate(job, context.now)) sentences.push(tooLateWords(job, context));
  else if (job.nextRun === null) sentences.push("Its schedule has no further time.");
  else if (job.nextRun <= context.now) sentences.push(wordsOf({ kind: "unsettled", at: job.nextRun }, zone));
  else sentences.push(`It runs next at ${formatInstant(job.nextRun, zone)}.`);
  return sentences;
}

function tooLateWords(job: Job, { now, zone }: TimeContext): string {
  const soonest = soonestRun(job, now);
  const [next, expected] = [job.nextRun, soonest].map((at) => at === null ? "never" : formatInstant(at, zone));
  return `Next run is later than the schedule says: ${next} instead of ${expected}. A clock was ahead for a while. ` +
    "A scheduler puts it right within an hour, and at once when it sees its clock go back or starts.";
}

/** What a run may wait for: the workers, and its job's runs that have not ended. */
export interface Around {
  /** All workers. */
  readonly workers: readonly Worker[];
  /** The unfinished runs of the job. */
  readonly unfinished: readonly Dispatch[];
}

/** Why a run waits, in a sentence; null: it does not wait. `around`: what is known already, for many runs of one job. */
export async function whyWaits(
  store: StoreReader,
  run: Dispatch,
  { now, zone, access }: WhyContext,
  around: Around | null = null,
): Promise<string | null> {
  if (run.state.status !== "PENDING") return null;
  const { concurrency } = run.needs;
  const [workers, unfinished, holders] = await Promise.all([
    around?.workers ?? store.workers.list(),
    around?.unfinished ?? store.runs.unfinished(run.jobId),
    concurrency === null ? [] : store.runs.holders(concurrency.key),
  ]);
  const wait = explainWait({ run, now, workers, holders, unfinished });
  return wait === null ? null : waitWords(wait, zone, await visibleRuns({ store, access }, holders));
}

async function dispatchedWords(
  store: StoreReader,
  run: Dispatch,
  context: WhyContext,
  around: Around | null = null,
): Promise<string> {
  const attempts = await store.runs.attempts(run.rootId);
  const last = attempts.at(-1) ?? run;
  const tried = attempts.length > 1 ? ` It was tried ${attempts.length} times.` : "";
  const waits = await whyWaits(store, last, context, around);
  const first = attempts[0] ?? run;
  const which = first.backfill === null
    ? ""
    : ` (backfill ${first.backfill.id} of ${formatInstant(first.createdAt, context.zone)})`;
  const why = `Run ${run.rootId} is for ${formatInstant(run.scheduledFor, context.zone)}: ${
    originWords(first)
  }${which}.`;
  return `${why}${tried} ${waits ?? stateWords(last, context.zone)}`;
}

/** What made a run, as it completes "Run 7: …". */
export function originWords(
  { trigger, decision, backfill, webhook }: Pick<Dispatch, "trigger" | "decision" | "backfill" | "webhook">,
): string {
  if (webhook !== null) return `the webhook ${webhook.name} asked for it`;
  if (backfill !== null) return `it was backfilled, ${backfill.atOnce} at once`;
  return decision === null ? TRIGGER_WORDS[trigger] : decisionWords(decision);
}

const TRIGGER_WORDS: Readonly<Record<Trigger, string>> = {
  schedule: "it was due",
  manual: "somebody asked for it",
  api: "a program asked for it",
  webhook: "a webhook asked for it",
  retry: "the attempt before it did not succeed",
  backfill: "it was backfilled",
  chain: "a run before it ended",
};

function decisionWords({ timing, overlap }: Decision): string {
  const times: Readonly<Record<Decision["timing"], string>> = {
    on_time: "it was dispatched on time",
    run_latest: "no scheduler was there in time, and the misfire policy run_latest made up for the latest time missed",
    run_all: "no scheduler was there in time, and the misfire policy run_all made up for each time missed",
  };
  const overlaps: Readonly<Record<NonNullable<Decision["overlap"]>, string>> = {
    queue_one: "earlier runs had not ended, so the overlap policy queue_one let it wait for them",
    queue_all: "earlier runs had not ended, so the overlap policy queue_all let it wait for them",
    cancel_running: "earlier runs had not ended, so the overlap policy cancel_running had them cancelled",
    allow: "earlier runs had not ended, and the overlap policy allow lets it run beside them",
  };
  return overlap === null ? times[timing] : `${times[timing]}; ${overlaps[overlap]}`;
}

function stateWords({ state }: Dispatch, zone: string): string {
  switch (state.status) {
    case "PENDING":
      return "It waits.";
    case "IN_PROGRESS":
      return `Worker ${state.lease.workerId} has it since ${formatInstant(state.claimedAt, zone)}.`;
    case "COMPLETED":
      return `It succeeded at ${formatInstant(state.completedAt, zone)}.`;
    case "FAILED":
    case "TIMEOUT":
    case "CANCELLED": {
      const reason = state.errorMessage === null ? "" : ` (${state.errorMessage})`;
      return `It ended as ${state.status} at ${formatInstant(state.completedAt, zone)}${reason}.`;
    }
  }
}

const REASONS: Readonly<Record<LedgerReason, string>> = {
  overlap: "an earlier run had not ended, and the job's overlap policy had no room for another",
  missed: "no scheduler was there in time, and the job's misfire policy did not make up for it",
  paused: "the job was paused",
  excluded: "a calendar excluded it",
  expired: "the job's validity had ended before a scheduler was there",
};

function wordsOf(why: Exclude<Why, { readonly kind: "dispatched" }>, zone: string): string {
  const at = (instant: EpochMs) => formatInstant(instant, zone);
  switch (why.kind) {
    case "entered": {
      const { reason, count, firstAt, lastAt } = why.entry;
      const others = count === 1 ? "" : ` The same holds for ${count} times in all, ${at(firstAt)} to ${at(lastAt)}.`;
      return `It did not run at ${at(why.at)}: ${REASONS[reason]}.${others}`;
    }
    case "future":
      return `It is due at ${at(why.at)}, which is yet to come.`;
    case "paused":
      return `It did not run at ${at(why.at)}: the job is paused${why.note === null ? "" : ` (${why.note})`}.`;
    case "unsettled":
      return `It is due since ${at(why.at)}, and no scheduler has dealt with it yet: is one running?`;
    case "no_job":
      return `There was no such job then: it was made at ${at(why.createdAt)}.`;
    case "changed":
      return `Nothing is known about that time: the job was changed at ${
        at(why.changedAt)
      }, and its schedule may have been another.`;
    case "not_due": {
      const around = [
        ...(why.before === null ? [] : [`the time before is ${at(why.before)}`]),
        ...(why.after === null ? [] : [`the next is ${at(why.after)}`]),
      ];
      return `Its schedule has no time then${around.length === 0 ? "" : `; ${around.join(", ")}`}.`;
    }
    case "forgotten":
      return `It was due at ${at(why.at)}, but what became of it is not kept any more.`;
  }
}

function waitWords(wait: Wait, zone: string, visible: ReadonlySet<DispatchId>): string {
  switch (wait.kind) {
    case "until":
      return `It waits for its time, ${formatInstant(wait.at, zone)}.`;
    case "no_worker":
      return "It waits: no worker is online.";
    case "tags":
      return wait.missing.length > 0
        ? `It waits: no worker has ${wait.missing.length === 1 ? "tag" : "tags"} ${listed(wait.missing)}.`
        : `It waits: no worker has all of the tags ${listed(wait.tags)}.`;
    case "key":
      return `It waits: key ${wait.concurrency.key} is full (limit ${wait.concurrency.limit}, held by ${
        namedRuns(wait.holders, visible)
      }).`;
    case "serial_order":
      return `It waits for ${runs(wait.before)} to end.`;
    case "busy":
      return `It waits for a free slot: all ${wait.slots} of the workers that may run it are taken.`;
    case "nothing":
      return "It is about to be claimed.";
  }
}

/** Runs by their ids; those of jobs that the reader may not see are counted, not named. */
export function namedRuns(ids: readonly DispatchId[], visible: ReadonlySet<DispatchId>): string {
  const named = ids.filter((id) => visible.has(id));
  const others = ids.length - named.length;
  if (others === 0) return runs(named);
  const counted = `${others} ${others === 1 ? "run" : "runs"} of other jobs`;
  return named.length === 0 ? counted : `${runs(named)} and ${counted}`;
}

function runs(ids: readonly number[]): string {
  return `${ids.length === 1 ? "run" : "runs"} ${listed(ids)}`;
}

function listed(words: readonly (string | number)[]): string {
  return words.slice(0, 5).join(", ") + (words.length > 5 ? ", …" : "");
}
