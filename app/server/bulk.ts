/**
 * Changes of many jobs in the portal: a request takes one down, and the portal works on it after the answer.
 *
 * @module
 */
import {
  BULK_KINDS,
  type BulkAction,
  type BulkChange,
  type BulkKind,
  Forbidden,
  Invalid,
  JOB_STATES,
  jobId,
} from "@jobtrigger/shared/domain";
import { parseNote, readJobFilter, readLabels } from "@jobtrigger/shared/api";
import { type BulkRequest, type OperationContext, startBulk, workOnBulk } from "@jobtrigger/shared/operations";
import { MOST_IDS } from "@jobtrigger/shared/store";
import type { Follower } from "./access/follower.ts";
import type { Portal } from "./portal.ts";

/** An answer waits so long for the end of a change, in milliseconds: most are small. */
const PATIENCE_MS = 1_000;

/** Who asks for a change. The work goes on after the answer, so what they may do is asked for again at each step. */
export interface Asking extends Pick<Follower, "accessNow"> {
  /** Of the request. */
  readonly context: OperationContext;
}

/** Takes a change down and begins to work on it; answers it once it has ended, or after a moment. */
export async function beginBulk(
  portal: Pick<Portal, "store" | "clock" | "log" | "stopping">,
  asking: Asking,
  request: BulkRequest,
): Promise<BulkChange> {
  return await goOnWithBulk(portal, asking, await startBulk(asking.context, request));
}

/**
 * Works on a change until it is done, the portal stops, or the session, the token or the account ends that asked for it; answers it
 * once it has ended, or after a moment.
 */
export async function goOnWithBulk(
  { store, clock, log, stopping }: Pick<Portal, "store" | "clock" | "log" | "stopping">,
  { context, accessNow }: Asking,
  change: BulkChange,
): Promise<BulkChange> {
  if (change.finishedAt !== null) return change;
  let latest = change;
  const operating = async () => {
    const access = await accessNow();
    if (access === null) throw new Forbidden("The session, the token or the account that asked for it has ended");
    return { ...context, access, now: await store.now() };
  };
  const onProgress = (progress: BulkChange) => latest = progress;
  const work = workOnBulk(operating, change.id, { signal: stopping, onProgress }).catch((error: unknown) => {
    log.error("Cannot go on with the change {bulk} of many jobs: {error}", { bulk: change.id, error });
    return latest;
  });
  const patience = new AbortController();
  const answer = await Promise.race([work, clock.sleep(PATIENCE_MS, patience.signal).then(() => latest)]);
  patience.abort();
  return answer;
}

/** What is to be done, by the parameter `do`; null: nothing known. */
export function kindOf(params: URLSearchParams): BulkKind | null {
  return BULK_KINDS.find((kind) => kind === params.get("do")) ?? null;
}

/** Which jobs: those that are checked, or with `all` those that match the filter. @throws {Invalid} of the field `filter`. */
export function jobsOf(params: URLSearchParams): BulkRequest["jobs"] {
  if (params.get("all") !== "1") {
    const ids = params.getAll("id").filter((text) => /^[1-9]\d{0,14}$/.test(text)).slice(0, MOST_IDS);
    return { ids: [...new Set(ids)].map((text) => jobId(Number(text))) };
  }
  const state = JOB_STATES.find((known) => known === params.get("state"));
  return { ...readJobFilter(params.get("q") ?? ""), ...(state !== undefined && { states: [state] }) };
}

/** What a posted form asks for. @throws {Invalid} that names the field. */
export function actionOf(kind: BulkKind, form: URLSearchParams): BulkAction {
  switch (kind) {
    case "pause":
      return { kind, note: parseNote(form.get("note") ?? ""), cancelsWaiting: form.get("cancel_waiting") === "on" };
    case "label": {
      const [add, remove] = ["add", "remove"].map((name) => labelsIn(form, name));
      if (add?.length === 0 && remove?.length === 0) {
        throw new Invalid([{ field: "add", message: "expected a label to add or to remove" }]);
      }
      return { kind, add: add ?? [], remove: remove ?? [] };
    }
    case "run":
    case "resume":
    case "delete":
      return { kind };
  }
}

function labelsIn(form: URLSearchParams, name: string): readonly string[] {
  const text = (form.get(name) ?? "").trim();
  return text === "" ? [] : readLabels(text, name);
}
