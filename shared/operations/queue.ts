import { type Access, visibleLabels } from "../access/mod.ts";
import type { Dispatch, DispatchId, EpochMs, QueueGroup } from "../domain/mod.ts";
import type { QueueFilter } from "../api/mod.ts";
import { explainWait, tagsWords, type Wait } from "../policy/mod.ts";
import type { StoreReader } from "../store/store_reader.ts";
import type { WaitingQuery } from "../store/store.ts";
import { waitingCursor } from "../store/waiting_page.ts";
import { formatInstant } from "../time/mod.ts";
import { MOST_GROUPS, unservedGroups } from "./status.ts";
import { visibleRuns } from "./runs.ts";
import { namedRuns } from "./why.ts";

/** Whose view of the queue, and when. */
export interface QueueContext {
  /** The store to read. */
  readonly store: StoreReader;
  /** What the reader may do. */
  readonly access: Access;
  /** The time of the question. */
  readonly now: EpochMs;
  /** The zone of instants in reasons. */
  readonly zone: string;
}

/** A waiting run with its place and why it waits. */
export interface WaitingRun {
  /** The run. */
  readonly run: Dispatch;
  /** 1: it is the next, or among those that wait for their time, the first. */
  readonly position: number;
  /** What it waits for. */
  readonly wait: Wait;
  /** The kind of `wait`, for programs. */
  readonly kind: Wait["kind"];
  /** The same in a short sentence, without a full stop. */
  readonly reason: string;
}

/** A page of the queue. */
export interface QueueView {
  /** The runs, the next first. */
  readonly items: readonly WaitingRun[];
  /** The cursor of the next page; null at the end. */
  readonly next: string | null;
  /** How many wait in all, up to a limit. */
  readonly total: number;
  /** Since when the oldest has waited, or when the first may run; null: none waits. */
  readonly oldest: EpochMs | null;
}

/** Runs that are read at once to find those that wait for some reasons. */
const READ_RUNS = 200;

/** Most runs that are looked at for one page of those that wait for some reasons. */
const MOST_EXAMINED = 1000;

/** A page of the queue, and how many wait before its first. */
interface QueuePart extends QueueView {
  readonly before: number;
}

/**
 * What waits as far as the reader may see it, each with the reason. With `reasons`, a page is those of the next {@linkcode MOST_EXAMINED}
 * runs that wait for one of them: it may have fewer than `limit` and yet a next page, `total` counts what is on it, and a position is
 * that in the whole queue.
 */
export async function readQueue(
  context: QueueContext,
  { tags, reasons, ...query }: Pick<WaitingQuery, "when" | "cursor" | "limit"> & QueueFilter,
): Promise<QueueView> {
  const onlyTags = reasons?.every((reason) => reason === "tags") ?? false;
  const groups = await groupsOf(context, { ...(tags && { tags }), ...(onlyTags && reasons && { reasons }) });
  const narrowed = { ...query, when: whenOf(query.when, reasons), ...(groups !== null && { groups }) };
  if (reasons === undefined || onlyTags) {
    const { before: _, ...page } = await readPart(context, narrowed);
    return page;
  }
  const wanted = new Set<Wait["kind"]>(reasons);
  const items: WaitingRun[] = [];
  let next: string | null = query.cursor ?? null;
  for (let examined = 0; examined < MOST_EXAMINED; examined += READ_RUNS) {
    const part = await readPart(context, { ...narrowed, ...(next !== null && { cursor: next }), limit: READ_RUNS });
    const found = part.items.filter(({ kind }) => wanted.has(kind));
    const room = query.limit - items.length;
    items.push(...found.slice(0, room));
    const last = found[room - 1];
    next = last !== undefined && last !== part.items.at(-1) ? waitingCursor(last.run) : part.next;
    if (next === null || last !== undefined) break;
  }
  const since = items.flatMap(({ run: { state } }) => state.status === "PENDING" ? [state.availableAt] : []);
  return { items, next, total: items.length, oldest: since.toSorted((a, b) => a - b)[0] ?? null };
}

/** Which part of the queue is read: what is not due is in the later one alone. */
export function whenOf(when: WaitingQuery["when"], reasons: QueueFilter["reasons"]): WaitingQuery["when"] {
  return reasons?.every((reason) => reason === "until") ?? false ? "later" : when;
}

async function readPart(
  { store, access, now, zone }: QueueContext,
  query: Omit<WaitingQuery, "now" | "visible">,
): Promise<QueuePart> {
  const visible = visibleLabels(access, "runs.read");
  const { items, next, total, oldest, before } = await store.runs.queue({ ...query, now, visible });
  const keys = new Set(items.flatMap(({ needs }) => needs.concurrency?.key ?? []));
  const serialJobs = new Set(items.filter(({ needs }) => needs.serial?.width != null).map(({ jobId }) => jobId));
  const [workers, holders, unfinished] = await Promise.all([
    store.workers.list(),
    Promise.all([...keys].map(async (key) => [key, await store.runs.holders(key)] as const)),
    Promise.all([...serialJobs].map(async (id) => [id, await store.runs.unfinished(id)] as const)),
  ]);
  const holdersOf = new Map(holders);
  const unfinishedOf = new Map(unfinished);
  const waits = items.map((run) => {
    const { concurrency } = run.needs;
    return explainWait({
      run,
      now,
      workers,
      holders: concurrency === null ? [] : holdersOf.get(concurrency.key) ?? [],
      unfinished: unfinishedOf.get(run.jobId) ?? [],
    });
  });
  const named = waits.flatMap((wait) => wait?.kind === "key" ? wait.holders : []);
  const seen = await visibleRuns({ store, access }, [...new Set(named)]);
  return {
    items: items.flatMap((run, i) => {
      const wait = waits[i] ?? null;
      return wait === null
        ? []
        : [{ run, position: before + i + 1, wait, kind: wait.kind, reason: waitReason(wait, { zone, seen }) }];
    }),
    next,
    total,
    oldest,
    before,
  };
}

/** The queue groups that tags and reasons narrow to; null: all. */
async function groupsOf(
  { store, now }: QueueContext,
  { tags, reasons }: Pick<QueueFilter, "tags" | "reasons">,
): Promise<readonly QueueGroup[] | null> {
  if (tags === undefined && reasons === undefined) return null;
  const [groups, workers] = await Promise.all([store.runs.taggedGroups(MOST_GROUPS), store.workers.list()]);
  const found = reasons === undefined ? groups : unservedGroups(groups, { workers, now });
  return tags === undefined ? found : found.filter((group) => tags.some((tag) => group.tags.includes(tag)));
}

/** Why a run waits, in a short sentence without a full stop. Runs not in `seen` are counted, not named. */
function waitReason(
  wait: Wait,
  { zone, seen }: { readonly zone: string; readonly seen: ReadonlySet<DispatchId> },
): string {
  switch (wait.kind) {
    case "until":
      return `Not due until ${formatInstant(wait.at, zone)}`;
    case "no_worker":
      return "No worker is online";
    case "tags":
      return tagsWords(wait);
    case "key":
      return `Key ${wait.concurrency.key} is full (limit ${wait.concurrency.limit}): held by ${
        namedRuns(wait.holders, seen)
      }`;
    case "serial_order":
      return `Waits for ${namedRuns(wait.before, new Set(wait.before))} of its job to end`;
    case "busy":
      return `All ${wait.slots} slots of the workers that may run it are in use`;
    case "nothing":
      return "About to start";
  }
}
