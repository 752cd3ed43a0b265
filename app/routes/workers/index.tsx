import { page } from "fresh";
import {
  type EpochMs,
  isSilent,
  markUnseen,
  type Service,
  type ServiceKind,
  type Worker,
} from "@jobtrigger/shared/domain";
import { readWorkers } from "@jobtrigger/shared/operations";
import { presenceOf } from "@jobtrigger/shared/policy";
import type { JSX } from "preact";
import { Tags } from "../../components/Facts.tsx";
import { Page } from "../../components/Page.tsx";
import { Badge } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import type { Word } from "../../format/words.ts";
import Live from "../../islands/Live.tsx";
import type { View } from "../../format/view.ts";
import { define } from "../../utils.ts";

/** The workers, with the runs that the reader may see. */
type Workers = Awaited<ReturnType<typeof readWorkers>>;

interface Data {
  readonly workers: Workers;
  readonly services: readonly Service[];
}

const KIND_WORDS: Readonly<Record<ServiceKind, string>> = {
  scheduler: "Scheduler",
  web: "Portal",
  notifier: "Notifier",
};

/** Lists the workers and the other services. */
export const handler = define.handlers<Data>({
  async GET({ state }) {
    const { portal: { store }, access } = state;
    const [workers, services] = await Promise.all([readWorkers({ store, access }), store.services.list()]);
    return page({ workers, services });
  },
});

/** The lists of workers and of the other services. */
export default define.page<typeof handler>(function WorkersPage({ data: { workers, services }, state }) {
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
      <section aria-labelledby="services" class="stack">
        <h2 id="services">Schedulers and portals</h2>
        <div data-live="services" data-noun="service">
          {!services.some(({ kind }) => kind === "scheduler") && (
            <p class="empty">
              No scheduler is running, so no job starts by its schedule. Start one: <code>deno task scheduler</code>
            </p>
          )}
          {services.length > 0 && <ServiceTable services={services} view={state.view} />}
        </div>
      </section>
    </Page>
  );
});

function WorkerTable({ workers, view }: { readonly workers: Workers; readonly view: View }): JSX.Element {
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
            <td data-label="Slots" class="num">{worker.running} of {worker.concurrency}</td>
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

function ServiceTable({ services, view }: { readonly services: readonly Service[]; readonly view: View }): JSX.Element {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col">State</th>
          <th scope="col">Host</th>
          <th scope="col">Last pass</th>
          <th scope="col">Up since</th>
        </tr>
      </thead>
      <tbody>
        {services.map((service) => (
          <tr key={service.serviceId} data-row={service.serviceId}>
            <th scope="row" data-label="Service">{KIND_WORDS[service.kind]}</th>
            <td data-label="State">
              <Badge {...serviceWord(service, view.now)} />
            </td>
            <td data-label="Host">
              <bdi>{markUnseen(service.hostname)}</bdi>
              <span class="quiet path">version {markUnseen(service.version)}, process {service.processId}</span>
            </td>
            <td data-label="Last pass">
              <Time at={service.lastPassAt} view={view} />
            </td>
            <td data-label="Up since">
              <Time at={service.startedAt} view={view} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function serviceWord(service: Service, now: EpochMs): Word {
  return isSilent(service, now)
    ? { text: "Silent", icon: "timeout", tone: "bad" }
    : { text: "Running", icon: "check", tone: "ok" };
}

function workerWord(worker: Worker, now: EpochMs): Word {
  const { status } = worker;
  const presence = presenceOf(worker, now);
  if (presence === "offline") return { text: "Offline", icon: "end", tone: "calm" };
  if (presence === "stale") return { text: "Stale", icon: "timeout", tone: "warn" };
  if (status === "DRAINING") return { text: "Draining", icon: "stop", tone: "warn" };
  return status === "BUSY"
    ? { text: "Busy", icon: "running", tone: "busy" }
    : { text: "Idle", icon: "check", tone: "ok" };
}
