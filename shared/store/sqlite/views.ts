import { MAX_VIEWS, type SavedView } from "../../domain/mod.ts";
import { viewRemoved, viewSaved } from "../audit_changes.ts";
import { toNumber } from "../rows.ts";
import { tooManyViews, toSavedView } from "../view_rows.ts";
import type { NewView, ViewOwner, ViewStore } from "../view_store.ts";
import { audit } from "./audit.ts";
import type { Connection } from "./connection.ts";

// Index: saved_views_by_name, as in all that follow.
const OTHERS = "SELECT count(*) AS n FROM saved_views WHERE owner = :owner AND name <> :name";

const SAVE = `
  INSERT INTO saved_views (owner, name, query, created_at) VALUES (:owner, :name, :query, :now)
  ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query, created_at = excluded.created_at
  RETURNING *`;

const LIST = "SELECT * FROM saved_views WHERE owner = :owner ORDER BY name";

const REMOVE = "DELETE FROM saved_views WHERE id = :id AND owner = :owner RETURNING *";

/** Saved views in SQLite. */
export class SqliteViews implements ViewStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  save(request: NewView): Promise<SavedView> {
    const { owner, name, query, now } = request;
    return this.#db.write(() => {
      if (toNumber(this.#db.one(OTHERS, { owner, name })) >= MAX_VIEWS) throw tooManyViews();
      const view = toSavedView(this.#db.one(SAVE, { owner, name, query, now }));
      audit(this.#db, request, viewSaved(view));
      return view;
    });
  }

  list(owner: string): Promise<readonly SavedView[]> {
    return this.#db.read(() => this.#db.all(LIST, { owner }).map(toSavedView));
  }

  remove(id: number, request: ViewOwner): Promise<boolean> {
    return this.#db.write(() => {
      const [row] = this.#db.all(REMOVE, { id, owner: request.owner });
      if (row !== undefined) audit(this.#db, request, viewRemoved(toSavedView(row)));
      return row !== undefined;
    });
  }
}
