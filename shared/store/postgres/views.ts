import { MAX_VIEWS, type SavedView } from "../../domain/mod.ts";
import { viewRemoved, viewSaved } from "../audit_changes.ts";
import { toNumber } from "../rows.ts";
import { tooManyViews, toSavedView } from "../view_rows.ts";
import type { NewView, ViewOwner, ViewStore } from "../view_store.ts";
import { audit } from "./audit.ts";
import { type Connection, statement } from "./connection.ts";
import { instant, text } from "./values.ts";

// Index: saved_views_by_name, as in all that follow.
const OTHERS = statement("SELECT count(*) AS n FROM saved_views WHERE owner = $1 AND name <> $2");

const SAVE = statement(`
  INSERT INTO saved_views (owner, name, query, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query, created_at = excluded.created_at
  RETURNING *`);

const LIST = statement(`SELECT * FROM saved_views WHERE owner = $1 ORDER BY name COLLATE "C"`);

const REMOVE = statement("DELETE FROM saved_views WHERE id = $1 AND owner = $2 RETURNING *");

/** Saved views in PostgreSQL. */
export class PostgresViews implements ViewStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async save(request: NewView): Promise<SavedView> {
    const { owner, name, query, now } = request;
    return await this.#db.transaction(async (tx) => {
      const [others = {}] = await tx.all(OTHERS, [owner, text(name)]);
      if (toNumber(others) >= MAX_VIEWS) throw tooManyViews();
      const [row = {}] = await tx.all(SAVE, [owner, text(name), text(query), instant(now)]);
      const view = toSavedView(row);
      await audit(tx, request, viewSaved(view));
      return view;
    });
  }

  async list(owner: string): Promise<readonly SavedView[]> {
    return (await this.#db.all(LIST, [owner])).map(toSavedView);
  }

  async remove(id: number, request: ViewOwner): Promise<boolean> {
    return await this.#db.transaction(async (tx) => {
      const [row] = await tx.all(REMOVE, [id, request.owner]);
      if (row !== undefined) await audit(tx, request, viewRemoved(toSavedView(row)));
      return row !== undefined;
    });
  }
}
