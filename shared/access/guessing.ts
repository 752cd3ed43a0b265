/**
 * Limits on guessing passwords. They must stop who guesses and nobody else: whoever guesses alice's password from address X must not
 * keep alice out at address Y. So no limit counts an account's failures alone, as a lock of the account would.
 *
 * Each attempt to sign in is counted by several counters, and each counter leaks: with time it forgets.
 *
 * | counter             | free | then                               | forgets one in | stops                                        |
 * | ------------------- | ---- | ---------------------------------- | -------------- | -------------------------------------------- |
 * | account and address | 5    | 1 s, doubled each time, to 15 min  | 1 h            | guessing one account from one address        |
 * | account and device  | 5    | the same                           | 1 h            | guessing from a device that was taken        |
 * | address             | 30   | one each minute                    | 1 min          | trying one password on many accounts         |
 * | account             | 100  | one each minute                    | 1 min          | guessing one account from many addresses     |
 *
 * - A *known device* shows the secret that it got when the account last signed in there, and answers to its own counter alone
 *   (OWASP, "Device Cookies"). Nothing that others do slows it down, even behind the same address: a proxy, an office.
 * - A *known address*, from which the account has signed in, answers to the counter of the account and the address alone.
 * - All others answer to the first, the third and the fourth. From one address, nobody brings the counter of an account near its
 *   limit: its own delays hold them to about 20 attempts in the first hour and 4 in each that follows, and the counter of the account
 *   forgets 60 an hour. So it takes more than seven addresses at once to slow alice down, and then only where she has never been.
 * - An account that does not exist is counted in the same way, so that the answers do not say which exist.
 * - An attempt counts as failed from when it begins until it has succeeded, so that many at once get no further than one after
 *   another. Success clears the counter of its place and takes its own count back from the others: signing in to one's own account
 *   in between clears nothing of what one has guessed about others.
 *
 * The counters are rows, so that a restart forgets nothing; `keepUntil` says when one may be deleted. Their names
 * are hashes: people type passwords where the name belongs.
 *
 * @module
 */
import { addressGroup, type EpochMs, epochMs, type GuessCounter, type GuessCounters } from "../domain/mod.ts";
import { hashOf } from "./secrets.ts";

/** Who tries to sign in, and from where. */
export interface Attempt {
  /** The name as `userNameKey()` makes it, whether or not there is such a user. */
  readonly account: string;
  /** The IP address. */
  readonly address: string;
  /** The secret that a device shows; null: it shows none. */
  readonly device: string | null;
}

