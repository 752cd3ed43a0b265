import { parseTimezone, ScheduleError } from "@jobtrigger/shared/schedule";
import type { View } from "../format/view.ts";

/** The zone that a request asks for by its cookie: `job`, `utc`, or `browser:` and a zone; else the portal's. */
export function zoneOf(cookies: string, portalZone: string): Pick<View, "zone" | "choice"> {
  const value = /(?:^|; )zone=([^;]*)/.exec(cookies)?.[1] ?? "";
  if (value === "utc") return { zone: "UTC", choice: "utc" };
  if (value === "job") return { zone: portalZone, choice: "job" };
  const zone = value.startsWith("browser:") ? knownZone(value.slice("browser:".length)) : null;
  return zone === null ? { zone: portalZone, choice: "portal" } : { zone, choice: "browser" };
}

/** The value of the cookie for a posted choice; null: it is none, or the browser did not say its zone. */
export function zoneCookie(form: URLSearchParams): string | null {
  const choice = form.get("zone");
  if (choice === "portal" || choice === "job" || choice === "utc") return choice;
  const zone = choice === "browser" ? knownZone(form.get("browser_zone") ?? "") : null;
  return zone === null ? null : `browser:${zone}`;
}

function knownZone(text: string): string | null {
  try {
    return parseTimezone(text);
  } catch (error) {
    if (error instanceof ScheduleError) return null;
    throw error;
  }
}
