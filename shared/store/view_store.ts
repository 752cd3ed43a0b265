import type { SavedView } from "../domain/mod.ts";
import type { By } from "./by.ts";

/** Filters of lists that people keep under a name; each belongs to its owner alone. */
export interface ViewStore {
  /**
   * Keeps a query under a name, in place of the one that has the name.
   * @throws {Conflict} when the owner has too many.
   */
  save(view: NewView): Promise<SavedView>;
  /** The views of an owner by their names. */
  list(owner: string): Promise<readonly SavedView[]>;
  /** Removes a view. False: its owner has none with the id. */
  remove(id: number, request: ViewOwner): Promise<boolean>;
}

/** A view that somebody saves. */
export interface NewView extends Pick<SavedView, "name" | "query">, ViewOwner {}

/** Whose view is changed, and by whom. */
export interface ViewOwner extends By {
  /** As `ownerOf()` of the operations answers. */
  readonly owner: string;
}