/** Whether an attempt may go on, and what is to be written before it does. */
export interface Verdict {
  /** How long to wait before the next attempt; null: this one may go on. */
  readonly retryAfterMs: number | null;
  /** The counters to write. */
  readonly changed: GuessCounters;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Failures at one place that cost nothing. */
const FREE = 5;
const LONGEST_DELAY_MS = 15 * MINUTE_MS;

/** How many failures a counter holds at most, and how long it takes to forget one. */
interface Kind {
  readonly most: number;
  readonly leakMs: number;
}

/** More change nothing: the delay has long been at its longest, and all are forgotten within a day. */
const PLACE: Kind = { most: 24, leakMs: HOUR_MS };

/** Of these, a full one has to forget a failure before the next attempt. */
const ADDRESS: Kind = { most: 30, leakMs: MINUTE_MS };
const ACCOUNT: Kind = { most: 100, leakMs: MINUTE_MS };

/** How long a device or an address stays known after somebody has signed in there. */
export const KNOWN_MS: number = 90 * 24 * HOUR_MS;

/** The names of the counters of an attempt. */
export interface CounterNames {
  /** Of the account and the address. */
  readonly place: string;
  /** Of the account and the device; null: no device was shown. */
  readonly device: string | null;
  /** The IP address. */
  readonly address: string;
  /** Of the account alone. */
  readonly account: string;
}

/** The counters that an attempt answers to. */
export function countersOf({ account, address, device }: Attempt): CounterNames {
  const group = addressGroup(address);
  return {
    place: nameOf("place", account, group),
    device: device === null ? null : nameOf("device", account, device),
    address: nameOf("address", group),
    account: nameOf("account", account),
  };
}

/** The names, each once, in the order in which a database locks them. */
export function namesOf({ place, device, address, account }: CounterNames): readonly string[] {
  return [place, address, account, ...(device === null ? [] : [device])].toSorted();
}

/** Whether the device of an attempt is known: if not, it gets a new secret when it has signed in. */
export function isKnownDevice({ device }: CounterNames, known: GuessCounters, now: EpochMs): boolean {
  return device !== null && isKnown(known.get(device), now);
}

/** Decides whether an attempt may go on at `now`, and counts it as failed if so. A refused attempt counts for nothing. */
export function beginAttempt(names: CounterNames, known: GuessCounters, now: EpochMs): Verdict {
  const { address, account } = names;
  const { here, isShared } = answering(names, known, now);
  const delays = [delayAt(known.get(here), now)];
  if (isShared) {
    delays.push(waitFor(known.get(address), ADDRESS, now), waitFor(known.get(account), ACCOUNT, now));
  }
  const retryAfterMs = Math.max(...delays);
  if (retryAfterMs > 0) return { retryAfterMs, changed: new Map() };
  const changed = new Map([[here, failed(known.get(here), PLACE, now)]]);
  if (isShared) {
    changed.set(address, failed(known.get(address), ADDRESS, now));
    changed.set(account, failed(known.get(account), ACCOUNT, now));
  }
  return { retryAfterMs: null, changed };
}

/**
 * What is to be written after an attempt that may go on has succeeded. The device of `names` is the known one that it showed, else
 * the new one that it gets: never one of its own choosing, which somebody could have put there.
 */
export function succeedAttempt(names: CounterNames, known: GuessCounters, now: EpochMs): GuessCounters {
  const { place, device } = names;
  const { here } = answering(names, known, now);
  const changed = new Map(withdrawAttempt(names, known, now));
  const before = known.get(place);
  const keepUntil = epochMs(now + KNOWN_MS);
  // A known device makes its address known. It does not clear what others have guessed there.
  if (before !== undefined) changed.set(place, { ...before, succeededAt: now, keepUntil });
  const clear = { failures: 0, failedAt: null, succeededAt: now, keepUntil };
  changed.set(here, clear);
  if (device !== null) changed.set(device, clear);
  return changed;
}

/** What is to be written after an attempt that may go on was not decided: it counts no more. */
export function withdrawAttempt(names: CounterNames, known: GuessCounters, now: EpochMs): GuessCounters {
  const { here, isShared } = answering(names, known, now);
  const changed = new Map<string, GuessCounter>();
  for (const name of isShared ? [here, names.address, names.account] : [here]) {
    const counter = known.get(name);
    if (counter !== undefined) changed.set(name, less(counter));
  }
  return changed;
}

/** The counter of the place of an attempt, and whether it answers to those of its address and its account as well. */
function answering(
  names: CounterNames,
  known: GuessCounters,
  now: EpochMs,
): { readonly here: string; readonly isShared: boolean } {
  const { place, device } = names;
  if (device !== null && isKnown(known.get(device), now)) return { here: device, isShared: false };
  return { here: place, isShared: !isKnown(known.get(place), now) };
}

function isKnown(counter: GuessCounter | undefined, now: EpochMs): boolean {
  return counter?.succeededAt != null && now - counter.succeededAt < KNOWN_MS;
}

function less(counter: GuessCounter): GuessCounter {
  return { ...counter, failures: Math.max(0, counter.failures - 1) };
}

function failed(counter: GuessCounter | undefined, { most, leakMs }: Kind, now: EpochMs): GuessCounter {
  const failures = Math.min(most, remaining(counter, leakMs, now) + 1);
  const succeededAt = counter?.succeededAt ?? null;
  const known = succeededAt === null ? now : succeededAt + KNOWN_MS;
  return {
    failures,
    failedAt: now,
    succeededAt,
    keepUntil: epochMs(Math.max(known, now + Math.ceil(failures * leakMs))),
  };
}

/** How long to wait at a place after its failures. */
function delayAt(counter: GuessCounter | undefined, now: EpochMs): number {
  // To the nearest: of five failures within a minute, a hundredth is forgotten when the sixth attempt comes.
  const failures = Math.round(remaining(counter, PLACE.leakMs, now));
  if (counter?.failedAt == null || failures < FREE) return 0;
  return Math.max(0, counter.failedAt + Math.min(LONGEST_DELAY_MS, SECOND_MS * 2 ** (failures - FREE)) - now);
}

/** How long to wait until a budget has room for one more. */
function waitFor(counter: GuessCounter | undefined, { most, leakMs }: Kind, now: EpochMs): number {
  const over = remaining(counter, leakMs, now) - (most - 1);
  return over <= 0 ? 0 : Math.ceil(over * leakMs);
}

/** The failures that are not forgotten yet. A clock that went back forgets nothing. */
function remaining(counter: GuessCounter | undefined, leakMs: number, now: EpochMs): number {
  if (counter?.failedAt == null) return 0;
  return Math.max(0, counter.failures - Math.max(0, now - counter.failedAt) / leakMs);
}

function nameOf(...parts: readonly string[]): string {
  return hashOf(JSON.stringify(parts));
}
