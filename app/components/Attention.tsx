import type { EpochMs, FailingJob, JobSummary, Service, Worker } from "@jobtrigger/shared/domain";
import { hasDied, type SystemStatus } from "@jobtrigger/shared/policy";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import type { Word } from "../format/words.ts";
import { Empty } from "./Empty.tsx";
import { NameLink } from "./NameLink.tsx";
import { JOB_STATE_WORDS } from "./job_state.ts";
import { Badge } from "./Status.tsx";
import { clockTime, Time } from "./Time.tsx";

/** What needs attention, as far as it is named. */
export interface AttentionFacts {
  readonly status: SystemStatus;
  readonly failing: readonly FailingJob[];
  readonly late: readonly JobSummary[];
  readonly lost: { readonly schedulers: readonly Service[]; readonly workers: readonly Worker[] };
}

/** So many workers that are gone are named, so that they do not hide the jobs that fail. */
const MOST_WORKERS = 3;

interface Item {
  readonly key: string;
  readonly word: Word;
  readonly name: string;
  readonly reason: string;
  readonly since: EpochMs | null;
  /** The one thing to do. */
  readonly action: { readonly href: string; readonly label: string };
}

/** What needs attention, the worst first: what it is, why, since when, and the one thing to do. */
export function Attention(
  { overview, view }: { readonly overview: AttentionFacts; readonly view: View },
): JSX.Element {
  const items = itemsOf(overview);
  if (items.length === 0) {
    return (
      <Empty icon="check" title="Nothing needs attention">No job fails or is late, and every service is there.</Empty>
    );
  }
  const { totals } = overview.status;
  const unnamed = totals.failing - overview.failing.length + totals.late - overview.late.length;
  return (
    <>
      <ul class="list">
        {items.map(({ key, word, name, reason, since, action }) => (
          <li key={key}>
            <Badge {...word} />
            <div>
              <NameLink href={action.href} name={name} />
              <p>{reason}</p>
            </div>
            <span class="when">
              {since !== null && (
                <>
                  since {clockTime(since, view)}, <Time at={since} view={view} />
                </>
              )}
            </span>
            <a class="button" href={action.href}>
              {action.label}
              <span class="sr">: {name}</span>
            </a>
          </li>
        ))}
      </ul>
      {unnamed > 0 && (
        <footer>
          <a href="/jobs">{unnamed} more on the list of jobs</a>
        </footer>
      )}
    </>
  );
}

function itemsOf(facts: AttentionFacts): readonly Item[] {
  return [...schedulerItems(facts), ...workerItems(facts), ...jobItems(facts), ...stuckItems(facts)];
}

function schedulerItems(
  { status: { services: { scheduler } }, lost: { schedulers } }: AttentionFacts,
): readonly Item[] {
  const action = { href: "/workers#services", label: "Services" };
  if (scheduler.up === 0 && schedulers.length === 0) {
    return [{
      key: "scheduler",
      word: { text: "None", icon: "offline", tone: "alarm" },
      name: "No scheduler is running",
      reason: "No job starts by its schedule. Start one: deno task scheduler",
      since: null,
      action,
    }];
  }
  return schedulers.map((service) => ({
    key: service.serviceId,
    word: { text: "Silent", icon: "offline", tone: scheduler.up === 0 ? "alarm" : "warn" },
    name: `Scheduler on ${service.hostname}`,
    reason: scheduler.up === 0
      ? "It has stopped or hangs, and no other is running: no job starts by its schedule."
      : "It has stopped or hangs. Another scheduler does its work.",
    since: service.lastPassAt,
    action,
  }));
}

function workerItems({ status, lost: { workers } }: AttentionFacts): readonly Item[] {
  if (status.workers.online === 0 && workers.length === 0) {
    return [{
      key: "worker",
      word: { text: "None", icon: "offline", tone: "alarm" },
      name: "No worker is online",
      reason: "No script runs. Start one: deno task worker",
      since: null,
      action: { href: "/workers", label: "Workers" },
    }];
  }
  const named = workers.slice(0, namedWorkers(workers)).map((worker): Item => ({
    key: worker.workerId,
    word: hasDied(worker)
      ? { text: "Offline", icon: "offline", tone: "alarm" }
      : { text: "Silent", icon: "late", tone: "warn" },
    name: `Worker ${worker.workerId}`,
    reason: hasDied(worker)
      ? "It has stopped without having ended. Its runs were taken from it."
      : "It gives no sign of life. Its runs are taken from it when their leases end.",
    since: worker.lastHeartbeat,
    action: { href: "/workers", label: "Worker" },
  }));
  return [...named, ...otherWorkers(workers.slice(namedWorkers(workers)))];
}

function jobItems({ failing, late }: AttentionFacts): readonly Item[] {
  return [
    ...failing.map(({ jobId, jobName, dispatchId, message, since }): Item => ({
      key: `job ${jobId}`,
      word: JOB_STATE_WORDS.failing,
      name: jobName,
      reason: message ?? "The last run failed.",
      since,
      action: { href: `/runs/${dispatchId}`, label: "Why it failed" },
    })),
    ...late.map(({ id, name, nextRun }): Item => ({
      key: `late ${id}`,
      word: JOB_STATE_WORDS.late,
      name,
      reason: "It is due, but no scheduler has picked it up.",
      since: nextRun,
      action: { href: `/jobs/${id}`, label: "Open job" },
    })),
  ];
}

function stuckItems({ status: { stuck: { runs, missing, since } } }: AttentionFacts): readonly Item[] {
  if (runs === 0) return [];
  return [{
    key: "stuck",
    word: JOB_STATE_WORDS.stuck,
    name: runs === 1 ? "1 run waits for a worker with its tags" : `${runs} runs wait for a worker with their tags`,
    reason: missing.length === 0
      ? "No online worker has all the tags that they need."
      : `No online worker has the ${missing.length === 1 ? "tag" : "tags"} ${missing.join(", ")}.`,
    since,
    action: { href: "/queue?q=reason%3Atags", label: "Queue" },
  }];
}

/** One that would stand alone behind the named ones is named, too. */
function namedWorkers({ length }: readonly Worker[]): number {
  return length > MOST_WORKERS + 1 ? MOST_WORKERS : length;
}

/** Workers that are not named, as one item. */
function otherWorkers(workers: readonly Worker[]): readonly Item[] {
  if (workers.length === 0) return [];
  const died = workers.filter(hasDied).length;
  return [{
    key: "workers",
    word: died > 0
      ? { text: "Offline", icon: "offline", tone: "alarm" }
      : { text: "Silent", icon: "late", tone: "warn" },
    name: `${workers.length} more workers`,
    reason: died === workers.length
      ? "They have stopped without having ended."
      : died === 0
      ? "They give no sign of life."
      : `${died} of them stopped without having ended; the others give no sign of life.`,
    since: null,
    action: { href: "/workers", label: "Workers" },
  }];
}
