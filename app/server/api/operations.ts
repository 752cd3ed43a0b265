/**
 * The one table of operations of `/api/v1`.
 *
 * @module
 */
import { ALERT_OPERATIONS } from "./alerts.ts";
import { BULK_OPERATIONS } from "./bulk.ts";
import { JOB_OPERATIONS } from "./jobs.ts";
import type { ApiMethod, ApiOperation } from "./operation.ts";
import { PEOPLE_OPERATIONS } from "./people.ts";
import { RUN_OPERATIONS } from "./runs.ts";
import { VIEW_OPERATIONS } from "./views.ts";
import { WEBHOOK_OPERATIONS } from "./webhooks.ts";
import { SYSTEM_OPERATIONS } from "./system.ts";
import { TIME_OPERATIONS } from "./times.ts";

/** Where the API is. */
export const API_ROOT = "/api/v1";

/** A part of the API on the reference page. */
export interface OperationGroup {
  readonly title: string;
  readonly operations: readonly ApiOperation[];
}

/** All operations, as the reference page shows them. */
export const OPERATION_GROUPS: readonly OperationGroup[] = [
  { title: "Many jobs at once", operations: BULK_OPERATIONS },
  { title: "Jobs", operations: JOB_OPERATIONS },
  { title: "Saved views", operations: VIEW_OPERATIONS },
  { title: "Runs", operations: RUN_OPERATIONS },
  { title: "Timeline and statistics", operations: TIME_OPERATIONS },
  { title: "Webhooks", operations: WEBHOOK_OPERATIONS },
  { title: "Alerts", operations: ALERT_OPERATIONS },
  { title: "Users and tokens", operations: PEOPLE_OPERATIONS },
  { title: "System", operations: SYSTEM_OPERATIONS },
];

/** All operations. */
export const OPERATIONS: readonly ApiOperation[] = OPERATION_GROUPS.flatMap(({ operations }) => operations);

/** Where a path leads. */
export interface Route {
  readonly operations: readonly (readonly [method: ApiMethod, operation: ApiOperation])[];
  readonly params: Readonly<Record<string, string>>;
}

const PATTERNS: ReadonlyMap<string, readonly ApiOperation[]> = Map.groupBy(OPERATIONS, ({ path }) => path);

/** The operations at a path below {@linkcode API_ROOT}, fixed parts before those that vary; null: nothing is there. */
export function routeOf(path: string): Route | null {
  const segments = path.split("/");
  for (const [pattern, operations] of PATTERNS) {
    const params = paramsOf(pattern.split("/"), segments);
    if (params !== null) return { operations: operations.map((one) => [one.method, one]), params };
  }
  return null;
}

/** The parts of a path that vary; null where it is not of this pattern. A part that is not percent-encoded is none. */
function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of pattern.entries()) {
    const segment = segments[i] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== segment : segment === "") return null;
    if (name !== undefined) params[name] = decoded(segment);
  }
  return params;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
