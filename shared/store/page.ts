/** Most ids that a list is narrowed to. */
export const MOST_IDS = 200;

/** One page of a list; `next` is passed back as `cursor` for the following page, null at the end. */
export interface Page<Item> {
  /** The rows of this page, in the order of the list. */
  readonly items: readonly Item[];
  /** The cursor of the next page; null at the end. */
  readonly next: string | null;
}

/** A page out of the rows of a list query, which reads one more than `limit` to see whether another page follows. */
export function pageOf<Row>(rows: readonly Row[], limit: number, cursorAfter: (last: Row) => string): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursorAfter(last) : null };
}

/** What somebody may see of a list: everything, or what belongs to a job with one of these labels. */
export type Visible = "all" | readonly string[];
