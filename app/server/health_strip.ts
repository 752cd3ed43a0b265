import type { Middleware } from "fresh";
import { type EpochMs, MOST_COUNTED, StoreUnavailable } from "@jobtrigger/shared/domain";
import type { SystemStatus } from "@jobtrigger/shared/policy";
import { isoUtc } from "@jobtrigger/shared/time";
import type { Health, PlaceCount } from "../format/health.ts";
import { relativeTime, spanWords } from "../format/relative.ts";
import type { State } from "./state.ts";

/** Where nothing is drawn, so nothing is asked. */
const PLAIN = /^\/(?:api|hooks)\/|^\/(?:healthz|livez|readyz|metrics)$/;

/** What needs attention, on the overview. */
const ATTENTION = "/#attention";

/** One for all numbers: `toLocaleString()` looks its format up each time, for a quarter of a millisecond on a page. */
const IN_WORDS = new Intl.NumberFormat("en");

/** Gives each page what its first line says. */
export function healthStrip(): Middleware<State> {
  return async (ctx) => {
    const { state, url } = ctx;
    if (state.actor !== null && !PLAIN.test(url.pathname)) state.health = await healthOf(state);
    return await ctx.next();
  };
}

async function healthOf({ portal, access, view: { now } }: State): Promise<Health> {
  try {
    const asking = { access, now };
    const [status, openIncidents] = await Promise.all([
      portal.statusReads.read(asking),
      portal.statusReads.openIncidents({ access }),
    ]);
    return sayHealth(status, now, openIncidents);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return { sign: { tone: "bad", count: 1, text: "Database unavailable", href: "/workers" }, items: [], counts: {} };
  }
}

/** A number in words; the most that is counted stands for more. */
export function capped(count: number): string {
  return count >= MOST_COUNTED ? `${IN_WORDS.format(MOST_COUNTED)}+` : IN_WORDS.format(count);
}

/** A status in the words of the strip, and the numbers beside places. */
export function sayHealth(status: SystemStatus, now: EpochMs, openIncidents = 0): Health {
  const { sign, services: { scheduler }, workers, totals, stuck, troubles } = status;
  const has = (...codes: readonly string[]) => troubles.some(({ code }) => codes.includes(code));
  const lost = troubles.filter(({ code }) => code === "worker_stale" || code === "worker_lost").length;
  const away = workers.silent + workers.stale;
  const oldest = totals.waitingSince === null ? "" : `, oldest ${spanWords(now - totals.waitingSince)}`;
  return {
    sign: { ...sign, href: ATTENTION },
    items: [
      {
        name: "Scheduler",
        value: scheduler.lastPassAt === null ? "none" : relativeTime(scheduler.lastPassAt, now),
        ...(scheduler.lastPassAt !== null && { at: isoUtc(scheduler.lastPassAt) }),
        href: "/workers#services",
        ...(scheduler.up === 0 ? { tone: "bad" } : scheduler.silent > 0 ? { tone: "late" } : {}),
      },
      {
        name: "Workers",
        value: away === 0 ? `${workers.online}` : `${workers.online} of ${workers.online + away}`,
        href: "/workers",
        ...(workers.online === 0 || has("worker_lost") ? { tone: "bad" } : away > 0 ? { tone: "late" } : {}),
      },
      { name: "Running", value: capped(totals.running), href: "/runs?q=status%3Arunning" },
      {
        name: "Queue",
        value: `${capped(totals.waiting)}${oldest}`,
        href: "/queue",
        ...(stuck.runs > 0 || has("queue_slow") ? { tone: "late" } : {}),
      },
      {
        name: "Failed in 24 h",
        value: capped(totals.failed),
        href: "/runs?q=status%3Afailed+since%3A24h",
        isKept: true,
        ...(totals.failed > 0 && { tone: "bad" }),
      },
    ],
    counts: {
      ...counted("/jobs", totals.failing, "bad", "failing"),
      ...counted("/queue", stuck.runs, "late", "without a worker"),
      ...counted("/workers", lost, "bad", "not there"),
      ...counted("/alerts", openIncidents, "bad", "open"),
    },
  };
}

function counted(
  path: string,
  count: number,
  tone: PlaceCount["tone"],
  words: string,
): Readonly<Record<string, PlaceCount>> {
  return count === 0 ? {} : { [path]: { count, tone, words: `${capped(count)} ${words}` } };
}
