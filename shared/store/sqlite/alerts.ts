/**
 * Alerts in SQLite: work runs between BEGIN and COMMIT without a pause.
 *
 * @module
 */
import { eventId } from "../../domain/mod.ts";
import type { AlertStore } from "../alert_store.ts";
import type { Step, StepValue, Work } from "../alert_work.ts";
import { Alerts } from "../alerts.ts";
import type { By } from "../by.ts";
import { type Row, toNumber } from "../rows.ts";
import { audit } from "./audit.ts";
import type { Connection } from "./connection.ts";
import type { Value } from "./statement.ts";

// Index: the primary key.
const LAST = "SELECT max(id) AS n FROM (SELECT id FROM run_events WHERE id > :after ORDER BY id LIMIT :limit)";

/** Alerts on a file. */
export function sqliteAlerts(db: Connection): AlertStore {
  return new Alerts({
    read: (work) => db.read(() => run(db, work())),
    write: (work, by) => db.write(() => run(db, work(), by)),
    settledUntil: ({ after, limit }) =>
      db.read(() => {
        const last = db.one(LAST, { after, limit });
        return last["n"] === null ? null : eventId(toNumber(last));
      }),
  });
}

function run<Result>(db: Connection, work: Work<Result>, by?: By): Result {
  let step = work.next([]);
  while (!step.done) step = work.next(perform(db, step.value, by));
  return step.value;
}

function perform(db: Connection, step: Step, by: By | undefined): readonly Row[] {
  if ("sql" in step) {
    const values = Object.entries(step.values).map(([name, value]) => [name, plain(value)]);
    return db.all(step.sql.replaceAll("{true}", "1"), Object.fromEntries(values));
  }
  if (by !== undefined) audit(db, by, step.audit);
  return [];
}

function plain(value: StepValue): Value {
  return value !== null && typeof value === "object" ? value.instant : value;
}
