import { page } from "fresh";
import { markUnseen, type Worker } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Tags } from "../../components/Facts.tsx";
import { Page } from "../../components/Page.tsx";
import { Badge } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import type { Word } from "../../format/words.ts";
import Live from "../../islands/Live.tsx";
import type { View } from "../../format/view.ts";
import { define } from "../../utils.ts";

/** Silent this long, a worker is stale, in milliseconds. */
const STALE_MS = 90_000;

interface Data {
  readonly workers: readonly Worker[];
}

/** Lists the workers. */
export const handler = define.handlers<Data>({
  async GET({ state }) {
    return page({ workers: await state.portal.store.workers.list() });
  },
});

/** The list of workers. */
export default define.page<typeof handler>(function WorkersPage({ data: { workers }, state }) {
  return (
    <Page title="Workers">
      <div class="more">
        <Live />
      </div>
      <div data-live="workers" data-noun="worker">
        {workers.length === 0
          ? (
            <p class="empty">
              No worker has ever been here, so nothing runs. Start one: <code>deno task worker</code>
            </p>
          )
          : <WorkerTable workers={workers} view={state.view} />}
      </div>
    </Page>
  );
});

function WorkerTable({ workers, view }: { readonly workers: readonly Worker[]; readonly view: View }): JSX.Element {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Worker</th>
          <th scope="col">State</th>
          <th scope="col">Tags</th>
          <th scope="col">Heartbeat</th>
          <th scope="col">Slots</th>
          <th scope="col">Running</th>
          <th scope="col">Finished</th>
          <th scope="col">Up since</th>
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <tr key={worker.workerId} data-row={worker.workerId}>
            <th scope="row" data-label="Worker">
              <bdi>{worker.workerId}</bdi>
              <span class="quiet path">
                {markUnseen(worker.platform)}, version {markUnseen(worker.version)}, process {worker.processId}
              </span>
            </th>
            <td data-label="State">
              <Badge {...workerWord(worker, view.now)} />
            </td>
            <td data-label="Tags">
              {worker.tags.length === 0 ? "–" : (
                <span>
                  <Tags tags={worker.tags} />
                </span>
              )}
            </td>
            <td data-label="Heartbeat">
              <Time at={worker.lastHeartbeat} view={view} />
            </td>
            <td data-label="Slots" class="num">{worker.currentDispatchIds.length} of {worker.concurrency}</td>
            <td data-label="Running">
              {worker.currentDispatchIds.length === 0
                ? "–"
                : worker.currentDispatchIds.map((id) => <a key={id} href={`/runs/${id}`} class="num">#{id}</a>)}
            </td>
            <td data-label="Finished" class="num">{worker.jobsProcessed}</td>
            <td data-label="Up since">
              <Time at={worker.startedAt} view={view} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function workerWord({ status, lastHeartbeat }: Worker, now: number): Word {
  if (status === "OFFLINE") return { text: "Offline", icon: "end", tone: "calm" };
  if (now - lastHeartbeat >= STALE_MS) return { text: "Stale", icon: "timeout", tone: "warn" };
  if (status === "DRAINING") return { text: "Draining", icon: "stop", tone: "warn" };
  return status === "BUSY"
    ? { text: "Busy", icon: "running", tone: "busy" }
    : { text: "Idle", icon: "check", tone: "ok" };
}
