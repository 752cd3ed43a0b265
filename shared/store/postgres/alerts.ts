/**
 * Alerts in PostgreSQL.
 *
 * @module
 */
import type { AlertStore } from "../alert_store.ts";
import type { Step, StepValue, Work } from "../alert_work.ts";
import { Alerts } from "../alerts.ts";
import type { By } from "../by.ts";
import type { Row } from "../rows.ts";
import { audit } from "./audit.ts";
import { type Connection, type Session, type Statement, statement } from "./connection.ts";
import { settledUntil } from "./events.ts";
import { instant, text, type Value } from "./values.ts";

/** Alerts on a server. `announce` notifies pages of what is new. */
export function postgresAlerts(db: Connection, announce: () => void): AlertStore {
  return new Alerts({
    read: (work) => run(db, work()),
    async write(work, by) {
      const result = await db.transaction((tx) => run(tx, work(), by));
      announce();
      return result;
    },
    settledUntil: (range) => settledUntil(db, range),
  });
}

async function run<Result>(session: Session, work: Work<Result>, by?: By): Promise<Result> {
  let step = work.next([]);
  while (!step.done) step = work.next(await perform(session, step.value, by));
  return step.value;
}

async function perform(session: Session, step: Step, by: By | undefined): Promise<readonly Row[]> {
  if ("sql" in step) {
    const { sql, names } = numbered(step.sql);
    return await session.all(sql, names.map((name) => plain(step.values[name])));
  }
  if (by !== undefined) await audit(session, by, step.audit);
  return [];
}

interface Numbered {
  readonly sql: Statement;
  readonly names: readonly string[];
}

const KNOWN = new Map<string, Numbered>();

/** A statement with `$1` in place of its first name, and so on. */
function numbered(sql: string): Numbered {
  const known = KNOWN.get(sql);
  if (known !== undefined) return known;
  const names: string[] = [];
  const text = sql.replaceAll("{true}", "true").replaceAll(/:([a-z]\w*)/gi, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  const made = { sql: statement(text), names };
  KNOWN.set(sql, made);
  return made;
}

function plain(value: StepValue | undefined): Value {
  if (value === undefined) throw new TypeError("A statement names a parameter that it was not given");
  if (value !== null && typeof value === "object") return instant(value.instant);
  return typeof value === "string" ? text(value) : value;
}
