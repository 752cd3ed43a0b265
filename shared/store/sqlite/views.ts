import { MAX_VIEWS, type SavedView } from "../../domain/mod.ts";
import { toNumber } from "../rows.ts";
import { tooManyViews, toSavedView } from "../view_rows.ts";
import type { NewView, ViewStore } from "../view_store.ts";
import type { Connection } from "./connection.ts";

// Index: saved_views_by_name, as in all that follow.
const OTHERS = "SELECT count(*) AS n FROM saved_views WHERE owner = :owner AND name <> :name";

const SAVE = `
  INSERT INTO saved_views (owner, name, query, created_at) VALUES (:owner, :name, :query, :now)
  ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query, created_at = excluded.created_at
  RETURNING *`;

const LIST = "SELECT * FROM saved_views WHERE owner = :owner ORDER BY name";

const REMOVE = "DELETE FROM saved_views WHERE id = :id AND owner = :owner";

/** Saved views in SQLite. */
export class SqliteViews implements ViewStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  save({ owner, name, query, now }: NewView): Promise<SavedView> {
    return this.#db.write(() => {
      if (toNumber(this.#db.one(OTHERS, { owner, name })) >= MAX_VIEWS) throw tooManyViews();
      return toSavedView(this.#db.one(SAVE, { owner, name, query, now }));
    });
  }

  list(owner: string): Promise<readonly SavedView[]> {
    return this.#db.read(() => this.#db.all(LIST, { owner }).map(toSavedView));
  }

  remove(id: number, owner: string): Promise<boolean> {
    return this.#db.write(() => this.#db.run(REMOVE, { id, owner }) === 1);
  }
}
