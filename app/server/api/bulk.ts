import { type BulkAction, type BulkKind, Invalid, jobId } from "@jobtrigger/shared/domain";
import { bulkForm, bulkJobForm, parseNote, readJobFilter, readLabels } from "@jobtrigger/shared/api";
import { bulkJobsQuery, idempotencyHeaders, type SentBulk, sentBulk } from "@jobtrigger/shared/api/schemas";
import { type BulkRequest, readBulk, readBulkJobs } from "@jobtrigger/shared/operations";
import { beginBulk } from "../bulk.ts";
import { type ApiOperation, operation, PLAIN } from "./operation.ts";
import { numberOf } from "./subjects.ts";

/** Rows of a page that names no limit. */
const PAGE_ROWS = 50;

/** Changes of many jobs at once. Whoever may see jobs may ask; each job asks for the permission of what becomes of it. */
export const BULK_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "changeJobs",
    method: "POST",
    path: "/jobs/bulk",
    permission: "jobs.read",
    summary: "Run, pause, resume, label or delete many jobs; the portal goes on after the answer, job after job",
    headers: idempotencyHeaders,
    body: sentBulk,
    answer: { status: 201, shown: "BulkChange", headers: ["location"] },
    errors: ["invalid"],
    handle: async ({ portal, context, caller: { accessNow }, headers, body }) => {
      const key = headers["idempotency-key"] ?? crypto.randomUUID();
      const request = { key, action: actionOf(body), jobs: jobsOf(body) };
      const change = await beginBulk(portal, { context, accessNow }, request);
      return { body: bulkForm(change), headers: { location: `/api/v1/bulk/${change.id}` } };
    },
  }),
  operation({
    ...PLAIN,
    id: "getBulkChange",
    method: "GET",
    path: "/bulk/{bulk}",
    permission: "jobs.read",
    summary: "Say how far a change of many jobs has come",
    answer: { status: 200, shown: "BulkChange" },
    errors: ["not_found"],
    handle: async (request) => ({ body: bulkForm(await readBulk(request.context, numberOf(request, "bulk"))) }),
  }),
  operation({
    ...PLAIN,
    id: "listBulkJobs",
    method: "GET",
    path: "/bulk/{bulk}/jobs",
    permission: "jobs.read",
    summary: "List what became of each job of a change of many",
    query: bulkJobsQuery,
    answer: { status: 200, shown: "BulkJobPage" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { cursor, limit = PAGE_ROWS, outcome } = request.query;
      const jobs = await readBulkJobs(request.context, numberOf(request, "bulk"), {
        limit: limit + 1,
        isRefused: outcome === "refused",
        ...(cursor !== undefined && { after: jobCursor(cursor) }),
      });
      const items = jobs.slice(0, limit);
      const next = jobs.length > limit ? String(items.at(-1)?.jobId) : null;
      return { body: { items: items.map(bulkJobForm), next } };
    },
  }),
];

function actionOf({ action, note, cancel_waiting, add, remove }: SentBulk): BulkAction {
  refuseOthers(action, { note, cancel_waiting, add, remove });
  switch (action) {
    case "pause":
      return { kind: action, note: parseNote(note ?? ""), cancelsWaiting: cancel_waiting ?? false };
    case "label":
      return { kind: action, add: labelsOf(add, "add"), remove: labelsOf(remove, "remove") };
    case "run":
    case "resume":
    case "delete":
      return { kind: action };
  }
}

const FIELDS: Readonly<Partial<Record<BulkKind, readonly string[]>>> = {
  pause: ["note", "cancel_waiting"],
  label: ["add", "remove"],
};

/** @throws {Invalid} when a field of another action is there. */
function refuseOthers(action: BulkKind, fields: Readonly<Record<string, unknown>>): void {
  const other = Object.entries(fields).find(([name, value]) => value != null && !FIELDS[action]?.includes(name));
  if (other === undefined) return;
  throw new Invalid([{ field: other[0], message: `means nothing to the action ${action}` }]);
}

function labelsOf(labels: readonly string[] | undefined, field: string): readonly string[] {
  return labels === undefined || labels.length === 0 ? [] : readLabels(labels.join(","), field);
}

/** @throws {Invalid} unless the body names jobs in exactly one way. */
function jobsOf({ jobs, filter }: SentBulk): BulkRequest["jobs"] {
  if ((jobs === undefined) === (filter === undefined)) {
    throw new Invalid([{ field: "jobs", message: "expected either jobs or a filter" }]);
  }
  return jobs === undefined ? readJobFilter(filter ?? "") : { ids: [...new Set(jobs)].map(jobId) };
}

function jobCursor(cursor: string): ReturnType<typeof jobId> {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return jobId(Number(cursor));
  throw new Invalid([{ field: "cursor", message: "it is not one that a page of this list gave" }]);
}
