/**
 * The contract of a store, each behaviour once, run on each database. The tests own the time: no method reads a clock.
 *
 * @module
 */
import type { Store } from "../../shared/store/mod.ts";
import { accountsContract } from "./_accounts.ts";
import { alertSignalsContract } from "./_alert_signals.ts";
import { alertsContract } from "./_alerts.ts";
import { auditContract } from "./_audit.ts";
import { cancellingContract } from "./_cancelling.ts";
import { endsContract } from "./_ends.ts";
import { eventsContract } from "./_events.ts";
import { historyContract } from "./_history.ts";
import { failingContract } from "./_failing.ts";
import { healContract } from "./_heal.ts";
import { jobListContract } from "./_job_list.ts";
import { jobsContract } from "./_jobs.ts";
import { logsContract } from "./_logs.ts";
import { keysContract } from "./_keys.ts";
import { lossesContract } from "./_losses.ts";
import { narrowedContract } from "./_narrowed.ts";
import { needsContract } from "./_needs.ts";
import { overlapContract } from "./_overlap.ts";
import { queueContract } from "./_queue.ts";
import { retentionContract } from "./_retention.ts";
import { revisionsContract } from "./_revisions.ts";
import { runsContract } from "./_runs.ts";
import { servicesContract } from "./_services.ts";
import { schedulingContract } from "./_scheduling.ts";
import { statisticsContract } from "./_statistics.ts";
import { totalsContract } from "./_totals.ts";
import { webhooksContract } from "./_webhooks.ts";
import { waitingContract } from "./_waiting.ts";
import { workersContract } from "./_workers.ts";
import { visibleContract } from "./_visible.ts";

/** An empty database for one test. */
export interface Opened extends AsyncDisposable {
  readonly store: Store;
  /** The same database through another connection. */
  another(): Promise<Store>;
  /** Runs one statement beside the store, on a connection of its own. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
}

/** Names a behaviour and checks it on an empty database. */
export type Check = (name: string, check: (opened: Opened) => Promise<void>) => void;

/** Registers the suite for the database that `open` opens. */
export function storeContract(database: string, open: () => Promise<Opened>): void {
  const check: Check = (name, body) => {
    Deno.test(`${database}: ${name}`, async () => {
      await using opened = await open();
      await body(opened);
    });
  };
  jobsContract(check);
  jobListContract(check);
  keysContract(check);
  revisionsContract(check);
  schedulingContract(check);
  healContract(check);
  retentionContract(check);
  historyContract(check);
  queueContract(check);
  endsContract(check);
  eventsContract(check);
  lossesContract(check);
  needsContract(check);
  overlapContract(check);
  cancellingContract(check);
  runsContract(check);
  logsContract(check);
  accountsContract(check);
  auditContract(check);
  webhooksContract(check);
  alertsContract(check);
  alertSignalsContract(check);
  visibleContract(check);
  servicesContract(check);
  totalsContract(check);
  failingContract(check);
  workersContract(check);
  waitingContract(check);
  narrowedContract(check);
  statisticsContract(check);
}
