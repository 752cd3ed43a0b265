/**
 * What policies do, in sentences for people: the same in the portal and in jobctl. Values are in the sentences, so that each
 * stands alone; what it comes from is named in brackets, as fields of forms, flags and JSON name it.
 *
 * @module
 */
import {
  DEFAULT_POLICIES,
  epochMs,
  type OverlapPolicy,
  type Policies,
  type RetryPolicy,
  shortDuration,
} from "../domain/mod.ts";
import { roomFor } from "../policy/mod.ts";
import { nextRuns, type Schedule } from "../schedule/mod.ts";
import { formatInstant } from "../time/mod.ts";
import type { PolicyFields } from "./policy_input.ts";

/** What one policy does, or a combination that may surprise. */
export interface PolicySentence {
  /** The field that it is about; a group of fields is told at its first. */
  readonly field: keyof PolicyFields;
  /** A sentence or two, with full stops. */
  readonly sentence: string;
  /** Whether it tells of a combination that does less than it seems to. */
  readonly isWarning: boolean;
}

/** How {@linkcode policySentences} tells it. */
export interface PolicyWordsContext {
  /** In which times are told: the job's. */
  readonly timezone: string;
  /** Whether policies that are at their default are told, too. */
  readonly defaults: boolean;
  /** The job's; without it nothing is said of how policies go with it. */
  readonly schedule?: Schedule;
}

/**
 * What `policies` do, in the order in which they come into play; each field's warnings after it. `dst` and `env` are not told.
 *
 * ```ts
 * import { DEFAULT_POLICIES } from "@jobtrigger/shared/domain";
 * import { policySentences } from "@jobtrigger/shared/api";
 * import assert from "node:assert/strict";
 * const sentences = policySentences({ ...DEFAULT_POLICIES, overlap: "allow" }, { timezone: "UTC", defaults: false });
 * assert.deepEqual(sentences.map(({ sentence }) => sentence), [
 *   "If it is due while an earlier run has not ended, it runs beside it (overlap allow).",
 * ]);
 * ```
 */
export function policySentences(policies: Policies, context: PolicyWordsContext): readonly PolicySentence[] {
  return [
    ...validityWords(policies, context),
    ...misfireWords(policies, context),
    ...overlapWords(policies, context),
    ...spreadWords(policies, context),
    ...needsWords(policies, context),
    ...attemptWords(policies, context),
  ];
}

function validityWords({ startsAt, endsAt }: Policies, { timezone, defaults }: PolicyWordsContext): PolicySentence[] {
  const always = startsAt === null && endsAt === null && defaults;
  return [
    ...(always ? [effect("starts_at", "It is due whenever its schedule says so, without beginning or end.")] : []),
    ...(startsAt === null ? [] : [effect("starts_at", `Before ${formatInstant(startsAt, timezone)} it is never due.`)]),
    ...(endsAt === null ? [] : [effect("ends_at", `After ${formatInstant(endsAt, timezone)} it is never due.`)]),
  ];
}

function misfireWords({ misfire }: Policies, { defaults }: PolicyWordsContext): PolicySentence[] {
  if (!defaults && isDefault(misfire, DEFAULT_POLICIES.misfire)) return [];
  const { kind, graceSeconds, limit, catchupSeconds } = misfire;
  const missed = `missed by more than ${shortDuration(graceSeconds)}`;
  const words: Readonly<Record<typeof kind, string>> = {
    run_latest: `Of times ${missed}, the latest runs late; the others do not run`,
    run_all: limit === 1
      ? `Of times ${missed}, the latest runs late, and no more (misfire_limit 1)`
      : `Each time ${missed} runs late, oldest first; of more than ${limit}, the latest ${limit}`,
    skip: `A time ${missed} does not run`,
  };
  const sentences = [effect("misfire", `${words[kind]} (misfire ${kind}).`)];
  if (catchupSeconds === null) return sentences;
  const window = shortDuration(catchupSeconds);
  if (kind === "skip") {
    sentences.push(
      warning("catchup_window", `The window of ${window} has no effect: misfire skip makes up for nothing.`),
    );
  } else if (catchupSeconds <= graceSeconds) {
    const why = `a time is not missed before ${shortDuration(graceSeconds)} have passed (misfire_grace)`;
    sentences.push(warning("catchup_window", `Nothing is ever made up for within ${window} (catchup_window): ${why}.`));
  } else {
    sentences.push(effect("catchup_window", `Times missed more than ${window} ago do not run (catchup_window).`));
  }
  return sentences;
}

const OVERLAPS: Readonly<Record<OverlapPolicy, string>> = {
  skip: "it does not run",
  queue_one: "it waits for it; a second one does not run",
  queue_all: `it waits for it, behind others that wait; with ${
    roomFor("queue_all", 1)
  } waiting, further ones do not run`,
  cancel_running: "the earlier one is cancelled, and it runs once that has ended",
  allow: "it runs beside it",
};

function overlapWords({ overlap, misfire }: Policies, { defaults }: PolicyWordsContext): PolicySentence[] {
  const words = `If it is due while an earlier run has not ended, ${OVERLAPS[overlap]} (overlap ${overlap}).`;
  const sentences = defaults || overlap !== DEFAULT_POLICIES.overlap ? [effect("overlap", words)] : [];
  if (misfire.kind !== "run_all") return sentences;
  // Missed times overlap with each other when they are made up for together.
  const room = roomFor(overlap, 0);
  if (overlap === "cancel_running" && misfire.limit > 1) {
    sentences.push(
      warning(
        "overlap",
        "Of several missed times only the latest runs, though misfire is run_all: each is cancelled for the next.",
      ),
    );
  } else if (room < misfire.limit) {
    const first = room === 1 ? "only the first runs" : `only the first ${room} run`;
    const instead = overlap === "queue_all"
      ? ""
      : `; overlap queue_all has up to ${roomFor("queue_all", 0)} run in turn`;
    const why = `the others overlap with ${room === 1 ? "it" : "them"}`;
    sentences.push(
      warning("overlap", `Of several missed times ${first}, though misfire is run_all: ${why}${instead}.`),
    );
  }
  return sentences;
}

