import { deepStrictEqual as same } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Statement } from "../../shared/store/sqlite/statement.ts";

/** A database in memory with a table of two rows. */
function opened(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE job (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO job VALUES (1, 'nightly'), (2, NULL)");
  return db;
}

Deno.test("a statement in SQLite names the columns of its rows, however they are read", () => {
  using db = opened();
  const statement = new Statement(db.prepare("SELECT id, name AS title FROM job WHERE id >= :from ORDER BY id"));
  const rows = [{ id: 1, title: "nightly" }, { id: 2, title: null }];
  same(statement.all({ from: 1 }), rows);
  same([...statement.each({ from: 1 })], rows);
  same(statement.get({ from: 2 }), rows[1]);
  same(statement.get({ from: 3 }), undefined);
  same(statement.all({ from: 3 }), []);
});

Deno.test("a statement in SQLite names a column that a migration has added since", () => {
  using db = opened();
  const statement = new Statement(db.prepare("SELECT * FROM job WHERE id = ?"));
  same(statement.get([1]), { id: 1, name: "nightly" });
  db.exec("ALTER TABLE job ADD COLUMN owner TEXT DEFAULT 'ops'");
  // SQLite prepares it anew while it reads this row.
  statement.get([1]);
  same(statement.get([1]), { id: 1, name: "nightly", owner: "ops" });
  same(statement.all([2]), [{ id: 2, name: null, owner: "ops" }]);
});

Deno.test("a statement in SQLite answers how many rows it changed", () => {
  using db = opened();
  same(new Statement(db.prepare("UPDATE job SET name = :name")).run({ name: "hourly" }), 2);
  same(new Statement(db.prepare("SELECT DISTINCT name FROM job")).all([]), [{ name: "hourly" }]);
});
