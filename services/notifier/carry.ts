/**
 * Carries deliveries: claims what is due, sends it, and reports. A delivery whose attempt failed is tried again with growing pauses;
 * one that can never arrive, or was tried often enough, is given up.
 *
 * @module
 */
import { type ChannelSecret, type Delivery, type EpochMs, epochMs, type Signal } from "@jobtrigger/shared/domain";
import type { ClaimedDelivery, DeliveryResult } from "@jobtrigger/shared/store";
import { earliest, type LoopContext, type Nudge, runLoop } from "../loop.ts";
import { traceNotice } from "../tracing.ts";
import { requestOf } from "./channels.ts";
import { sendEmail } from "./email.ts";
import { send } from "./http.ts";
import { type Gate, Refused } from "./network.ts";

/** Most deliveries under way at once. */
const SLOTS = 16;
/** How long an attempt may take. */
const ATTEMPT_MS = 20_000;
/** How long a claim holds: longer than an attempt, so that nobody else begins the same one. */
const CLAIM_MS = 60_000;
/** Longest time between two looks. */
const LOOK_MS = 5_000;
/** Attempts of one delivery; the pauses between them add up to about a day. */
const MOST_ATTEMPTS = 32;
/** Attempts of what is stale soon: a start, before which its end waits, and a heartbeat, which the next one follows. */
const MOST_OF_SIGNAL: Readonly<Record<Signal, number>> = { start: 1, heartbeat: 3 };
/** The pause after the first attempt, and the longest. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Parts of an address that are shorter are no secrets, and words besides. */
const LEAST_SECRET = 4;

/** What carrying takes. */
export interface CarryContext extends LoopContext {
  /** Where it may connect to. */
  readonly gate: Gate;
  /** Where people open the portal; null: nobody said. */
  readonly publicUrl: string | null;
}

/** Carries deliveries until `signal` aborts, and ends those under way. `nudge` says that there may be a new one. */
export async function carryDeliveries(context: CarryContext, signal: AbortSignal, nudge: Nudge): Promise<void> {
  const { alerts } = context.store;
  const underWay = new Set<Promise<void>>();
  await runLoop(context, {
    signal,
    nudge,
    step: async (now) => {
      const limit = SLOTS - underWay.size;
      const claimed = limit === 0 ? [] : await alerts.claimDeliveries({ now, limit, claimMs: CLAIM_MS });
      for (const one of claimed) {
        const carried = carry(context, one).finally(() => {
          underWay.delete(carried);
          nudge.give();
        });
        underWay.add(carried);
      }
      return { at: earliest(epochMs(now + LOOK_MS), limit === 0 ? null : await alerts.nextAt()), topics: [] };
    },
  });
  await Promise.all(underWay);
}

async function carry(context: CarryContext, claimed: ClaimedDelivery): Promise<void> {
  const { store, databaseClock, log } = context;
  const { delivery: { id, attempts, publicId, channelId }, correlationId } = claimed;
  const about = { publicId, channelId, ...correlationId !== null && { correlationId } };
  const from = databaseClock.estimate();
  try {
    const result = await attempt(context, claimed);
    const to = databaseClock.estimate();
    traceNotice(claimed, { from, to, result });
    await store.alerts.finishDelivery({ id, attempts }, result, to);
    if (result.isDelivered) log.debug("Delivered {publicId} to channel {channelId}", about);
    else log.warn("Delivery {publicId} to channel {channelId} failed: {error}", { ...about, error: result.error });
  } catch (error) {
    // The database does not answer: the claim runs out, and the delivery is carried again.
    log.error("Cannot report delivery {publicId}: {error}", { ...about, error });
  }
}

async function attempt(context: CarryContext, { delivery, channel }: ClaimedDelivery): Promise<DeliveryResult> {
  if (channel === null) return { isDelivered: false, error: "The channel is disabled or gone", retryAt: null };
  const { gate, publicUrl, databaseClock } = context;
  const outgoing = { delivery, channel, publicUrl, now: databaseClock.estimate() };
  const signal = AbortSignal.timeout(ATTEMPT_MS);
  try {
    if (channel.kind === "email") {
      await sendEmail(gate, outgoing, signal);
      return { isDelivered: true };
    }
    const { status, beginning } = await send(gate, requestOf(channel.kind, outgoing), signal);
    if (status >= 200 && status < 300) return { isDelivered: true };
    const said = beginning === "" ? "" : `: ${withoutSecrets(beginning, channel)}`;
    return failed(`It answered ${status}${said}`, delivery, databaseClock.estimate());
  } catch (error) {
    const retries = !(error instanceof Refused);
    const message = withoutSecrets(sentenceOf(error), channel);
    const now = databaseClock.estimate();
    return retries ? failed(message, delivery, now) : { isDelivered: false, error: message, retryAt: null };
  }
}

/** The result of a failed attempt. */
export function failed(
  error: string,
  { attempts, notice: { signal } }: Pick<Delivery, "attempts" | "notice">,
  now: EpochMs,
): DeliveryResult {
  const most = signal === undefined ? MOST_ATTEMPTS : MOST_OF_SIGNAL[signal];
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  return { isDelivered: false, error, retryAt: attempts >= most ? null : epochMs(now + pauseMs) };
}

/**
 * A text of a receiver or an error, without what the address and the token of a channel hide: a server that does not know a path
 * often repeats it, and one that refuses a password may repeat that.
 */
export function withoutSecrets(text: string, { url, token }: ChannelSecret): string {
  const { username, password, pathname, search } = new URL(url);
  const parts = [url, ...pathname.split("/"), search.slice(1), ...new URLSearchParams(search).values()];
  const secrets = [token ?? "", username, password, ...parts].flatMap((part) => [part, decoded(part)]);
  const hidden = secrets.filter((part) => part.length >= LEAST_SECRET).toSorted((a, b) => b.length - a.length);
  return hidden.reduce((shown, secret) => shown.replaceAll(secret, "…"), text);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What went wrong, without addresses. */
function sentenceOf(error: unknown): string {
  if (
    error instanceof DOMException && error.name === "TimeoutError" ||
    error instanceof Error && error.name === "AbortError"
  ) {
    return `It did not answer within ${ATTEMPT_MS / 1000} s`;
  }
  if (!(error instanceof Error)) return "It failed";
  return error.message.replace(/https?:\/\/\S+/g, "its address").slice(0, 300);
}
