import type { Permission } from "@jobtrigger/shared/domain";

/** A place of the navigation. */
export interface Place {
  readonly path: string;
  readonly label: string;
  /** Name of a symbol in `static/icons.svg`. */
  readonly icon: string;
  /** The permission that its page takes, on the whole installation; without: any account may open it. */
  readonly takes?: Permission;
  /** Whether a number may stand beside it, such as how many jobs fail. */
  readonly isCounted?: boolean;
  /** Begins a group. */
  readonly isApart?: boolean;
}

/** The places in their order. The first four are the tabs of a phone; the rest is behind "More" there. */
export const PLACES: readonly Place[] = [
  { path: "/", label: "Overview", icon: "home" },
  { path: "/jobs", label: "Jobs", icon: "jobs", isCounted: true },
  { path: "/runs", label: "Runs", icon: "runs" },
  { path: "/queue", label: "Queue", icon: "queue", isCounted: true },
  { path: "/timeline", label: "Timeline", icon: "timeline" },
  { path: "/workers", label: "Workers", icon: "worker", isCounted: true },
  { path: "/statistics", label: "Statistics", icon: "stats" },
  { path: "/alerts", label: "Alerts", icon: "warn", isCounted: true },
  { path: "/audit", label: "Audit", icon: "audit", takes: "audit.read", isApart: true },
  { path: "/account", label: "Settings", icon: "settings" },
  { path: "/help", label: "Help", icon: "help" },
];

/** How many places are tabs. */
export const TABS = 4;
