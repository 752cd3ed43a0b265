import { DatabaseSync } from "node:sqlite";
import type { Contestant } from "./contestant.ts";

const BATCH = 100;

const TABLE = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS bare_job (
    id INTEGER PRIMARY KEY,
    status TEXT NOT NULL DEFAULT 'waiting',
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS bare_job_waiting ON bare_job (at, id) WHERE status = 'waiting'`;

/** The ceiling on SQLite: claim and complete in batches, each one durable transaction, with no other process on the file. */
export const bareSqlite: Contestant = {
  name: "bare loop on node:sqlite",
  settings:
    `one connection, WAL, synchronous FULL, batches of ${BATCH}, completion and the next claim in one transaction`,
  keeps: "the row, marked as done",
  open(url) {
    const db = new DatabaseSync(url.replace("sqlite:///", ""));
    db.exec(TABLE);
    const insert = db.prepare("INSERT INTO bare_job (at) VALUES (?)");
    const waiting = db.prepare(
      "SELECT id FROM bare_job WHERE status = 'waiting' AND at <= ? ORDER BY at, id LIMIT ?",
    );
    const claim = db.prepare("UPDATE bare_job SET status = 'running' WHERE id = ? AND status = 'waiting'");
    const end = db.prepare("UPDATE bare_job SET status = 'done' WHERE id = ? AND status = 'running'");
    const unfinished = db.prepare("SELECT EXISTS (SELECT 1 FROM bare_job WHERE status <> 'done') AS n");

    function transaction<Result>(work: () => Result): Result {
      db.exec("BEGIN IMMEDIATE");
      const result = work();
      db.exec("COMMIT");
      return result;
    }

    return Promise.resolve({
      enqueue(count) {
        for (let added = 0; added < count; added += BATCH) {
          transaction(() => {
            for (let n = 0; n < Math.min(BATCH, count - added); n++) insert.run(Date.now());
          });
        }
        return Promise.resolve();
      },
      add: null,
      dispatch: null,
      work(onStart) {
        for (let running: number[] = [];;) {
          running = transaction(() => {
            for (const id of running) end.run(id);
            const ids = waiting.all(Date.now(), BATCH).map(({ id }) => Number(id));
            for (const id of ids) claim.run(id);
            return ids;
          });
          for (const _ of running) onStart();
          if (running.length === 0) return Promise.resolve({ stop: () => Promise.resolve() });
        }
      },
      hasUnfinished: () => Promise.resolve(unfinished.get()?.["n"] === 1),
      fillHistory: null,
      [Symbol.asyncDispose]() {
        db.close();
        return Promise.resolve();
      },
    });
  },
};
