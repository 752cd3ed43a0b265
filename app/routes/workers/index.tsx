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
import { hasDied, presenceOf } from "@jobtrigger/shared/policy";
import type { JSX } from "preact";
import { Action } from "../../components/Action.tsx";
import { CardCell, CardRow, Cards } from "../../components/Cards.tsx";
import { Empty } from "../../components/Empty.tsx";
import { Tags } from "../../components/Facts.tsx";
import { More } from "../../components/More.tsx";
import { Notice } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Page } from "../../components/Page.tsx";
import { Badge } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import { spanWords } from "../../format/relative.ts";
import type { Word } from "../../format/words.ts";
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
export default define.page<typeof handler>(function WorkersPage({ data: { workers, services }, state, url }) {
  return (
    <Page title="Workers" verdict={<WorkersVerdict workers={workers} now={state.view.now} />}>
      <Notice code={url.searchParams.get("notice")} />
      <Panel id="workers" title="Workers">
        <More />
        <div data-live="workers" data-noun="worker">
          {workers.length === 0
            ? (
              <Empty icon="worker" title="No worker has ever been here, so nothing runs.">
                Start one: <code>deno task worker</code>
              </Empty>
            )
            : <WorkerTable workers={workers} view={state.view} mayDrain={state.may("workers.drain", null)} />}
        </div>
      </Panel>
      <Panel id="services" title="Schedulers and portals">
        <div data-live="services" data-noun="service">
          {!services.some(({ kind }) => kind === "scheduler") && (
            <Empty icon="clock" title="No scheduler is running, so no job starts by its schedule.">
              Start one: <code>deno task scheduler</code>
            </Empty>
          )}
          {services.length > 0 && <ServiceTable services={services} view={state.view} />}
        </div>
      </Panel>
    </Page>
  );
});

function WorkersVerdict({ workers, now }: { readonly workers: Workers; readonly now: EpochMs }): JSX.Element {
  const online = workers.filter((worker) => presenceOf(worker, now) === "online");
  const slots = online.reduce((sum, { concurrency }) => sum + concurrency, 0);
  const busy = online.reduce((sum, { running }) => sum + running, 0);
  const draining = online.filter(({ drainRequestedAt }) => drainRequestedAt !== null).length;
  const lost = workers.filter((worker) => {
    const presence = presenceOf(worker, now);
    return presence === "silent" || presence === "stale" || hasDied(worker);
  }).length;
  return (
    <div data-live="workers-verdict">
      {lost > 0 && (
        <>
          <b class="bad">{lost} not there</b>,{" "}
        </>
      )}
      <b>{online.length} online</b>: {busy} of {slots} slots in use{draining > 0 && `, ${draining} draining`}.
    </div>
  );
}

/** Asks a worker to drain, or takes that back. */
function DrainAction({ worker: { workerId, drainRequestedAt } }: { readonly worker: Worker }): JSX.Element {
  const path = `/workers/${encodeURIComponent(workerId)}`;
  return drainRequestedAt === null
    ? <Action to={`${path}/drain`} icon="drain" label="Drain" of={workerId} />
    : <Action to={`${path}/resume`} icon="resume" label="Resume" of={workerId} />;
}

function WorkerTable(
  { workers, view, mayDrain }: { readonly workers: Workers; readonly view: View; readonly mayDrain: boolean },
): JSX.Element {
  return (
    <Cards
      head={["Worker", "State", "Tags", "Heartbeat", "Slots", "Running", "Finished", "Up since", ""]}
      kind="acting"
    >
      <tbody role="rowgroup">
        {workers.map((worker) => (
          <CardRow key={worker.workerId} row={worker.workerId}>
            <CardCell isName place="lead">
              <b>
                <bdi>{worker.workerId}</bdi>
              </b>
              <small class="wide">
                {markUnseen(worker.platform)}, version {markUnseen(worker.version)}, process {worker.processId}
              </small>
            </CardCell>
            <CardCell place="aside">
              <Badge {...workerWord(worker, view.now)} />
            </CardCell>
            <CardCell label="Tags">{worker.tags.length === 0 ? "–" : <Tags tags={worker.tags} />}</CardCell>
            <CardCell label="Heartbeat" kind="tight">
              <Time at={worker.lastHeartbeat} view={view} />
            </CardCell>
            <CardCell place="line" kind="tight">{worker.running} of {worker.concurrency} slots</CardCell>
            <CardCell label="Running">
              {worker.currentDispatchIds.length === 0
                ? "–"
                : worker.currentDispatchIds.map((id) => <a key={id} href={`/runs/${id}`}>#{id}</a>)}
            </CardCell>
            <CardCell label="Finished">{worker.jobsProcessed}</CardCell>
            <CardCell label="Up since" kind="tight">
              <Time at={worker.startedAt} view={view} />
            </CardCell>
            <CardCell place="do">
              {mayDrain && worker.status !== "OFFLINE" && <DrainAction worker={worker} />}
            </CardCell>
          </CardRow>
        ))}
      </tbody>
    </Cards>
  );
}

/** Services with their last pass. */
export function ServiceTable(
  { services, view }: { readonly services: readonly Service[]; readonly view: View },
): JSX.Element {
  return (
    <Cards head={["Service", "State", "Host", "Last pass", "Up since"]}>
      <tbody role="rowgroup">
        {services.map((service) => (
          <CardRow key={service.serviceId} row={service.serviceId}>
            <CardCell isName place="lead">
              <b>{KIND_WORDS[service.kind]}</b>
            </CardCell>
            <CardCell place="aside">
              <Badge {...serviceWord(service, view.now)} />
            </CardCell>
            <CardCell place="line">
              <bdi>{markUnseen(service.hostname)}</bdi>
              <small>version {markUnseen(service.version)}, process {service.processId}</small>
            </CardCell>
            <CardCell label="Last pass" kind="tight">
              <Time at={service.lastPassAt} view={view} />
            </CardCell>
            <CardCell label="Up since" kind="tight">
              <Time at={service.startedAt} view={view} />
            </CardCell>
          </CardRow>
        ))}
      </tbody>
    </Cards>
  );
}

function serviceWord(service: Service, now: EpochMs): Word {
  return isSilent(service, now)
    ? { text: "Silent", icon: "offline", tone: "alarm" }
    : { text: "Running", icon: "check", tone: "ok" };
}

function workerWord(worker: Worker, now: EpochMs): Word {
  const { status } = worker;
  const presence = presenceOf(worker, now);
  if (hasDied(worker)) return { text: "Offline", icon: "offline", tone: "alarm" };
  if (presence === "offline") return { text: "Ended", icon: "end", tone: "calm" };
  if (presence === "stale") return { text: "Stale", icon: "offline", tone: "bad" };
  if (presence === "silent") {
    return { text: `Silent for ${spanWords(now - worker.lastHeartbeat)}`, icon: "late", tone: "warn" };
  }
  if (status === "DRAINING") return { text: "Draining", icon: "drain", tone: "warn" };
  if (worker.drainRequestedAt !== null) return { text: "Drain asked for", icon: "drain", tone: "warn" };
  // A worker says so itself with its next heartbeat, up to half a minute after it has claimed a run.
  return status === "BUSY" || worker.currentDispatchIds.length > 0
    ? { text: "Busy", icon: "running", tone: "busy" }
    : { text: "Idle", icon: "check", tone: "ok" };
}