function spreadWords(
  { spreadSeconds, dst }: Policies,
  { timezone, defaults, schedule }: PolicyWordsContext,
): PolicySentence[] {
  if (spreadSeconds === 0) return defaults ? [effect("spread", "It starts at the time it is due.")] : [];
  const sentences = [
    effect(
      "spread",
      `It starts up to ${
        shortDuration(spreadSeconds)
      } after the time it is due, always by as much (spread ${spreadSeconds}).`,
    ),
  ];
  const distance = schedule === undefined ? Infinity : shortestDistance(schedule, { timezone, dst });
  if (spreadSeconds > distance) {
    const words = `Two of its times can be only ${shortDuration(distance)} apart, less than the spread`;
    sentences.push(warning("spread", `${words}: then it starts earlier, so that it always starts before the next.`));
  }
  return sentences;
}

function needsWords({ priority, tags, concurrency }: Policies, { defaults }: PolicyWordsContext): PolicySentence[] {
  const sentences: PolicySentence[] = [];
  const order = priority === 0
    ? "It has the usual priority"
    : `It is claimed ${priority > 0 ? "before" : "after"} others`;
  if (defaults || priority !== 0) {
    const others = priority === 0 ? "runs that wait longer go first" : "most have 0, higher goes first";
    sentences.push(effect("priority", `${order} (priority ${priority}): ${others}.`));
  }
  if (tags.length > 0) {
    const [noun, all] = tags.length === 1 ? ["tag", ""] : ["tags", "all "];
    const words = `Only a worker with ${all}the ${noun} ${tags.join(", ")} runs it (WORKER_TAGS of the worker)`;
    sentences.push(effect("tags", `${words}; until one does, it waits, and counts as not ended.`));
  } else if (defaults) sentences.push(effect("tags", "Any worker may run it."));
  if (concurrency !== null) {
    const { key, limit } = concurrency;
    const runs = limit === 1 ? "no other run with" : `fewer than ${limit} runs with`;
    const words = `It starts only while ${runs} the key ${key}, of any job, ${limit === 1 ? "goes" : "go"} on`;
    sentences.push(effect("concurrency_key", `${words}; until then it waits, and counts as not ended.`));
  } else if (defaults) sentences.push(effect("concurrency_key", "It waits for no other job (no concurrency_key)."));
  return sentences;
}

function attemptWords({ timeoutSeconds, retry }: Policies, { defaults }: PolicyWordsContext): PolicySentence[] {
  const sentences: PolicySentence[] = [];
  if (timeoutSeconds !== null) {
    sentences.push(effect("timeout", `An attempt is stopped after ${shortDuration(timeoutSeconds)} (timeout).`));
  } else if (defaults) {
    sentences.push(effect("timeout", "An attempt is stopped after WORKER_JOB_TIMEOUT of the worker (no timeout)."));
  }
  if (defaults || !isDefault(retry, DEFAULT_POLICIES.retry)) sentences.push(effect("max_retries", retryWords(retry)));
  return sentences;
}

/** Most delays that are told one by one. */
const DELAYS_TOLD = 5;

function retryWords(retry: RetryPolicy): string {
  const { max, baseSeconds, capSeconds } = retry;
  if (max === 0) return "It is never retried, however it ends (max_retries 0).";
  const times = max === null ? "MAX_RETRY_ATTEMPTS times" : max === 1 ? "once" : `${max} times`;
  const delays = Array.from(
    { length: Math.min(max ?? 3, DELAYS_TOLD) },
    (_, n) => Math.min(capSeconds, baseSeconds * 2 ** n),
  );
  const [first = 0] = delays;
  const isLong = max === null || max > delays.length;
  const list = delays.map(shortDuration).join(", ");
  const about = delays.length > 1 && first === capSeconds
    ? `${shortDuration(first)} each`
    : isLong
    ? `${list}, … (at most ${shortDuration(capSeconds)})`
    : list;
  const after = Math.min(baseSeconds, capSeconds) === 0 ? "at once" : `after about ${about}`;
  const upTo = max === 1 ? "" : "up to ";
  return `If it fails, times out or its worker is lost, it is retried ${upTo}${times} ${after}; ` +
    "not if its script cannot be run, or it is cancelled.";
}

/** How many times of a schedule are looked at for the shortest distance. */
const TIMES_COMPARED = 200;
/** From when on: any day would do, and one that never changes gives the same answer each time. */
const COMPARED_FROM = epochMs(Date.UTC(2026, 0, 1));

/** The shortest time between two times of a schedule, in seconds; infinite when there are no two. */
function shortestDistance(
  schedule: Schedule,
  { timezone, dst }: { readonly timezone: string; readonly dst: Policies["dst"] },
): number {
  const times = nextRuns(schedule, { timezone, dst, after: COMPARED_FROM }, TIMES_COMPARED);
  return Math.min(...times.slice(1).map((at, index) => (at - (times[index] ?? at)) / 1000));
}

function isDefault(value: object, usual: object): boolean {
  return JSON.stringify(Object.entries(value).toSorted()) === JSON.stringify(Object.entries(usual).toSorted());
}

function effect(field: PolicySentence["field"], sentence: string): PolicySentence {
  return { field, sentence, isWarning: false };
}

function warning(field: PolicySentence["field"], sentence: string): PolicySentence {
  return { field, sentence, isWarning: true };
}
