import type { Middleware } from "fresh";
import { type EpochMs, MOST_COUNTED, StoreUnavailable } from "@jobtrigger/shared/domain";
import { readStatus } from "@jobtrigger/shared/operations";
import type { SystemStatus } from "@jobtrigger/shared/policy";
import type { Health, HealthTone } from "../format/health.ts";
import { relativeTime } from "../format/relative.ts";
import type { State } from "./state.ts";

/** Where nothing is drawn, so nothing is asked. */
const PLAIN = /^\/(?:api|hooks)\/|^\/healthz$/;

const TONES: Readonly<Record<SystemStatus["level"], HealthTone>> = { ok: "ok", warning: "late", critical: "bad" };

/** Gives each page what its first line says. */
export function healthStrip(): Middleware<State> {
  return async (ctx) => {
    const { state, url } = ctx;
    if (state.actor !== null && !PLAIN.test(url.pathname)) state.health = await healthOf(state);
    return await ctx.next();
  };
}

async function healthOf({ portal: { store }, access, view: { now } }: State): Promise<Health> {
  try {
    return sayHealth(await readStatus({ store, access, now }), now);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return { sign: { tone: "bad", text: "Database unavailable", href: "/workers" }, items: [], counts: {} };
  }
}

function capped(count: number): string {
  return count >= MOST_COUNTED ? `${MOST_COUNTED.toLocaleString("en")}+` : count.toLocaleString("en");
}

/** A status in the words of the strip. */
export function sayHealth({ level, troubles, services, workers, totals }: SystemStatus, now: EpochMs): Health {
  const pass = services.scheduler.lastPassAt;
  const missing = workers.stale + workers.offline;
  const text = troubles.length === 0
    ? "All is well"
    : troubles.length === 1
    ? "1 needs attention"
    : `${troubles.length} need attention`;
  return {
    sign: { tone: TONES[level], text, href: "/workers" },
    items: [
      {
        name: "Scheduler",
        value: pass === null ? "none" : relativeTime(pass, now),
        href: "/workers",
        ...(services.scheduler.up === 0 && { tone: "bad" }),
      },
      {
        name: "Workers",
        value: missing === 0 ? `${workers.online}` : `${workers.online} of ${workers.online + missing}`,
        href: "/workers",
        ...(workers.online === 0 && { tone: "bad" }),
      },
      { name: "Running", value: capped(totals.running), href: "/runs?status=IN_PROGRESS" },
      { name: "Waiting", value: capped(totals.waiting), href: "/runs?status=PENDING" },
      {
        name: "Failed in 24 h",
        value: capped(totals.failed),
        href: "/runs?q=status%3Afailed+since%3A24h",
        isKept: true,
        ...(totals.failed > 0 && { tone: "bad" }),
      },
    ],
    counts: {},
  };
}
