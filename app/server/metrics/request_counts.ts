/**
 * How many requests the portal has answered, and how long each took to its first byte: by route, method and status. A route is its
 * pattern, never the path that was asked for, so nobody makes new series by asking.
 *
 * @module
 */
import type { Metric } from "./exposition.ts";

/** The bounds of the histogram, in seconds: a list may take 0.025 (SQLite) or 0.05 (PostgreSQL). */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** The times of one route. */
interface RouteTimes {
  /** How many fell between each bound and the one before. */
  readonly counts: number[];
  sum: number;
}

/** Counts requests. */
export class RequestCounts {
  readonly #counts = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();
  readonly #times = new Map<string, RouteTimes>();

  /** Counts one request. */
  add(
    request: { readonly route: string; readonly method: string; readonly status: number; readonly seconds: number },
  ): void {
    const { route, seconds } = request;
    const method = METHODS.has(request.method) ? request.method : "other";
    const key = `${method} ${request.status} ${route}`;
    const count = this.#counts.get(key);
    if (count === undefined) {
      this.#counts.set(key, { labels: { route, method, code: String(request.status) }, value: 1 });
    } else count.value += 1;
    const times = this.#times.get(route) ?? { counts: [...BOUNDS, Infinity].map(() => 0), sum: 0 };
    this.#times.set(route, times);
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    const at = bucket < 0 ? BOUNDS.length : bucket;
    times.counts[at] = (times.counts[at] ?? 0) + 1;
    times.sum += seconds;
  }

  /** The metrics of all requests so far. */
  metrics(): readonly Metric[] {
    return [
      {
        name: "jobtrigger_http_requests_total",
        help: "Requests that this portal has answered, by route, method and status.",
        type: "counter",
        samples: [...this.#counts.values()],
      },
      {
        name: "jobtrigger_http_request_duration_seconds",
        help: "From a request to the first byte of its answer, by route.",
        type: "histogram",
        times: [...this.#times].map(([route, { counts, sum }]) => {
          let count = 0;
          const buckets = BOUNDS.map((bound, at) => [bound, count += counts[at] ?? 0] as const);
          return { labels: { route }, buckets, count: count + (counts[BOUNDS.length] ?? 0), sum };
        }),
      },
    ];
  }
}
