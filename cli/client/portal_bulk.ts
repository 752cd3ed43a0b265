import { Conflict } from "@jobtrigger/shared/domain";
import { readShownBulk, type SentBulk, type ShownBulk } from "@jobtrigger/shared/api/schemas";
import { formatFilter } from "@jobtrigger/shared/api";
import type { BulkRequest } from "@jobtrigger/shared/operations";
import type { Clock } from "@jobtrigger/shared/time";
import type { PortalConnection } from "./connection.ts";

/** How often is asked how far a change has come, in milliseconds. */
const EVERY_MS = 500;
/** A change that does not come forward for so long was interrupted, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Changes many jobs through a portal, which works on after its answer. @throws {Conflict} when it stops in the middle. */
export async function changeJobs(
  connection: PortalConnection,
  clock: Clock,
  { key, action, jobs }: BulkRequest,
  onProgress?: (change: ShownBulk) => void,
): Promise<ShownBulk> {
  const request = { method: "POST", path: "/jobs/bulk", headers: { "idempotency-key": key } } as const;
  let change = await connection.read(readShownBulk, { ...request, body: { ...bodyOf(action), ...subjectOf(jobs) } });
  let since = clock.monotonic();
  while (change.finishedAt === null) {
    onProgress?.(change);
    await clock.sleep(EVERY_MS);
    const before = change;
    change = await connection.read(readShownBulk, { path: `/bulk/${change.id}` });
    if (change.done + change.refused > before.done + before.refused) since = clock.monotonic();
    if (clock.monotonic() - since > PATIENCE_MS) {
      const done = `${change.done + change.refused} of ${change.total} jobs are settled`;
      throw new Conflict(`The portal does not go on with change ${change.id}: ${done}. Its page in the portal goes on`);
    }
  }
  return change;
}

function bodyOf(action: BulkRequest["action"]): SentBulk {
  switch (action.kind) {
    case "pause":
      return { action: action.kind, note: action.note, cancel_waiting: action.cancelsWaiting };
    case "label":
      return { action: action.kind, add: action.add, remove: action.remove };
    case "run":
    case "resume":
    case "delete":
      return { action: action.kind };
  }
}

function subjectOf(
  { ids, search = "", states, labels = [], jobs }: BulkRequest["jobs"],
): Pick<SentBulk, "jobs" | "filter"> {
  if (ids !== undefined) return { jobs: ids };
  const terms = [
    ...states === undefined ? [] : [{ field: "state", values: states }],
    ...jobs === undefined ? [] : [{ field: "job", values: jobs }],
    ...labels.map((values) => ({ field: "label", values })),
  ];
  const words = search === "" ? [] : [JSON.stringify(search)];
  return { filter: [...words, formatFilter(terms) ?? ""].join(" ").trim() };
}
